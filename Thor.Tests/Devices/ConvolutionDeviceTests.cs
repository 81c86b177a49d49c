using Thor.Kernels.Dialect;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;
using Thor.Tests.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Convolution and its adjoints on every device, in both flavours of kernels, against the definition in float64.</summary>
public sealed class ConvolutionDeviceTests
{
    private static readonly ConvolutionShape[] s_shapes =
    [
        new(1, 1, 1, 1, 1, 1, 1, new(1)),
        new(2, 3, 5, 7, 5, 3, 3, new(1, 1, 1, 1)),
        new(3, 1, 12, 12, 6, 5, 5, new(1, 1, 2, 2)),
        new(2, 7, 6, 17, 11, 2, 2, new(2, 2)),
        new(1, 19, 4, 5, 70, 1, 1, new(1)),
        new(2, 2, 3, 37, 9, 3, 3, new(1, 1, 1, 1)),
        new(2, 5, 9, 20, 6, 3, 2, new(2, 3, 1, 2)),
        new(1, 3, 11, 13, 8, 3, 3, new(1, 2, 3, 0, 2, 1)),
        new(2, 4, 7, 19, 6, 5, 1, new(2, 1, 2, 4, 1, 3)),
        new(3, 4, 8, 6, 6, 3, 3, new(1, 1, 1, 1, Groups: 2)),
        new(2, 6, 7, 9, 6, 3, 3, new(2, 2, 1, 1, Groups: 6)),
        new(1, 12, 5, 5, 24, 1, 2, new(1, 1, 0, 1, 1, 2, 2)),
        new(2, 2, 5, 4, 3, 1, 1, new(2, 1, 3, 2)),
        new(5, 1, 3, 1, 13, 3, 1, new(1, 1, 2, 0)),
        new(2, 2, 3, 14, 5, 3, 3, new(1, 1, 1, 1)),
        new(1, 2, 2, 17, 5, 1, 15, new(1)),
        new(0, 3, 8, 8, 4, 3, 3, new(1, 1, 1, 1)),
    ];

    // Larger than several blocks along every axis: too much for the processor to run as C#.
    private static readonly ConvolutionShape[] s_large =
    [
        new(7, 17, 23, 29, 131, 3, 3, new(1, 1, 1, 1)),
        new(5, 33, 14, 14, 67, 5, 5, new(1, 1, 2, 2)),
        new(4, 2, 65, 67, 66, 3, 3, new(1)),
        new(2, 40, 8, 8, 80, 3, 3, new(2, 2, 1, 1)),
    ];

    public static TheoryData<string, bool, int> Shapes => Cases(s_shapes, static _ => true);

    public static TheoryData<string, bool, int> LargeShapes => Cases(s_large, static kind => !TestDevices.IsDebugger(kind));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AllProducts_OverShapes_AgreeWithTheDefinition(string kind, bool processor, int shape) => Check(kind, processor, s_shapes[shape], 1 + shape);

    [Theory]
    [MemberData(nameof(LargeShapes))]
    public void AllProducts_OverManyBlocks_AgreeWithTheDefinition(string kind, bool processor, int shape) => Check(kind, processor, s_large[shape], 50 + shape);

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void AllProducts_InEveryBlock_AgreeWithTheDefinition(string kind)
    {
        // More rows than half a block of the largest, columns of two of the widest, and both strides.
        Check(kind, ConvolutionBlock.All, new ConvolutionShape(2, 6, 11, 17, TestDevices.IsDebugger(kind) ? 18 : 70, 3, 3, new(1, 1, 1, 1)), 7);
        Check(kind, ConvolutionBlock.All, new ConvolutionShape(2, 18, 9, 19, 6, 3, 2, new(2, 3, 1, 2, 1, 2)), 8);
    }

