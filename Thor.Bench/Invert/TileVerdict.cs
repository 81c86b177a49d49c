namespace Thor.Bench.Invert;

/// <summary>How good a result is.</summary>
/// <param name="ResidualRatio">The residual in units of what rounding explains.</param>
/// <param name="ForwardError">Relative error in the Frobenius norm.</param>
/// <param name="Failure">What is wrong; null if nothing is.</param>
internal readonly record struct TileVerdict(double ResidualRatio, double ForwardError, string? Failure)
{
    /// <summary>The worse of both in every respect.</summary>
    public TileVerdict And(TileVerdict other) => new(
        Math.Max(ResidualRatio, other.ResidualRatio), Math.Max(ForwardError, other.ForwardError), Failure ?? other.Failure);
}
