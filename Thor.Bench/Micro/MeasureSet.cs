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

    /// <summary>The measurements whose names pass the filter; each appears when it is done.</summary>
    public abstract IEnumerable<MicroResult> Run(Func<string, bool> wanted);

    /// <summary>Both rows of a pair.</summary>
    protected static IEnumerable<MicroResult> Rows(string name, string peer, PairedTimes times, double? operations, double? target = null)
    {
        yield return new MicroResult(name, "thor", times.ThorMilliseconds, Rate(operations, times.ThorMilliseconds), times.Ratio, target);
        yield return new MicroResult(name, peer, times.PeerMilliseconds, Rate(operations, times.PeerMilliseconds), 1);
    }

    private static double? Rate(double? operations, double milliseconds) => operations / (milliseconds * 1e6);
}