    [Theory]
    [MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void AllProducts_OfSmallIntegers_AreExact(string kind, bool processor)
    {
        ConvolutionShape shape = new(3, 9, 7, 18, 10, 3, 3, new(1, 1, 1, 1));
        float[] x = Integers(shape.Batch * shape.Inputs * shape.InputPlane, 1);
        float[] w = Integers(shape.Outputs * shape.GroupInputs * 9, 2);
        float[] dy = Integers(shape.Batch * shape.Outputs * shape.OutputPlane, 3);
        ConvolutionReference reference = new(shape, Doubles(x), Doubles(w), Doubles(dy));
        Products products = Run(kind, processor, shape, x, w, null, dy);
        Assert.Equal(reference.Forward.Values, Doubles(products.Forward));
        Assert.Equal(reference.InputGradient.Values, Doubles(products.InputGradient));
        Assert.Equal(reference.WeightGradient.Values, Doubles(products.WeightGradient));
    }

    [Theory]
    [MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void AllProducts_Twice_GiveTheSameBits(string kind, bool processor)
    {
        ConvolutionShape shape = new(6, 3, 10, 11, 7, 3, 3, new(1, 1, 1, 1));
        float[] x = Numbers(shape.Batch * shape.Inputs * shape.InputPlane, 1);
        float[] w = Numbers(shape.Outputs * shape.GroupInputs * 9, 2);
        float[] bias = Numbers(shape.Outputs, 3);
        float[] dy = Numbers(shape.Batch * shape.Outputs * shape.OutputPlane, 4);
        Products first = Run(kind, processor, shape, x, w, bias, dy);
        Products second = Run(kind, processor, shape, x, w, bias, dy);
        Assert.Equal(first.Forward, second.Forward);
        Assert.Equal(first.InputGradient, second.InputGradient);
        Assert.Equal(first.WeightGradient, second.WeightGradient);
    }

    [Theory]
    [MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Forward_WithNaNAndInfinityInOneImage_LeavesTheOthersFinite(string kind, bool processor)
    {
        ConvolutionShape shape = new(3, 2, 6, 18, 5, 3, 3, new(1, 1, 1, 1));
        float[] x = Numbers(shape.Batch * shape.Inputs * shape.InputPlane, 1);
        x[shape.Inputs * shape.InputPlane] = float.NaN;
        x[(2 * shape.Inputs * shape.InputPlane) - 1] = float.PositiveInfinity;
        using DeviceArrays device = new(kind);
        ArrayView<float> y = device.Garbage(shape.Batch * shape.Outputs * shape.OutputPlane);
        ConvolutionLaunch.Forward(device.Stream, device.Put(x), device.Put(Numbers(90, 2)), default, y, shape, processor);
        float[] result = device.Get(y);
        int image = shape.Outputs * shape.OutputPlane;
        Assert.All(result[..image], v => Assert.True(float.IsFinite(v)));
        Assert.True(float.IsNaN(result[image]));
        Assert.False(float.IsFinite(result[(2 * image) - 1]));
        Assert.All(result[(2 * image)..], v => Assert.True(float.IsFinite(v)));
    }

    private static TheoryData<string, bool, int> Cases(ConvolutionShape[] shapes, Func<string, bool> takes)
    {
        TheoryData<string, bool, int> cases = [];
        foreach ((string kind, bool processor) in TestDevices.KindsAndFlavours.Select(row => row.Data))
        {
            for (int i = 0; i < shapes.Length && takes(kind); i++)
            {
                cases.Add(kind, processor, i);
            }
        }

        return cases;
    }

    private static void Check(string kind, IEnumerable<ConvolutionBlock> blocks, in ConvolutionShape shape, int seed)
    {
        foreach (ConvolutionBlock block in blocks)
        {
            Check(kind, processor: false, shape, seed, block);
        }
    }

    private static void Check(string kind, bool processor, in ConvolutionShape shape, int seed, ConvolutionBlock? block = null)
    {
        float[] x = Numbers(shape.Batch * shape.Inputs * shape.InputPlane, seed);
        float[] w = Numbers(shape.Outputs * shape.GroupInputs * shape.KernelY * shape.KernelX, seed + 1);
        float[] bias = Numbers(shape.Outputs, seed + 2);
        float[] dy = Numbers(shape.Batch * shape.Outputs * shape.OutputPlane, seed + 3);
        ConvolutionReference reference = new(shape, Doubles(x), Doubles(w), Doubles(dy));
        for (int i = 0; i < dy.Length; i++)
        {
            reference.Forward.Add(i, bias[i / shape.OutputPlane % shape.Outputs]);
        }

        Products products = Run(kind, processor, shape, x, w, bias, dy, block);
        Compare(products.Forward, reference.Forward, $"forward {shape} {block}");
        Compare(products.InputGradient, reference.InputGradient, $"input gradient {shape} {block}");
        Compare(products.WeightGradient, reference.WeightGradient, $"weight gradient {shape} {block}");
    }

    // A sum of n products, in any order, is off by at most n + 1 roundings of the sum of the absolute values.
    private static void Compare(float[] actual, ConvolutionReference.Sum expected, string what)
    {
        Assert.Equal(expected.Values.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            double bound = (expected.Terms[i] + 1) * Math.Pow(2, -24) * expected.Magnitudes[i];
            double error = Math.Abs(actual[i] - expected.Values[i]);
            if (!(error <= bound))
            {
                Assert.Fail($"{what}, element {i}: {actual[i]} instead of {expected.Values[i]}, off by {error}, allowed {bound}");
            }
        }
    }

    private static Products Run(string kind, bool processor, in ConvolutionShape shape, float[] x, float[] w, float[]? bias, float[] dy, ConvolutionBlock? block = null)
    {
        using DeviceArrays device = new(kind);
        ArrayView<float> images = device.Put(x);
        ArrayView<float> filters = device.Put(w);
        ArrayView<float> slopes = device.Put(dy);
        ArrayView<float> y = device.Garbage(dy.Length);
        ArrayView<float> dx = device.Garbage(x.Length);
        ArrayView<float> dw = device.Garbage(w.Length);
        ConvolutionLaunch.Forward(device.Stream, images, filters, bias is null ? default : device.Put(bias), y, shape, processor, block);
        ConvolutionLaunch.InputGradient(device.Stream, slopes, filters, dx, shape, processor, block);
        ConvolutionLaunch.WeightGradient(device.Stream, images, slopes, dw, shape, processor, block);
        return new Products(device.Get(y), device.Get(dx), device.Get(dw));
    }

    private static float[] Numbers(int length, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static float[] Integers(int length, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(-4, 5))];
    }

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, static value => (double)value);

    private sealed record Products(float[] Forward, float[] InputGradient, float[] WeightGradient);
}
