using Thor.Autograd;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd;

/// <summary>Wrong use is refused with a message that says what was given.</summary>
public sealed class AutogradErrorTests
{
    private readonly Parameter _x = new(Tensor.From([1f, 2], [2]));

    [Fact]
    public void Backward_OfAVectorWithoutSeed_NamesTheShape() =>
        Assert.Contains("[2] is not a scalar", Assert.Throws<ShapeException>(() => _x.Square().Backward()).Message, StringComparison.Ordinal);

    [Fact]
    public void Backward_WithSeedOfAnotherShape_NamesBoth()
    {
        string message = Assert.Throws<ShapeException>(() => _x.Square().Backward(Tensor.Ones([3]))).Message;
        Assert.Contains("Float32[3]", message, StringComparison.Ordinal);
        Assert.Contains("Float32[2]", message, StringComparison.Ordinal);
        Assert.Null(_x.Gradient);
    }

    [Fact]
    public void Backward_WithSeedOfAnotherType_IsRefused() =>
        Assert.Throws<ShapeException>(() => _x.Square().Backward(Tensor.Ones([2], DType.Float64)));

    [Fact]
    public void Backward_OfAConstant_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => new Variable(Tensor.Scalar(1)).Square().Backward());

    [Fact]
    public void Backward_OfAResultComputedWhileDisabled_IsRefused()
    {
        Variable y;
        using (Gradients.Disabled())
        {
            y = _x.Sum();
        }

        Assert.Contains("recording was off", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_InputWithoutGradient_NamesIt() => Assert.Contains(
        "input 1, Float32[2]", Assert.Throws<ArgumentException>(() => Gradients.Of(_x.Sum(), [_x, _x.Detach()])).Message, StringComparison.Ordinal);

    [Fact]
    public void Variable_OfIntegersWithGradient_IsRefused() => Assert.Throws<ArgumentException>(() => new Variable(Tensor.From(1, 2), requiresGradient: true));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Dropout_WithImpossibleProbability_IsRefused(double p) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _x.Dropout(p, new RandomStream(1)));

    [Fact]
    public void Operations_OfShapesThatDoNotFit_AreRefusedByName()
    {
        Variable three = Tensor.Ones([3]);
        Assert.Contains("MatMul", Assert.Throws<ShapeException>(() => _x.MatMul(three)).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => _x + three);
        Assert.Throws<ShapeException>(() => _x.Reshape(3));
        Assert.Throws<ShapeException>(() => _x.Sum(1));
        Assert.Throws<ShapeException>(() => _x.SumTo([3]));
        Assert.Throws<ShapeException>(() => Variable.Concatenate([], 0));
        Assert.Throws<ShapeException>(() => _x + Tensor.Ones([2], DType.Float64));
    }

    [Fact]
    public void GradientCheck_OfAWrongDerivative_NamesInputElementAndValues()
    {
        // Detaching one factor hides half of the derivative of x^2 in element 1 of input 1.
        Variable Wrong(Variable[] v) => v[0].Sum() + (v[1] * Variable.Where(Tensor.From(0.0, 1, 0), v[1].Detach(), v[1])).Sum();

        GradientCheckException e = Assert.Throws<GradientCheckException>(() => GradientCheck.Run(Wrong, Tensor.From(1.0), Tensor.From(1.0, 3, 2)));

        Assert.Equal((1, 1L), (e.Input, e.Element));
        Assert.Equal(2 * e.Reverse, e.Difference, 1e-6 * Math.Abs(e.Difference));
        Assert.Contains("element 1 of input 1, [3]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GradientCheck_OfAWrongSecondDerivative_Fails()
    {
        // The gradient 2 x c is recorded as if c were a constant, yet c follows x.
        static Variable Wrong(Variable[] v) => v[0].Square() * v[0].Detach();

        Assert.Throws<GradientCheckException>(() => GradientCheck.RunSecondOrder(Wrong, Tensor.From(1.5)));
    }

    [Fact]
    public void GradientCheck_OfNaN_Fails() => Assert.Throws<GradientCheckException>(() => GradientCheck.Run(v => (-v[0]).Sqrt(), Tensor.From(1.0)));

    [Fact]
    public void GradientCheck_OfFloat32_IsRefused() => Assert.Contains(
        "input 0 is Float32[1]", Assert.Throws<ArgumentException>(() => GradientCheck.Run(v => v[0], Tensor.From(1f))).Message, StringComparison.Ordinal);

    [Fact]
    public void HessianVector_WithDirectionsThatDoNotFit_IsRefused()
    {
        Assert.Throws<ShapeException>(() => Curvature.HessianVector(() => _x.Sum(), [_x], []));
        Assert.Throws<ShapeException>(() => Curvature.HessianVector(() => _x.Sum(), [_x], [Tensor.Ones([3])]));
        Assert.Throws<ShapeException>(() => Curvature.HessianVector(() => _x, [_x], [Tensor.Ones([2])]));
    }
}
