using System.Globalization;
using Thor.Engine;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>
/// The three tile primitives on an accelerator, by the device's clock, results verified first: on a GPU beside its nominal peak of
/// multiply-adds, on a processor beside our own host.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="variants">Whether to measure every kernel for GPUs beside the one that is chosen.</param>
internal sealed class DeviceTileMeasures(Device device, bool variants) : MeasureSet
{
    private const int Blocks = 11;

    // Tiles of 128 a second that a GPU of the H200's class should invert from this batch on, and share of the peak of the other primitives.
    private const double TilesPerSecond = 12e6;
    private const double LeastPeak = 0.6 * 60e3;
    private const int LeastBatch = 4096;
    private const double ShareTarget = 0.6;
    private const double ProcessorTarget = 0.8;

    public override string Name => "tile";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        using Accelerator accelerator = Accelerator.Open(device.ToString());
        bool isProcessor = accelerator.Properties.IsProcessor;
        foreach (int n in (int[])[128, 64, 32, 16, 256])
        {
            foreach (int batch in isProcessor ? (int[])[64] : [64, 1024, 4096, 16384])
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"tile-inverse {n} x{batch} {device}");
                if (!wanted(name))
                {
                    continue;
                }

                using DeviceTileInverse workload = new(accelerator, n, batch);
                foreach (TileInverseMethod method in Methods(isProcessor, n))
                {
                    double? target = isProcessor ? ProcessorTarget
                        : n == 128 && batch >= LeastBatch && accelerator.Properties.PeakGigaflops >= LeastPeak
                        ? TilesPerSecond * workload.Operations / batch / (accelerator.Properties.PeakGigaflops * 1e9)
                        : null;
                    foreach (MicroResult row in Measure($"{name}{Needs(accelerator, method)}", accelerator, workload, () => workload.Queue(method), batch, target))
                    {
                        yield return row;
                    }
                }
            }
        }

        foreach (string name in DeviceTileWorkload.Names(isProcessor))
        {
            if (wanted($"{name} {device}"))
            {
                using DeviceTileWorkload workload = DeviceTileWorkload.Create(name, accelerator);
                foreach (MicroResult row in Measure($"{name} {device}", accelerator, workload, workload.Queue, 0, isProcessor ? ProcessorTarget : ShareTarget))
                {
                    yield return row;
                }
            }
        }
    }

    private TileInverseMethod[] Methods(bool isProcessor, int n) => (isProcessor || !variants, n) switch
    {
        (true, _) => [TileInverseMethod.Automatic],
        (false, > TileInverseKernels.MaximumDimension) => [TileInverseMethod.Blocks],
        _ => [TileInverseMethod.Registers, TileInverseMethod.Blocks],
    };

    /// <summary>The kernel with the registers of a thread and the bytes that did not fit, on CUDA.</summary>
    private static string Needs(Accelerator accelerator, TileInverseMethod method)
    {
        if (accelerator is not CudaAccelerator cuda || method == TileInverseMethod.Automatic)
        {
            return string.Empty;
        }

        CudaKernelDescription description = method switch
        {
            TileInverseMethod.Registers => cuda.Describe(Source<TileInverseKernels.SweepKernel>(), [80]),
            _ => cuda.Describe(Source<TileInverseKernels.SweepLargeKernel>(), []),
        };
        return string.Create(CultureInfo.InvariantCulture, $" {method} r{description.Registers} l{description.LocalBytes}");
    }

    private static KernelSource Source<TKernel>()
        where TKernel : struct, IKernel => TKernel.Source;

    private static IEnumerable<MicroResult> Measure(
        string name, Accelerator accelerator, DeviceTileWorkload workload, Action queue, int tiles, double? target)
    {
        queue();
        workload.RequireRight(name);
        AcceleratorProperties properties = accelerator.Properties;
        if (properties.IsProcessor)
        {
            PairedTimes times = PairedHarness.Run(
                () =>
                {
                    queue();
                    accelerator.Synchronize();
                },
                workload.RunHost,
                Pairs);
            foreach (MicroResult row in Rows(name, "host", times, workload.Operations, target))
            {
                yield return row;
            }

            yield break;
        }

        double milliseconds = DeviceClock.Median(accelerator, queue, Blocks);
        double gflops = workload.Operations / (milliseconds * 1e6);
        string implementation = tiles == 0 ? "thor" : string.Create(CultureInfo.InvariantCulture, $"thor {tiles / milliseconds / 1000:F3} Mt/s");
        yield return new MicroResult(
            name, implementation, milliseconds, gflops, properties.PeakGigaflops > 0 ? gflops / properties.PeakGigaflops : null, target);
    }
}
