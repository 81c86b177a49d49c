namespace Thor.Autograd.Layers;

/// <summary>x Phi(x) with the exact Gaussian distribution function, element by element (Hendrycks and Gimpel 2016).</summary>
public sealed class Gelu : Layer
{
    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.Gelu();
}
