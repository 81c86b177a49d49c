namespace Thor.Bench.Invert;

/// <summary>How long calls of one implementation took.</summary>
/// <param name="Microseconds">Of a whole call, sample by sample; samples of implementations that took turns correspond.</param>
/// <param name="TilesPerPart">Tiles that were done at once: fewer than the batch where a call was cut.</param>
/// <param name="UnitsPerPart">The same in units.</param>
/// <param name="LatencyMicroseconds">Of a call alone, until it is done; null where it was cut.</param>
internal sealed record TileTimes(IReadOnlyList<double> Microseconds, int TilesPerPart, int UnitsPerPart, double? LatencyMicroseconds)
{
    /// <summary>Median of the samples.</summary>
    public double Median => Quantile(Microseconds, 0.5);

    /// <summary>What 5 % of samples stay below.</summary>
    public double Low => Quantile(Microseconds, 0.05);

    /// <summary>What 95 % of samples stay below.</summary>
    public double High => Quantile(Microseconds, 0.95);

    /// <summary>Median over samples of another's time divided by this one's.</summary>
    public double RatioOf(TileTimes other) => Quantile([.. other.Microseconds.Zip(Microseconds, static (theirs, ours) => theirs / ours)], 0.5);

    /// <summary>A quantile, interpolated.</summary>
    public static double Quantile(IReadOnlyList<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
