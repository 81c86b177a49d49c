using System.Globalization;

namespace Thor.Autograd.Layers;

/// <summary>Layers one after the other, named "0", "1", ... in the state.</summary>
public sealed class Sequential : Layer
{
    private readonly Layer[] _layers;

    /// <summary>A chain of layers; an empty one returns its input.</summary>
    public Sequential(params IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = [.. layers];
        for (int i = 0; i < _layers.Length; i++)
        {
            Register(i.ToString(CultureInfo.InvariantCulture), _layers[i]);
        }
    }

    /// <summary>Number of layers.</summary>
    public int Count => _layers.Length;

    /// <summary>One of the layers.</summary>
    public Layer this[int index] => _layers[index];

    /// <inheritdoc/>
    protected override Variable Run(Variable input)
    {
        foreach (Layer layer in _layers)
        {
            input = layer.Forward(input);
        }

        return input;
    }
}
