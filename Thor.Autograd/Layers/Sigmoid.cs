namespace Thor.Autograd.Layers;

/// <summary>1 / (1 + e^-x), element by element.</summary>
public sealed class Sigmoid : Layer
{
    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.Sigmoid();
}
