using Thor.Kernels;

namespace Thor.Autograd.Layers;

/// <summary>Mean of the elements inside the image of each window of (n, channels, height, width); output size as in <see cref="Pooling2d"/>.</summary>
public sealed class AveragePool2d : Layer
{
    private readonly Pooling2d _geometry;

    /// <summary>A square window that moves by its own size.</summary>
    public AveragePool2d(int size)
        : this(Pooling2d.Square(Positive(size, nameof(size))))
    {
    }

    /// <summary>Any window.</summary>
    public AveragePool2d(Pooling2d geometry)
    {
        _geometry = geometry;
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.AveragePool2d(_geometry);
}
