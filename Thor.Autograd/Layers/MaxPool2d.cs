using Thor.Kernels;

namespace Thor.Autograd.Layers;

/// <summary>Largest element of each window of (n, channels, height, width); output size as in <see cref="Pooling2d"/>.</summary>
public sealed class MaxPool2d : Layer
{
    private readonly Pooling2d _geometry;

    /// <summary>A square window that moves by its own size.</summary>
    public MaxPool2d(int size)
        : this(Pooling2d.Square(Positive(size, nameof(size))))
    {
    }

    /// <summary>Any window.</summary>
    public MaxPool2d(Pooling2d geometry)
    {
        _geometry = geometry;
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.MaxPool2d(_geometry);
}
