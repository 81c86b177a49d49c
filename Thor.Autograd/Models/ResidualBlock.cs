using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Autograd.Models;

/// <summary>
/// relu(norm2(conv2(relu(norm1(conv1(x))))) + shortcut(x)) with 3x3 convolutions (He et al. 2016). The shortcut is x itself,
/// or where the block changes size a 1x1 convolution and a norm. State as torchvision's BasicBlock.
/// </summary>
internal sealed class ResidualBlock : Layer
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _norm1;
    private readonly Conv2d _conv2;
    private readonly BatchNorm2d _norm2;
    private readonly Sequential? _shortcut;
    private readonly Relu _relu;

    public ResidualBlock(int inputs, int outputs, int stride, RandomStream random, DType type)
    {
        _conv1 = Register("conv1", Convolution(inputs, outputs, 3, stride, random, type));
        _norm1 = Register("bn1", new BatchNorm2d(outputs, type: type));
        _conv2 = Register("conv2", Convolution(outputs, outputs, 3, 1, random, type));
        _norm2 = Register("bn2", new BatchNorm2d(outputs, type: type));
        _relu = Register("relu", new Relu());
        if (stride != 1 || inputs != outputs)
        {
            _shortcut = Register(
                "downsample", new Sequential(Convolution(inputs, outputs, 1, stride, random, type), new BatchNorm2d(outputs, type: type)));
        }
    }

    /// <summary>A convolution of a residual network: padded to keep the size, no bias, Kaiming-normal over fan-out (He et al. 2015).</summary>
    public static Conv2d Convolution(int inputs, int outputs, int kernel, int stride, RandomStream random, DType type)
    {
        Conv2d layer = new(inputs, outputs, kernel, new Convolution2d(stride, stride, kernel / 2, kernel / 2), bias: false, random, type);
        Initializers.KaimingNormal(layer.Weight.Value, random, fanOut: true);
        return layer;
    }

    protected override Variable Run(Variable input)
    {
        Variable hidden = _relu.Forward(_norm1.Forward(_conv1.Forward(input)));
        Variable residual = _norm2.Forward(_conv2.Forward(hidden));
        return _relu.Forward(residual + (_shortcut is null ? input : _shortcut.Forward(input)));
    }
}
