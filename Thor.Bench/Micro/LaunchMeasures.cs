using System.Diagnostics;
using System.Globalization;
using Thor.Engine;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>
/// What a launch costs on an accelerator: the call alone, with waiting for the kernel, and a hundred in a row, one by one and recorded
/// as one unit. Refuses to report a device whose launches allocate on the managed heap.
/// </summary>
internal sealed class LaunchMeasures(Device device) : MeasureSet
{
    private const int Sequence = 100;
    private const int WarmUpSequences = 30;

    private static readonly KernelConfig s_config = new(1, 32);

    public override string Name => "launch";

    public override string? Missing => device.IsHost ? "the host launches nothing" : null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        (string Name, Func<AcceleratorStream, double?> Measure)[] measures =
        [
            ($"launch empty {device}", CallMilliseconds),
            ($"launch empty-and-wait {device}", static stream => PairedHarness.Run(() => Submit(stream, 1, wait: true), Pairs)),
            ($"launch sequence-of-{Sequence} {device}", static stream => PairedHarness.Run(() => Submit(stream, Sequence, wait: true), Pairs)),
            ($"launch recorded-sequence-of-{Sequence} {device}", RecordedMilliseconds),
        ];
        if (!measures.Any(measure => wanted(measure.Name)))
        {
            yield break;
        }

        using Accelerator accelerator = Accelerator.Open(device.ToString());
        RequireNoAllocation(accelerator);
        foreach ((string name, Func<AcceleratorStream, double?> measure) in measures)
        {
            if (wanted(name) && measure(accelerator.Stream) is double milliseconds)
            {
                yield return new MicroResult(name, "thor", milliseconds, null, null);
            }
        }
    }

    private static void Submit(AcceleratorStream stream, int launches, bool wait)
    {
        for (int i = 0; i < launches; i++)
        {
            stream.Launch(s_config, new EmptyKernels.EmptyKernel(i));
        }

        if (wait)
        {
            stream.Synchronize();
        }
    }

    /// <summary>Median over sequences of the time until the calls return, for one call.</summary>
    private static double? CallMilliseconds(AcceleratorStream stream)
    {
        const int Sequences = 201;
        double[] times = new double[Sequences];
        for (int i = 0; i < Sequences; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Submit(stream, Sequence, wait: false);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Sequence;
            stream.Synchronize();
        }

        Array.Sort(times);
        return times[Sequences / 2];
    }

    /// <summary>Null where the device cannot record.</summary>
    private static double? RecordedMilliseconds(AcceleratorStream stream)
    {
        using AcceleratorGraph? graph = stream.Capture(() => Submit(stream, Sequence, wait: false));
        return graph is null ? null : PairedHarness.Run(
            () =>
            {
                graph.Launch();
                stream.Synchronize();
            },
            Pairs);
    }

    private static void RequireNoAllocation(Accelerator accelerator)
    {
        for (int i = 0; i < WarmUpSequences; i++)
        {
            Submit(accelerator.Stream, Sequence, wait: true);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Submit(accelerator.Stream, Sequence, wait: true);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        if (bytes != 0)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"{Sequence} launches on {accelerator.Name} allocated {bytes} bytes on the managed heap; they must allocate none."));
        }
    }
}
