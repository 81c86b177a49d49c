using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Models;

/// <summary>
/// The 20-layer residual network for small images (He et al. 2016, section 4.2) with projection shortcuts: a 3x3 stem of 16
/// channels, three stages of three blocks with 16, 32 and 64 channels at strides 1, 2 and 2, global average pooling, a dense layer.
/// (n, channels, height, width) becomes (n, classes). State as torchvision's ResNet: conv1, bn1, layer1.0.conv1, ..., fc.
/// </summary>
public sealed class ResNet20 : Layer
{
    private readonly Conv2d _stem;
    private readonly BatchNorm2d _norm;
    private readonly Relu _relu;
    private readonly Sequential[] _stages;
    private readonly GlobalAveragePool _pool;
    private readonly Linear _output;

    /// <summary>A network with Kaiming-normal convolutions and torch's default dense layer.</summary>
    /// <param name="classes">Number of logits.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="random">Where initial values come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    public ResNet20(int classes, int channels = 3, RandomStream? random = null, DType type = DType.Float32)
    {
        random ??= Initializers.Default;
        _stem = Register("conv1", ResidualBlock.Convolution(channels, 16, 3, 1, random, type));
        _norm = Register("bn1", new BatchNorm2d(16, type: type));
        _relu = Register("relu", new Relu());
        _stages =
        [
            Register("layer1", Stage(16, 16, 1, random, type)),
            Register("layer2", Stage(16, 32, 2, random, type)),
            Register("layer3", Stage(32, 64, 2, random, type)),
        ];
        _pool = Register("avgpool", new GlobalAveragePool());
        _output = Register("fc", new Linear(64, classes, bias: true, random, type));
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input)
    {
        Variable x = _relu.Forward(_norm.Forward(_stem.Forward(input)));
        foreach (Sequential stage in _stages)
        {
            x = stage.Forward(x);
        }

        return _output.Forward(_pool.Forward(x));
    }

    private static Sequential Stage(int inputs, int outputs, int stride, RandomStream random, DType type) => new(
        new ResidualBlock(inputs, outputs, stride, random, type),
        new ResidualBlock(outputs, outputs, 1, random, type),
        new ResidualBlock(outputs, outputs, 1, random, type));
}
