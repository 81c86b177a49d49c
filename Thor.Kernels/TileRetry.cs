namespace Thor.Kernels;

/// <summary>What happens to a tile that cannot be inverted: it is tried again with more damping, on the device and in the same call.</summary>
/// <remarks>
/// Attempt a = 0 ... Retries damps with Factor^a times the slot's damping and ends with the first that succeeds. Tried again are tiles with a bad minor and hopeless ones;
/// what is not finite would stay so. The default is a single attempt.
/// </remarks>
/// <param name="Retries">Most attempts after the first, at most <see cref="MaximumRetries"/>.</param>
/// <param name="Factor">By what each attempt damps more than the last, above 1.</param>
public readonly record struct TileRetry(int Retries, double Factor)
{
    /// <summary>More would outgrow the range of floats before they help.</summary>
    public const int MaximumRetries = 16;
}
