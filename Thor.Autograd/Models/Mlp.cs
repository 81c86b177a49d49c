using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Models;

/// <summary>
/// Dense layers with an activation between them; input (n, ...) is flattened to (n, widths[0]), output (n, widths[^1]).
/// State: layers.0.weight, layers.0.bias, layers.2.weight, ... (the odd numbers are the activations).
/// </summary>
public sealed class Mlp : Layer
{
    private readonly Sequential _layers;

    /// <summary>A network with torch's default initialisation.</summary>
    /// <param name="widths">Input width, hidden widths, output width.</param>
    /// <param name="activation">After every dense layer but the last.</param>
    /// <param name="random">Where initial values come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    /// <exception cref="ArgumentException">There are fewer than two widths.</exception>
    public Mlp(IReadOnlyList<int> widths, Activation activation = Activation.Relu, RandomStream? random = null, DType type = DType.Float32)
    {
        _layers = Register("layers", DenseStack.Create(widths, activation, random, type));
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => _layers.Forward(input.Flatten());
}
