using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class Conv2dTests
{
    [Fact]
    public void Conv2d_RectangularStridedDilatedGrouped_EqualsFormula()
    {
        Convolution2d geometry = new(StrideY: 2, StrideX: 1, PaddingY: 1, PaddingX: 2, DilationY: 1, DilationX: 2, Groups: 2);
        Conv2d layer = new(4, 6, (3, 2), geometry, random: LayerChecks.Stream(1), type: DType.Float64);
        Tensor input = LayerChecks.Normal(2, 2, 4, 7, 5);
        Variable output = layer.Forward(input);

        int height = geometry.OutputHeight(7, 3);
        int width = geometry.OutputWidth(5, 2);
        Assert.Equal(new Shape(2, 6, height, width), output.Shape);
        double[] x = LayerChecks.Values(input);
        double[] w = LayerChecks.Values(layer.Weight);
        double[] bias = LayerChecks.Values(layer.Bias!);
        List<double> expected = [];
        for (int n = 0; n < 2; n++)
        {
            for (int o = 0; o < 6; o++)
            {
                ReadOnlySpan<double> image = x.AsSpan(((n * 4) + (o / 3 * 2)) * 35, 70);
                ReadOnlySpan<double> filter = w.AsSpan(o * 12, 12);
                for (int i = 0; i < height; i++)
                {
                    for (int j = 0; j < width; j++)
                    {
                        expected.Add(bias[o] + Naive.Convolution(image, 7, 5, filter, 2, 3, 2, (i * 2) - 1, j - 2, 1, 2));
                    }
                }
            }
        }

        LayerChecks.Near(expected.ToArray(), LayerChecks.Values(output));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Conv2d_Gradients_EqualDifferences(bool bias)
    {
        Convolution2d geometry = new(StrideY: 2, StrideX: 1, PaddingY: 1, PaddingX: 0, DilationY: 1, DilationX: 2, Groups: 2);
        Conv2d layer = new(2, 4, (3, 2), geometry, bias, LayerChecks.Stream(3), DType.Float64);
        LayerChecks.CheckGradients(layer, LayerChecks.Normal(4, 2, 2, 5, 4));
    }

    [Fact]
    public void Conv2d_WrongChannels_NamesBothShapes()
    {
        ShapeException error = Assert.Throws<ShapeException>(() => new Conv2d(3, 2, 3).Forward(Tensor.Zeros([1, 4, 5, 5])));
        Assert.Contains("[1, 4, 5, 5]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3, 3, 3]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Conv2d_GroupsThatDoNotDivide_AreRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Conv2d(3, 4, 3, Convolution2d.Default with { Groups = 2 }));
        Assert.Equal("geometry", error.ParamName);
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 4, 3, default(Convolution2d)));
    }
}
