using Thor.Kernels.Accelerators;

namespace Thor.Bench.Micro;

/// <summary>Times of queued work by the device's own clock.</summary>
internal static class DeviceClock
{
    private const double BlockMilliseconds = 2;
    private const int MostCalls = 200;

    /// <summary>Median of so many blocks of calls that follow one another, in milliseconds of a call.</summary>
    public static double Median(Accelerator accelerator, Action queue, int blocks)
    {
        Block(accelerator, queue, 2);
        int calls = (int)Math.Clamp(BlockMilliseconds / Block(accelerator, queue, 2), 1, MostCalls);
        double[] times = new double[blocks];
        for (int i = 0; i < blocks; i++)
        {
            times[i] = Block(accelerator, queue, calls);
        }

        Array.Sort(times);
        return times[blocks / 2];
    }

    private static double Block(Accelerator accelerator, Action queue, int calls)
    {
        using AcceleratorEvent start = accelerator.Stream.Record();
        for (int i = 0; i < calls; i++)
        {
            queue();
        }

        using AcceleratorEvent end = accelerator.Stream.Record();
        return end.MillisecondsSince(start) / calls;
    }
}
