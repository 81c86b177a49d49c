using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class LinearTests
{
    [Theory]
    [InlineData(new[] { 4, 3 })]
    [InlineData(new[] { 2, 5, 3 })]
    [InlineData(new[] { 3 })]
    [InlineData(new[] { 0, 3 })]
    public void Linear_AnyLeadingAxes_EqualsFormula(int[] extents)
    {
        Linear layer = new(3, 2, random: LayerChecks.Stream(1), type: DType.Float64);
        Tensor x = LayerChecks.Normal(2, extents);
        Variable y = layer.Forward(x);
        Assert.Equal(new Shape([.. extents[..^1], 2]), y.Shape);
        LayerChecks.Near(Naive.Linear(LayerChecks.Values(x), LayerChecks.Values(layer.Weight), LayerChecks.Values(layer.Bias!), 3), LayerChecks.Values(y));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Linear_Gradients_EqualDifferences(bool bias)
    {
        Linear layer = new(3, 4, bias, LayerChecks.Stream(3), DType.Float64);
        LayerChecks.CheckGradients(layer, LayerChecks.Normal(4, 2, 5, 3));
    }

    [Fact]
    public void Linear_Gradient_HasTheLayoutOfTheWeight()
    {
        Linear layer = new(3, 4, random: LayerChecks.Stream(5));
        layer.Forward(Tensor.Ones([2, 3])).Sum().Backward();
        Assert.Equal([4, 3], layer.Weight.Gradient!.Shape.Extents.ToArray());
        Assert.True(layer.Weight.Gradient.IsContiguous);
    }

    [Fact]
    public void Linear_HessianVector_EqualsDifferenceOfGradients()
    {
        Linear first = new(3, 4, random: LayerChecks.Stream(6), type: DType.Float64);
        Linear second = new(4, 2, random: LayerChecks.Stream(7), type: DType.Float64);
        Sequential net = new(first, new Tanh(), second);
        Tensor x = LayerChecks.Normal(8, 5, 3);
        Variable Loss() => net.Forward(x).Square().Mean();
        IReadOnlyList<Parameter> parameters = net.Parameters();
        Tensor[] direction = [.. parameters.Select((p, i) => LayerChecks.Normal(20 + (ulong)i, p.Shape.Extents.ToArray()))];

        LayerChecks.CheckGradients(
            () =>
            {
                Variable[] inner = Gradients.Of(Loss(), [.. parameters], createGraph: true);
                Variable sum = (inner[0] * direction[0]).Sum();
                for (int i = 1; i < inner.Length; i++)
                {
                    sum += (inner[i] * direction[i]).Sum();
                }

                return sum;
            },
            [.. parameters]);
    }

    [Fact]
    public void Linear_WrongWidth_NamesBothShapes()
    {
        ShapeException error = Assert.Throws<ShapeException>(() => new Linear(3, 2).Forward(Tensor.Zeros([4, 5])));
        Assert.Contains("[4, 5]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Linear_SizeBelowOne_NamesTheArgument()
    {
        Assert.Equal("inputs", Assert.Throws<ArgumentOutOfRangeException>(() => new Linear(0, 2)).ParamName);
        Assert.Equal("outputs", Assert.Throws<ArgumentOutOfRangeException>(() => new Linear(2, 0)).ParamName);
    }
}
