namespace Thor.Autograd.Layers;

/// <summary>max(x, 0), element by element; the gradient at 0 is 0.</summary>
public sealed class Relu : Layer
{
    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.Relu();
}
