using System.Diagnostics;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Invert;

/// <summary>Measures what an accelerator can do at most.</summary>
internal static class DeviceRoof
{
    private const int Rounds = 9;
    private const int GroupsPerMultiprocessor = 8;
    private const int ThreadsPerCore = 2;
    private const double LeastMilliseconds = 4;
    private const long GpuCopyBytes = 512L << 20;
    private const long ProcessorCopyBytes = 128L << 20;
    private const long DebuggerCopyBytes = 1L << 20;
    private const int VectorsPerThread = 1 << 12;
    private const float Factor = 0.999f;
    private const float Summand = 0.001f;

    /// <summary>Measures both roofs; the best of some rounds.</summary>
    public static InvertRoof Measure(Accelerator accelerator) =>
        new(accelerator.Name, accelerator.Properties.Multiprocessors, MultiplyAdds(accelerator), Copy(accelerator));

    private static double MultiplyAdds(Accelerator accelerator)
    {
        bool lanes = accelerator.Properties.IsProcessor;
        int groups = accelerator.Properties.Multiprocessors * (lanes ? ThreadsPerCore : GroupsPerMultiprocessor);
        int threads = lanes ? groups : groups * PeakKernels.GroupThreads;
        using MemoryBuffer<float> sums = accelerator.Allocate<float>(threads);
        double milliseconds;
        int steps = 1;
        do
        {
            steps *= 2;
            int count = steps;
            milliseconds = Best(accelerator, () => Launch(count), rounds: 2);
        }
        while (milliseconds < LeastMilliseconds);

        double operationsPerThread = 2.0 * PeakKernels.Repeats * steps * (lanes ? PeakKernels.ProcessorChains * PeakKernels.Lanes : PeakKernels.Chains);
        return operationsPerThread * threads / (Best(accelerator, () => Launch(steps), Rounds) * 1e6);

        void Launch(int count)
        {
            if (lanes)
            {
                accelerator.Stream.Launch(new KernelConfig(groups, 1), new PeakKernels.MultiplyAddLanesKernel(sums.View, Factor, Summand, count));
            }
            else
            {
                accelerator.Stream.Launch(
                    new KernelConfig(groups, PeakKernels.GroupThreads), new PeakKernels.MultiplyAddKernel(sums.View, Factor, Summand, count));
            }
        }
    }

    private static double Copy(Accelerator accelerator)
    {
        bool lanes = accelerator.Properties.IsProcessor;
        long wanted = !lanes ? GpuCopyBytes : accelerator.Name == TileCaps.Debugger ? DebuggerCopyBytes : ProcessorCopyBytes;
        long bytes = Math.Min(wanted, accelerator.Properties.MaxAllocationBytes >> 20 << 20);
        using MemoryBuffer from = accelerator.Allocate(bytes);
        using MemoryBuffer to = accelerator.Allocate(bytes);
        accelerator.Stream.Clear(from, 0, bytes);
        double milliseconds = Best(accelerator, Launch, Rounds);
        return 2 * bytes / (milliseconds * 1e6);

        void Launch()
        {
            if (lanes)
            {
                int vectors = (int)Math.Min(VectorsPerThread, bytes / ArrayView<FloatX16>.ElementSize);
                KernelConfig config = new((int)(bytes / ((long)vectors * ArrayView<FloatX16>.ElementSize)), 1);
                accelerator.Stream.Launch(config, new PeakKernels.CopyLanesKernel(from.View<FloatX16>(), to.View<FloatX16>(), vectors));
            }
            else
            {
                long perGroup = (long)PeakKernels.GroupThreads * PeakKernels.VectorsPerThread * ArrayView<FloatX4>.ElementSize;
                KernelConfig config = new((int)(bytes / perGroup), PeakKernels.GroupThreads);
                accelerator.Stream.Launch(config, new PeakKernels.CopyKernel(from.View<FloatX4>(), to.View<FloatX4>()));
            }
        }
    }

    private static double Best(Accelerator accelerator, Action launch, int rounds)
    {
        double best = double.PositiveInfinity;
        for (int round = 0; round < rounds; round++)
        {
            best = Math.Min(best, Milliseconds(accelerator, launch));
        }

        return best;
    }

    private static double Milliseconds(Accelerator accelerator, Action launch)
    {
        if (accelerator.Properties.IsProcessor)
        {
            accelerator.Synchronize();
            long begin = Stopwatch.GetTimestamp();
            launch();
            accelerator.Synchronize();
            return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        using AcceleratorEvent start = accelerator.Stream.RecordTimed();
        launch();
        using AcceleratorEvent end = accelerator.Stream.RecordTimed();
        return end.MillisecondsSince(start);
    }
}
