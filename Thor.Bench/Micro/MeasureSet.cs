using Thor.Bench.Peers;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>A family of measurements of one kind, each Thor beside a peer.</summary>
internal abstract class MeasureSet
{
    /// <summary>Pairs of blocks that a median is taken over.</summary>
    protected const int Pairs = 7;

    /// <summary>What --filter matches, beside the names of rows.</summary>
    public abstract string Name { get; }

    /// <summary>Why the set cannot run here; null if it can.</summary>
    public abstract string? Missing { get; }

    /// <summary>The numbers of threads to measure on: one, and all.</summary>
    protected static IEnumerable<int> ThreadCounts => WorkerPool.Shared.Threads is int all and > 1 ? [1, all] : [1];

    /// <summary>The measurements whose names pass the filter; each appears when it is done.</summary>
    public abstract IEnumerable<MicroResult> Run(Func<string, bool> wanted);

    /// <summary>Both rows of a pair.</summary>
    /// <param name="name">Name of both rows.</param>
    /// <param name="peer">Name of the peer.</param>
    /// <param name="times">What was measured.</param>
    /// <param name="operations">Floating-point operations of a call, where they are counted.</param>
    /// <param name="target">What the ratio should at least be, where there is a target.</param>
    /// <param name="peerOperations">Operations of the peer's call if it does other work: the ratio is then one of rates.</param>
    protected internal static IEnumerable<MicroResult> Rows(
        string name, string peer, PairedTimes times, double? operations, double? target = null, double? peerOperations = null)
    {
        double work = operations / peerOperations ?? 1;
        yield return new MicroResult(name, "thor", times.ThorMilliseconds, Rate(operations, times.ThorMilliseconds), times.Ratio * work, target);
        yield return new MicroResult(name, peer, times.PeerMilliseconds, Rate(peerOperations ?? operations, times.PeerMilliseconds), 1);
    }

    /// <summary>Billions of operations per second.</summary>
    protected static double? Rate(double? operations, double milliseconds) => operations / (milliseconds * 1e6);

    /// <summary>Times a pair whose peer is OpenBLAS, both on so many threads.</summary>
    protected static PairedTimes Time(int threads, Action thor, Action peer)
    {
        int before = OpenBlas.Threads;
        try
        {
            OpenBlas.Threads = threads;
            return TimeOurs(threads, thor, peer);
        }
        finally
        {
            OpenBlas.Threads = before;
        }
    }

    /// <summary>Times a pair of which both are ours, on so many threads.</summary>
    protected static PairedTimes TimeOurs(int threads, Action thor, Action peer)
    {
        int before = WorkerPool.Shared.Threads;
        try
        {
            WorkerPool.Shared.Threads = threads;
            return PairedHarness.Run(thor, peer, Pairs);
        }
        finally
        {
            WorkerPool.Shared.Threads = before;
        }
    }
}
