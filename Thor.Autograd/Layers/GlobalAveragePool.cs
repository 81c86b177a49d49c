namespace Thor.Autograd.Layers;

/// <summary>Mean of each channel of (n, channels, height, width): (n, channels).</summary>
public sealed class GlobalAveragePool : Layer
{
    /// <inheritdoc/>
    protected override Variable Run(Variable input) => input.GlobalAveragePool2d();
}
