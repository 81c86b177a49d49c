using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class InitializerTests
{
    /// <summary>Samples per check; the standard error of a mean is then under 1 % of the deviation.</summary>
    private static readonly Shape s_shape = [50, 20, 5, 4];

    [Fact]
    public void Uniform_Methods_FillTheirRange()
    {
        // fan-in 20 * 20 = 400, fan-out 50 * 20 = 1000
        AssertUniform(Math.Sqrt(6.0 / 400), Initializers.KaimingUniform(New(), Stream()));
        AssertUniform(Math.Sqrt(6.0 / 1000), Initializers.KaimingUniform(New(), Stream(), fanOut: true));
        AssertUniform(1 / Math.Sqrt(400), Initializers.KaimingUniform(New(), Stream(), slope: Math.Sqrt(5)));
        AssertUniform(2 * Math.Sqrt(6.0 / 1400), Initializers.XavierUniform(New(), Stream(), gain: 2));
    }

    [Fact]
    public void Normal_Methods_HaveTheirDeviation()
    {
        AssertNormal(0, Math.Sqrt(2.0 / 400), Initializers.KaimingNormal(New(), Stream()));
        AssertNormal(0, Math.Sqrt(2.0 / 1000), Initializers.KaimingNormal(New(), Stream(), fanOut: true));
        AssertNormal(0, Math.Sqrt(2.0 / 1400), Initializers.XavierNormal(New(), Stream()));
        AssertNormal(3, 0.5, Initializers.Normal(New(), Stream(), 3, 0.5));
    }

    [Fact]
    public void TruncatedNormal_StaysInsideTheCut()
    {
        double[] values = LayerChecks.Values(Initializers.TruncatedNormal(New(), Stream(), 1, 0.5, 1.5));
        Assert.All(values, static v => Assert.InRange(v, 0.25, 1.75));
        Assert.True(values.Max() > 1.7 && values.Min() < 0.3);
        Assert.Equal(1, values.Average(), 0.01);
    }

    [Fact]
    public void Constants_Fill()
    {
        Assert.All(LayerChecks.Values(Initializers.Zeros(New())), static v => Assert.Equal(0, v));
        Assert.All(LayerChecks.Values(Initializers.Ones(New())), static v => Assert.Equal(1, v));
    }

    [Fact]
    public void Initializers_SameSeed_GiveTheSameValuesInBothPrecisions()
    {
        Linear single = new(7, 5, random: Stream());
        Linear again = new(7, 5, random: Stream());
        Assert.Equal(LayerChecks.Values(single.Weight), LayerChecks.Values(again.Weight));
        Assert.Equal(LayerChecks.Values(single.Bias!), LayerChecks.Values(again.Bias!));
        Assert.NotEqual(LayerChecks.Values(single.Weight), LayerChecks.Values(new Linear(7, 5, random: new RandomStream(8)).Weight));
    }

    [Fact]
    public void Layers_Defaults_AreTorchs()
    {
        Linear linear = new(100, 300, random: Stream());
        AssertUniform(0.1, linear.Weight.Value);
        Assert.All(LayerChecks.Values(linear.Bias!), static v => Assert.InRange(v, -0.1, 0.1));
        Assert.True(LayerChecks.Values(linear.Bias!).Max() > 0.09);
        AssertUniform(1 / Math.Sqrt(4 * 25), new Conv2d(4, 200, 5, random: Stream()).Weight.Value);
        AssertNormal(0, 1, new Embedding(200, 100, Stream()).Weight.Value);
        MultiHeadAttention attention = new(64, 2, random: Stream());
        AssertUniform(Math.Sqrt(6.0 / (4 * 64)), LayerChecks.State(attention, "in_proj_weight"));
        Assert.All(LayerChecks.Values(LayerChecks.State(attention, "in_proj_bias")), static v => Assert.Equal(0, v));
        Assert.All(LayerChecks.Values(LayerChecks.State(attention, "out_proj.bias")), static v => Assert.Equal(0, v));
    }

    [Fact]
    public void Initializers_VectorHasNoFans_IsRefused() =>
        Assert.Throws<ShapeException>(() => Initializers.XavierUniform(Tensor.Zeros([3]), Stream()));

    private static RandomStream Stream() => new(42);

    private static Tensor New() => Tensor.Empty(s_shape, DType.Float64);

    private static void AssertUniform(double bound, Tensor tensor)
    {
        double[] values = LayerChecks.Values(tensor);
        Assert.All(values, v => Assert.InRange(v, -bound * 1.000001, bound * 1.000001));
        Assert.True(values.Max() > 0.98 * bound && values.Min() < -0.98 * bound);
        AssertMoments(0, bound / Math.Sqrt(3), values);
    }

    private static void AssertNormal(double mean, double deviation, Tensor tensor)
    {
        double[] values = LayerChecks.Values(tensor);
        Assert.True(values.Max() > mean + (3 * deviation) && values.Min() < mean - (3 * deviation));
        AssertMoments(mean, deviation, values);
    }

    private static void AssertMoments(double mean, double deviation, double[] values)
    {
        double average = values.Average();
        Assert.InRange(average, mean - (0.05 * deviation), mean + (0.05 * deviation));
        Assert.InRange(Math.Sqrt(values.Average(v => (v - average) * (v - average))), 0.97 * deviation, 1.03 * deviation);
    }
}
