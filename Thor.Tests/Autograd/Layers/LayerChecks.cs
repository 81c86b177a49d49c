using System.Globalization;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

/// <summary>What the tests of layers share: data, comparisons, and gradients by central differences in float64.</summary>
internal static class LayerChecks
{
    private const double Step = 1e-5;

    public static RandomStream Stream(ulong seed) => new(seed);

    public static Tensor Normal(ulong seed, params int[] extents) => Stream(seed).Normal(new Shape(extents), DType.Float64);

    public static double[] Values(Variable variable) => Values(variable.Value);

    public static double[] Values(Tensor tensor) => tensor.Cast(DType.Float64).ToArray<double>();

    public static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - actual[i]) / Math.Max(1, Math.Abs(expected[i]));
            Assert.True(error <= tolerance, string.Create(CultureInfo.InvariantCulture, $"element {i}: expected {expected[i]:R}, got {actual[i]:R}"));
        }
    }

    /// <summary>Gradients of a fixed random combination of the layer's outputs, in the parameters and in the input where it is floating.</summary>
    public static void CheckGradients(Layer layer, Tensor input)
    {
        Variable x = new(input, requiresGradient: input.DType.IsFloating());
        Tensor weights = Normal(99, layer.Forward(x).Shape.Extents.ToArray());
        List<Variable> leaves = [.. layer.Parameters()];
        if (x.RequiresGradient)
        {
            leaves.Add(x);
        }

        CheckGradients(() => (layer.Forward(x) * weights).Sum(), leaves);
    }

    /// <summary>Gradients of a scalar function in some leaves.</summary>
    public static void CheckGradients(Func<Variable> loss, IReadOnlyList<Variable> leaves)
    {
        foreach (Variable leaf in leaves)
        {
            leaf.Gradient = null;
        }

        loss().Backward();
        foreach (Variable leaf in leaves)
        {
            Assert.NotNull(leaf.Gradient);
            double[] analytic = Values(leaf.Gradient);
            double[] numeric = new double[analytic.Length];
            for (int i = 0; i < numeric.Length; i++)
            {
                double value = leaf.Value.AsSpan<double>()[i];
                leaf.Value.AsSpan<double>()[i] = value + Step;
                double above = loss().Value.Item();
                leaf.Value.AsSpan<double>()[i] = value - Step;
                double below = loss().Value.Item();
                leaf.Value.AsSpan<double>()[i] = value;
                numeric[i] = (above - below) / (2 * Step);
            }

            Near(numeric, analytic, 1e-7);
        }
    }

    /// <summary>A parameter or buffer by its name.</summary>
    public static Tensor State(Module module, string name) => module.StateDict()[name];
}
