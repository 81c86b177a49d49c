namespace Thor.Autograd.Losses;

/// <summary>How a loss came about. It stays with the loss through products with numbers and sums with other terms.</summary>
/// <param name="Divisor">What the sum of the samples' losses was divided by.</param>
/// <param name="Distribution">What the model predicts, in the sense of this loss; null for the sum of several losses.</param>
internal sealed record LossOrigin(double Divisor, PredictiveDistribution? Distribution)
{
    /// <summary>That of a loss times a number.</summary>
    public LossOrigin Times(double factor) => this with { Divisor = Divisor / factor };

    /// <summary>
    /// That of a sum. A term of unknown origin, such as a penalty on the weights, changes nothing; of two losses the one with the larger weight
    /// decides what counts as the loss of one sample.
    /// </summary>
    public static LossOrigin? OfSum(LossOrigin? a, LossOrigin? b) =>
        a is null || b is null ? a ?? b : new LossOrigin(Math.MinMagnitude(a.Divisor, b.Divisor), null);
}
