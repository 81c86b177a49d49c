using System.Diagnostics;
using System.Runtime.InteropServices;
using Thor.Kernels.Host;

namespace Thor.Bench.Invert;

/// <summary>Measures what the host's threads can do at most.</summary>
internal static unsafe class HostRoof
{
    // Many: one of them should have all processors to itself.
    private const int Rounds = 25;
    private const int Pieces = 64;
    private const long LeastCopyBytes = 128L << 20;

    // Milliseconds of work for each thread, beside which waking it is nothing.
    private const long Steps = 1_000_000;

    /// <summary>Measures both roofs on the threads that the pool has now; the best of some rounds.</summary>
    public static InvertRoof Measure()
    {
        int threads = WorkerPool.Shared.Threads;
        double milliseconds = Best(() => WorkerPool.For(threads, default(Share)));
        double gflops = (double)Steps * PeakKernels.OperationsPerStep * threads / (milliseconds * 1e6);
        return new InvertRoof("host", threads, gflops, Copy());
    }

    private static double Copy()
    {
        long bytes = Math.Max(LeastCopyBytes, 4 * HostMemory.CacheBytes) / Pieces * Pieces;
        byte* from = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        byte* to = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        NativeMemory.Fill(from, (nuint)bytes, 1);
        double milliseconds = Best(() => WorkerPool.For(Pieces, new CopyPiece(from, to, bytes / Pieces)));
        NativeMemory.AlignedFree(from);
        NativeMemory.AlignedFree(to);
        return 2 * bytes / (milliseconds * 1e6);
    }

    private static double Best(Action action)
    {
        double best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return best;
    }

    private readonly struct Share : IParallelBody
    {
        public void Invoke(int index)
        {
            if (!float.IsFinite(PeakKernels.MultiplyAdd(Steps)))
            {
                throw new InvalidOperationException("The multiply-adds of the peak did not converge.");
            }
        }
    }

    private readonly struct CopyPiece(byte* from, byte* to, long bytes) : IParallelBody
    {
        private readonly byte* _from = from;
        private readonly byte* _to = to;

        public void Invoke(int index) => Buffer.MemoryCopy(_from + (index * bytes), _to + (index * bytes), bytes, bytes);
    }
}
