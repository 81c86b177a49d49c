using System.Globalization;
using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>
/// Matrix products on an accelerator: on CUDA beside cuBLAS in the same precision, timed by events of the device; elsewhere beside our own host.
/// Results are compared before they are timed.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="variants">Whether to measure every plan beside the one that is chosen.</param>
internal sealed class DeviceGemmMeasures(Device device, bool variants) : MeasureSet
{
    private const double BlockMilliseconds = 2;
    private const int MostCalls = 200;
    private const int EventPairs = 11;
    private const int VariantPairs = 5;
    private const double Float32Target = 0.8;
    private const double TensorTarget = 0.6;
    private const double ProcessorTarget = 0.35;
    private const int LeastTargetSize = 512;

    public override string Name => "gemm";

    public override string? Missing => device.Kind == "cuda" ? CuBlas.Missing : null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        using Accelerator accelerator = Accelerator.Open(device.ToString());
        bool isCuda = device.Kind == "cuda";
        using CuBlas? blas = isCuda ? new CuBlas(accelerator.Stream) : null;
        foreach (MatMulPrecision precision in isCuda ? Enum.GetValues<MatMulPrecision>() : [MatMulPrecision.Float32])
        {
            foreach (GemmShape shape in Shapes(isCuda, precision))
            {
                string name = $"{shape} {Text(precision)} {device}";
                if (!wanted(name))
                {
                    continue;
                }

                using DeviceGemmWorkload workload = new(shape, accelerator, blas);
                foreach (MicroResult row in Measure(name, shape, precision, accelerator, workload))
                {
                    yield return row;
                }
            }
        }
    }

    private static IEnumerable<GemmShape> Shapes(bool isCuda, MatMulPrecision precision)
    {
        int[] squares = !isCuda ? [256, 512, 1024] : precision == MatMulPrecision.Float32 ? [512, 1024, 2048, 4096, 8192] : [1024, 2048, 4096, 8192];
        foreach (int size in squares)
        {
            yield return new GemmShape("square", size, size, size);
        }

        int turned = isCuda ? 4096 : 512;
        yield return new GemmShape("square", turned, turned, turned, TransposeB: true);
        yield return new GemmShape("square", turned, turned, turned, TransposeA: true);
        if (precision == MatMulPrecision.Float32)
        {
            yield return new GemmShape("odd", 1023, 1021, 1019);
            foreach (GemmShape shape in GemmShape.All.Where(static shape => shape.Name != "square"))
            {
                yield return shape;
            }
        }
    }

    private static string Text(MatMulPrecision precision) => precision switch
    {
        MatMulPrecision.TensorFloat32 => "tf32",
        MatMulPrecision.BFloat16 => "bf16",
        _ => "fp32",
    };

    private static double? Target(bool isCuda, GemmShape shape, MatMulPrecision precision)
    {
        if (shape.Name != "square" || shape.M < (isCuda ? 2 * LeastTargetSize : LeastTargetSize))
        {
            return null;
        }

        return !isCuda ? ProcessorTarget : precision switch
        {
            MatMulPrecision.Float32 => Float32Target,
            MatMulPrecision.TensorFloat32 => TensorTarget,
            _ => null,
        };
    }

    private IEnumerable<MicroResult> Measure(string name, GemmShape shape, MatMulPrecision precision, Accelerator accelerator, DeviceGemmWorkload workload)
    {
        workload.Peer(precision);
        GemmPlan chosen = GemmPlan.Choose(accelerator.Properties, workload.Sizes, precision);
        PairedTimes times = Time(workload, precision, accelerator, () => workload.Queue(precision), "the chosen plan", EventPairs);
        string peer = device.Kind != "cuda" ? "host" : "cublas";
        double? target = Target(device.Kind == "cuda", shape, precision);
        yield return new MicroResult(
            $"{name} by {Text(chosen)}", "thor", times.ThorMilliseconds, Rate(shape.Operations, times.ThorMilliseconds), times.Ratio, target);
        yield return new MicroResult(name, peer, times.PeerMilliseconds, Rate(shape.Operations, times.PeerMilliseconds), 1);
        if (!variants)
        {
            yield break;
        }

        foreach (GemmPlan plan in Plans(accelerator.Properties, shape, precision))
        {
            PairedTimes other = Time(workload, precision, accelerator, () => workload.Queue(plan), Text(plan), VariantPairs);
            yield return new MicroResult(
                name, $"{Text(plan)}{Needs(accelerator, shape, plan)}", other.ThorMilliseconds, Rate(shape.Operations, other.ThorMilliseconds), other.Ratio);
        }
    }

    /// <summary>Every plan that could serve: each block of the methods of a precision, small products also with their sums in parts.</summary>
    private static IEnumerable<GemmPlan> Plans(AcceleratorProperties properties, GemmShape shape, MatMulPrecision precision)
    {
        GemmMethod[] methods = precision switch
        {
            MatMulPrecision.TensorFloat32 => [GemmMethod.TensorFloat32],
            MatMulPrecision.BFloat16 => [GemmMethod.BFloat16],
            _ when properties.IsProcessor => [GemmMethod.Panels, GemmMethod.Direct],
            _ => [GemmMethod.Async, GemmMethod.Tiled],
        };
        foreach (GemmPlan plan in methods.SelectMany(GemmPlan.Of).Where(plan => plan.Fits(properties)))
        {
            yield return plan;
            bool fewGroups = (double)shape.M * shape.N * shape.Batches / (plan.BlockRows * plan.BlockColumns) < 2 * properties.Multiprocessors;
            for (int splits = 2; splits <= 16 && fewGroups && !properties.IsProcessor && shape.K >= 128 * splits; splits *= 2)
            {
                yield return plan with { Splits = splits };
            }
        }
    }

    private static string Text(in GemmPlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"{plan.Method} {plan.BlockRows}x{plan.BlockColumns}{(plan.Splits > 1 ? $"/{plan.Splits}" : string.Empty)}");

    /// <summary>Registers of a thread and bytes that did not fit, on CUDA.</summary>
    private static string Needs(Accelerator accelerator, GemmShape shape, in GemmPlan plan)
    {
        if (accelerator is not CudaAccelerator cuda)
        {
            return string.Empty;
        }

        int layoutA = shape.TransposeA ? GemmKernels.LanesAdjoin : GemmKernels.StepsAdjoin;
        int layoutB = shape.TransposeB ? GemmKernels.StepsAdjoin : GemmKernels.LanesAdjoin;
        CudaKernelDescription description = plan.Method switch
        {
            GemmMethod.Async when plan.ThreadTile > 8 => cuda.Describe(Source<GemmKernels.AsyncLargeKernel>(), [plan.BlockRows, plan.BlockColumns, layoutA, layoutB]),
            GemmMethod.Async => cuda.Describe(Source<GemmKernels.AsyncKernel>(), [plan.BlockRows, plan.BlockColumns, plan.ThreadTile, layoutA, layoutB]),
            GemmMethod.Tiled => cuda.Describe(Source<GemmKernels.TiledKernel>(), [plan.BlockRows, plan.BlockColumns, plan.ThreadTile]),
            _ => cuda.Describe(
                Source<GemmKernels.TensorCoresKernel>(), [plan.BlockRows, plan.BlockColumns, layoutA, layoutB, plan.Method == GemmMethod.BFloat16 ? 1 : 0]),
        };
        return string.Create(CultureInfo.InvariantCulture, $" r{description.Registers} l{description.LocalBytes}");
    }

    private static KernelSource Source<TKernel>()
        where TKernel : struct, IKernel => TKernel.Source;

    private static PairedTimes Time(DeviceGemmWorkload workload, MatMulPrecision precision, Accelerator accelerator, Action thor, string what, int pairs)
    {
        workload.Clear();
        thor();
        workload.RequireSame(precision, what);
        if (accelerator is not CudaAccelerator)
        {
            return PairedHarness.Run(
                () =>
                {
                    thor();
                    accelerator.Synchronize();
                },
                () => workload.Peer(precision),
                Math.Min(pairs, Pairs));
        }

        Action peer = () => workload.Peer(precision);
        int thorCalls = Calls(accelerator, thor);
        int peerCalls = Calls(accelerator, peer);
        double[] thorTimes = new double[pairs];
        double[] peerTimes = new double[pairs];
        double[] ratios = new double[pairs];
        for (int i = 0; i < pairs; i++)
        {
            // Who goes first alternates, so that neither always follows the other.
            if (i % 2 == 0)
            {
                thorTimes[i] = Block(accelerator, thor, thorCalls);
                peerTimes[i] = Block(accelerator, peer, peerCalls);
            }
            else
            {
                peerTimes[i] = Block(accelerator, peer, peerCalls);
                thorTimes[i] = Block(accelerator, thor, thorCalls);
            }

            ratios[i] = peerTimes[i] / thorTimes[i];
        }

        Array.Sort(thorTimes);
        Array.Sort(peerTimes);
        Array.Sort(ratios);
        return new PairedTimes(thorTimes[pairs / 2], peerTimes[pairs / 2], ratios[pairs / 2]);
    }

    private static int Calls(Accelerator accelerator, Action action)
    {
        Block(accelerator, action, 2);
        return (int)Math.Clamp(BlockMilliseconds / Block(accelerator, action, 2), 1, MostCalls);
    }

    /// <summary>Milliseconds of a call by the device's clock, over so many in a row.</summary>
    private static double Block(Accelerator accelerator, Action action, int calls)
    {
        using AcceleratorEvent start = accelerator.Stream.RecordTimed();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        using AcceleratorEvent end = accelerator.Stream.RecordTimed();
        return end.MillisecondsSince(start) / calls;
    }
}
