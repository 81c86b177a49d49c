using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Autograd.Models;

/// <summary>
/// Two 5x5 convolutions of 32 and 64 channels, each with ReLU and 2x2 max pooling, then 512 hidden units and the classes:
/// (n, channels, size, size) becomes (n, classes). State: conv1.*, conv2.*, fc1.*, fc2.*.
/// </summary>
public sealed class LeNet : Layer
{
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Linear _hidden;
    private readonly Linear _output;
    private readonly MaxPool2d _pool;
    private readonly Relu _relu;

    /// <summary>A network with torch's default initialisation.</summary>
    /// <param name="classes">Number of logits.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="size">Height and width of the images, at least 4.</param>
    /// <param name="random">Where initial values come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    public LeNet(int classes, int channels = 1, int size = 28, RandomStream? random = null, DType type = DType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 4);
        Convolution2d same = Convolution2d.Default with { PaddingY = 2, PaddingX = 2 };
        int pooled = size / 2 / 2;
        _conv1 = Register("conv1", new Conv2d(channels, 32, 5, same, bias: true, random, type));
        _conv2 = Register("conv2", new Conv2d(32, 64, 5, same, bias: true, random, type));
        _hidden = Register("fc1", new Linear(64 * pooled * pooled, 512, bias: true, random, type));
        _output = Register("fc2", new Linear(512, classes, bias: true, random, type));
        _pool = Register("pool", new MaxPool2d(2));
        _relu = Register("relu", new Relu());
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input)
    {
        // The maximum of rectified values is the rectified maximum, gradient included: pooling first rectifies a quarter as many.
        Variable x = _relu.Forward(_pool.Forward(_conv1.Forward(input)));
        x = _relu.Forward(_pool.Forward(_conv2.Forward(x)));
        x = _relu.Forward(_hidden.Forward(x.Flatten()));
        return _output.Forward(x);
    }
}
