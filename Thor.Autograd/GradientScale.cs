namespace Thor.Autograd;

/// <summary>
/// What a backward pass knows of the number that it started from: how the gradients of single samples were weighted to make it. Statistics
/// of per-sample gradients divide that out, so that neither the reduction of a loss nor its scale reaches them.
/// </summary>
/// <param name="Divisor">
/// What the loss divided the sum over samples by: their number for a mean, 1 for a sum. Null where the loss is not one of
/// <see cref="Losses.Losses"/>; then it is taken for a mean over samples.
/// </param>
/// <param name="Scale">The number given to <see cref="Variable.Backward(double)"/>, else 1.</param>
public readonly record struct GradientScale(double? Divisor, double Scale)
{
    /// <summary>A loss that is the mean over samples, differentiated as it is.</summary>
    public static GradientScale BatchMean => new(null, 1);

    /// <summary>Gradients that are those of single samples already.</summary>
    internal static GradientScale PerSample => new(1, 1);

    /// <summary>What the gradient of a sample is to be multiplied by to become that of the loss of this sample alone.</summary>
    /// <param name="samples">Samples of the batch.</param>
    public double ToSample(int samples) => (Divisor ?? samples) / Scale;
}
