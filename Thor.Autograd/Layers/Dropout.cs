using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Layers;

/// <summary>
/// In training mode sets each element to 0 with probability p and scales the others by 1 / (1 - p) (Srivastava et al. 2014);
/// in evaluation mode, or with p = 0, returns its input.
/// </summary>
public sealed class Dropout : Layer
{
    /// <summary>A layer that draws its masks from a stream.</summary>
    /// <exception cref="ArgumentOutOfRangeException">p is outside [0, 1).</exception>
    public Dropout(double p, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (!(p is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "Dropout: p must be at least 0 and less than 1.");
        }

        P = p;
        Random = random;
    }

    /// <summary>Probability that an element is dropped.</summary>
    public double P { get; }

    /// <summary>Where masks come from; its position is part of what a resumed run needs.</summary>
    public RandomStream Random { get; }

    /// <summary>The factors that dropout would apply to a tensor of a shape, or null where it would do nothing.</summary>
    internal Tensor? Mask(Shape shape, Tensor like) =>
        Training && P > 0 ? Random.DropoutMask(shape, 1 - P, like.DType, like.Device) : null;

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => Training && P > 0 ? input.Dropout(P, Random) : input;
}
