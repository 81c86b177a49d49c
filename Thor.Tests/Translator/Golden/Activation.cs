using System;
using Thor.Kernels;
using Thor.Kernels.Dialect;

namespace Golden;

public struct Shape
{
    public int Rows;
    public int Columns;
    public float Slope;
}

public enum Rule
{
    Identity,
    Relu,
    Leaky,
    Sigmoid,
}

public static partial class ActivationKernels
{
    private const float Largest = 3e38f;

    /// <summary>y = f(x) over a matrix, one element a thread.</summary>
    [Kernel(MaxGroupSize = 256)]
    public static void Apply(ReadOnlyView<float> x, ArrayView<float> y, Shape shape, SpecializedValue<int> rule, bool clamp)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= shape.Rows * shape.Columns)
        {
            return;
        }

        float value = Value(x[i], (Rule)rule.Value, shape);
        if (clamp && !float.IsNaN(value))
        {
            value = MathF.Min(MathF.Max(value, -Largest), Largest);
        }

        y[i] = value;
    }

    private static float Value(float x, Rule rule, Shape shape)
    {
        switch (rule)
        {
            case Rule.Identity:
                return x;
            case Rule.Relu:
                return XMath.Max(x, 0f);
            case Rule.Leaky:
                return x > 0f ? x : shape.Slope * x;
            default:
                return 1f / (1f + XMath.Exp(-x));
        }
    }
}
