using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Models;

/// <summary>What fully connected models are made of.</summary>
internal static class DenseStack
{
    /// <summary>Dense layers from each width to the next, with an activation between them but not at the end.</summary>
    /// <exception cref="ArgumentException">There are fewer than two widths.</exception>
    public static Sequential Create(IReadOnlyList<int> widths, Activation activation, RandomStream? random, DType type)
    {
        ArgumentNullException.ThrowIfNull(widths);
        if (widths.Count < 2)
        {
            throw new ArgumentException($"A dense network needs an input and an output width, got {widths.Count} in all.", nameof(widths));
        }

        List<Layer> layers = [];
        for (int i = 1; i < widths.Count; i++)
        {
            layers.Add(new Linear(widths[i - 1], widths[i], bias: true, random, type));
            if (i < widths.Count - 1)
            {
                layers.Add(activation.ToLayer());
            }
        }

        return new Sequential(layers);
    }
}
