using Thor.Autograd;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Optimizers;

public sealed class GradientClippingTests
{
    [Fact]
    public void ByGlobalNorm_BeyondTheBound_ScalesAllByOneFactor()
    {
        Parameter[] parameters = Parameters([3, 0, 0, 0], [0, 4]);
        double norm = GradientClipping.ByGlobalNorm(parameters, 1).Item();
        Assert.Equal(5, norm, 1e-12);
        Assert.Equal(0.6, parameters[0].Gradient!.ToArray<double>()[0], 1e-15);
        Assert.Equal(0.8, parameters[1].Gradient!.ToArray<double>()[1], 1e-15);
    }

    [Fact]
    public void ByGlobalNorm_WithinTheBoundOrNotFinite_TouchesNothing()
    {
        Parameter[] parameters = Parameters([3, 0], [0, 4]);
        Assert.Equal(5, GradientClipping.ByGlobalNorm(parameters, 5).Item(), 1e-12);
        Assert.Equal(3, parameters[0].Gradient!.ToArray<double>()[0]);

        parameters = Parameters([double.NaN, 1], [0, 4]);
        Assert.True(double.IsNaN(GradientClipping.ByGlobalNorm(parameters, 0.1).Item()));
        Assert.Equal([0, 4], parameters[1].Gradient!.ToArray<double>());
    }

    [Fact]
    public void ByGlobalNorm_ParametersWithoutGradients_CountForNothing()
    {
        Parameter idle = new(Tensor.Ones([3], DType.Float64));
        Assert.Equal(0, GradientClipping.ByGlobalNorm([idle], 1).Item());
        Assert.Equal(5, GradientClipping.ByGlobalNorm([idle, .. Parameters([3, 4])], 10).Item(), 1e-12);
    }

    [Fact]
    public void ByValue_AnyGradient_MovesIntoTheInterval()
    {
        Parameter[] parameters = Parameters([3, -0.1, -7, double.NaN]);
        GradientClipping.ByValue(parameters, 0.5);
        Assert.Equal([0.5, -0.1, -0.5, double.NaN], parameters[0].Gradient!.ToArray<double>());
    }

    [Fact]
    public void Clipping_NegativeBound_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByGlobalNorm(Parameters([1]), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByValue(Parameters([1]), double.NaN));
    }

    private static Parameter[] Parameters(params double[][] gradients) =>
        [.. gradients.Select(static g => new Parameter(Tensor.Zeros([g.Length], DType.Float64)) { Gradient = Tensor.From(g) })];
}
