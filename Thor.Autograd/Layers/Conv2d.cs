using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Autograd.Layers;

/// <summary>
/// Two-dimensional convolution: input (n, inputs, height, width), output (n, outputs, ...) with the output size of
/// <see cref="Convolution2d"/>. State: weight (outputs, inputs / groups, kernel y, kernel x), bias (outputs).
/// </summary>
public sealed class Conv2d : CurvatureLayer
{
    /// <summary>A layer with a square kernel.</summary>
    /// <inheritdoc cref="Conv2d(int, int, ValueTuple{int, int}, Convolution2d?, bool, RandomStream?, DType)"/>
    public Conv2d(
        int inputs, int outputs, int kernel, Convolution2d? geometry = null, bool bias = true, RandomStream? random = null, DType type = DType.Float32)
        : this(inputs, outputs, (kernel, kernel), geometry, bias, random, type)
    {
    }

    /// <summary>A layer with torch's default initialisation: weight and bias uniform in +-1 / sqrt(inputs / groups * kernel y * kernel x).</summary>
    /// <param name="inputs">Channels of the input; a multiple of the groups.</param>
    /// <param name="outputs">Channels of the output; a multiple of the groups.</param>
    /// <param name="kernel">Size of the kernel.</param>
    /// <param name="geometry">Stride, padding, dilation and groups; by default <see cref="Convolution2d.Default"/>.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="random">Where initial values come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    /// <exception cref="ArgumentException">The groups do not divide the channels, or a size is below 1.</exception>
    public Conv2d(
        int inputs, int outputs, (int Y, int X) kernel, Convolution2d? geometry = null, bool bias = true, RandomStream? random = null, DType type = DType.Float32)
        : this(Initializers.DefaultWeight(WeightShape(inputs, outputs, kernel, geometry), random, type), geometry ?? Convolution2d.Default, bias, random)
    {
    }

    private Conv2d(Tensor weight, Convolution2d geometry, bool bias, RandomStream? random)
        : base(weight, bias ? Initializers.DefaultBias(weight, random) : null)
    {
        Geometry = geometry;
    }

    /// <summary>Stride, padding, dilation and groups.</summary>
    public Convolution2d Geometry { get; }

    private protected override Variable Apply(Variable input)
    {
        int channels = Weight.Shape[1] * Geometry.Groups;
        if (input.Shape.Rank != 4 || input.Shape[1] != channels)
        {
            throw new ShapeException($"Conv2d: the input must be (n, {channels}, height, width), input {input.Shape}, weight {Weight.Shape}");
        }

        return input.Conv2d(Weight, Bias, Geometry);
    }

    private static Shape WeightShape(int inputs, int outputs, (int Y, int X) kernel, Convolution2d? geometry)
    {
        Positive(inputs, nameof(inputs));
        Positive(outputs, nameof(outputs));
        Positive(Math.Min(kernel.Y, kernel.X), nameof(kernel));
        Convolution2d g = geometry ?? Convolution2d.Default;
        if (g.StrideY < 1 || g.StrideX < 1 || g.DilationY < 1 || g.DilationX < 1 || g.Groups < 1 || g.PaddingY < 0 || g.PaddingX < 0)
        {
            throw new ArgumentException($"Conv2d: strides, dilations and groups must be at least 1 and paddings at least 0, got {g}.", nameof(geometry));
        }

        if (inputs % g.Groups != 0 || outputs % g.Groups != 0)
        {
            throw new ArgumentException($"Conv2d: {g.Groups} groups do not divide {inputs} input and {outputs} output channels.", nameof(geometry));
        }

        return [outputs, inputs / g.Groups, kernel.Y, kernel.X];
    }
}
