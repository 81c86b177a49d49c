using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Micro;

/// <summary>One convolution of a network at batch 128, with operands of its own; the three products write into the same results every time.</summary>
internal sealed class ConvolutionWorkload : IDisposable
{
    /// <summary>Images taken together.</summary>
    public const int Batch = 128;

    private static readonly (string Name, int Inputs, int Size, int Outputs, int Kernel, int Padding, int Stride)[] s_layers =
    [
        ("lenet conv1", 1, 28, 32, 5, 2, 1),
        ("lenet conv2", 32, 14, 64, 5, 2, 1),
        ("resnet20 3-16", 3, 32, 16, 3, 1, 1),
        ("resnet20 16-16", 16, 32, 16, 3, 1, 1),
        ("resnet20 16-32 stride 2", 16, 32, 32, 3, 1, 2),
        ("resnet20 32-32", 32, 16, 32, 3, 1, 1),
        ("resnet20 32-64 stride 2", 32, 16, 64, 3, 1, 2),
        ("resnet20 64-64", 64, 8, 64, 3, 1, 1),
    ];

    private readonly Convolution2d _geometry;
    private readonly Tensor _x;
    private readonly Tensor _w;
    private readonly Tensor _bias;
    private readonly Tensor _y;
    private readonly Tensor _dx;
    private readonly Tensor _dw;

    /// <summary>A workload by name.</summary>
    /// <exception cref="ArgumentException">There is no such workload; the message lists what there is.</exception>
    public ConvolutionWorkload(string name)
    {
        int index = Array.FindIndex(s_layers, layer => layer.Name == name);
        if (index < 0)
        {
            throw new ArgumentException($"There is no convolution '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
        }

        (_, int inputs, int size, int outputs, int kernel, int padding, int stride) = s_layers[index];
        _geometry = new Convolution2d(stride, stride, padding, padding);
        int output = _geometry.OutputHeight(size, kernel);
        _x = Numbers([Batch, inputs, size, size]);
        _w = Numbers([outputs, inputs, kernel, kernel]);
        _bias = Numbers([outputs]);
        _y = Numbers([Batch, outputs, output, output]);
        _dx = Numbers(_x.Shape);
        _dw = Numbers(_w.Shape);
        Operations = 2.0 * _y.Length * inputs * kernel * kernel;
    }

    /// <summary>The convolutions of LeNet and ResNet-20.</summary>
    public static IReadOnlyList<string> Names => Array.ConvertAll(s_layers, layer => layer.Name);

    /// <summary>Floating-point operations of one product by its definition, terms that meet padding counted.</summary>
    public double Operations { get; }

    /// <summary>y = x convolved with w, plus bias.</summary>
    public void Forward() => _x.Device.Backend.Convolve(_x, _w, _bias, _y, _geometry);

    /// <summary>The gradient of the images.</summary>
    public void InputGradient() => _x.Device.Backend.ConvolveInputGradient(_y, _w, _dx, _geometry);

    /// <summary>The gradient of the filters.</summary>
    public void WeightGradient() => _x.Device.Backend.ConvolveWeightGradient(_x, _y, _dw, _geometry);

    /// <summary>Gives the operands back.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[_x, _w, _bias, _y, _dx, _dw])
        {
            tensor.Dispose();
        }
    }

    private static Tensor Numbers(Shape shape) => new RandomStream(1).Normal(shape).Persist();
}
