namespace Thor.Autograd.Layers;

/// <summary>Hyperbolic tangent, element by element.</summary>
public sealed class Tanh : Layer
{
    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.Tanh();
}
