using Thor.Engine;

namespace Thor.Autograd.Layers;

/// <summary>
/// y = weight (x - mean) / sqrt(variance + epsilon) + bias with the mean and the biased variance of the last axis, which
/// has the given width (Ba et al. 2016). State: weight, bias, both (width).
/// </summary>
public sealed class LayerNorm : CurvatureLayer
{
    /// <summary>A layer with weight 1 and bias 0.</summary>
    public LayerNorm(int width, double epsilon = 1e-5, DType type = DType.Float32)
        : base(Tensor.Ones([Positive(width, nameof(width))], type), Tensor.Zeros([width], type))
    {
        Epsilon = epsilon;
    }

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; }

    private protected override Variable Apply(Variable input)
    {
        if (input.Shape.Rank == 0 || input.Shape[-1] != Weight.Shape[0])
        {
            throw new ShapeException($"LayerNorm: the last axis of the input must be {Weight.Shape[0]}, input {input.Shape}, weight {Weight.Shape}");
        }

        return input.LayerNorm(Weight, Bias!, Epsilon); // the constructor always makes a bias
    }
}
