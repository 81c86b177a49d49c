namespace Thor.Autograd.Layers;

/// <summary>Joins all axes from one on, by default all but the batch: (n, a, b, ...) becomes (n, a b ...). No element is moved.</summary>
public sealed class Flatten : Layer
{
    private readonly int _startAxis;

    /// <summary>A layer that keeps the axes before <paramref name="startAxis"/>.</summary>
    public Flatten(int startAxis = 1)
    {
        _startAxis = startAxis;
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.Flatten(_startAxis);
}
