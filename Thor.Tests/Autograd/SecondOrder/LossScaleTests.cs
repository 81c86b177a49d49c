using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;
using Loss = Thor.Autograd.Losses.Losses;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>A and G are those of the loss of one sample, however that loss was reduced, scaled or split.</summary>
public sealed class LossScaleTests
{
    private const int Samples = 6;

    [Theory]
    [InlineData(LossReduction.SumPerSample)]
    [InlineData(LossReduction.Sum)]
    public void Statistics_AnotherReduction_AreThoseOfTheMean(LossReduction reduction) =>
        AssertSame((outputs, labels) => Loss.CrossEntropy(outputs, labels, reduction: reduction).Backward());

    [Fact]
    public void Statistics_AScaleGivenToBackward_AreThoseWithout() =>
        AssertSame(static (outputs, labels) => Loss.CrossEntropy(outputs, labels).Backward(128));

    [Fact]
    public void Statistics_ASumWithAScale_AreThoseOfTheMean() =>
        AssertSame(static (outputs, labels) => Loss.CrossEntropy(outputs, labels, reduction: LossReduction.Sum).Backward(0.25));

    [Fact]
    public void Statistics_ALossTimesANumber_AreThoseWithout() =>
        AssertSame(static (outputs, labels) => (-(Loss.CrossEntropy(outputs, labels) * 64) / 4 * -1).Backward());

    [Fact]
    public void Statistics_AScaleOfALossOfTheCallersOwn_AreThoseWithout() => AssertSame(
        static (outputs, labels) => (outputs.CrossEntropy(labels).Sum() * (1.0 / Samples)).Backward(16));

    [Fact]
    public void Statistics_ABatchRepeated_AreUnchanged() => AssertSame(
        static (outputs, labels) => Loss.CrossEntropy(outputs, labels, reduction: LossReduction.Sum).Backward(), repeat: 3);

    [Theory]
    [InlineData(FisherEstimator.Empirical)]
    [InlineData(FisherEstimator.GaussNewton)]
    public void Statistics_MicroBatches_AreThoseOfTheWhole(FisherEstimator estimator)
    {
        using TensorScope scope = TensorScope.Begin();
        double[][] whole = Run(estimator, [(0, Samples)], static (o, l) => Loss.CrossEntropy(o, l));
        AssertClose(whole, Run(estimator, [(0, 2), (2, 4)], static (o, l) => Loss.CrossEntropy(o, l)));
        AssertClose(whole, Run(estimator, [(0, 2), (2, 4)], static (o, l) => Loss.CrossEntropy(o, l) * (l.Length / (double)Samples)));
        AssertClose(whole, Run(estimator, [(0, 2), (2, 4)], static (o, l) => Loss.CrossEntropy(o, l, reduction: LossReduction.Sum)));
    }

    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(0.4, 3)]
    [InlineData(0.01, 1)]
    public void Statistics_APartOfTheBatch_AreThoseOfItsFirstSamples(double share, int first)
    {
        using TensorScope scope = TensorScope.Begin();
        double[][] expected = Run(FisherEstimator.Empirical, [(0, first)], static (o, l) => Loss.CrossEntropy(o, l));
        AssertClose(expected, Run(FisherEstimator.Empirical, [(0, Samples)], static (o, l) => Loss.CrossEntropy(o, l), share));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Backward_AScaleThatIsNoNumberToDivideBy_IsRefused(double scale) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Variable(Tensor.Scalar(1), requiresGradient: true).Backward(scale));

    [Fact]
    public void Backward_AScale_MultipliesGradients()
    {
        using TensorScope scope = TensorScope.Begin();
        Variable x = new(Tensor.From(2f, 3), requiresGradient: true);
        x.Square().Sum().Backward(0.5);
        Assert.Equal([2f, 3], x.Gradient!.ToArray<float>());
        x.Gradient.Dispose();
    }

    private static void AssertSame(Action<Variable, Tensor> backward, int repeat = 1)
    {
        using TensorScope scope = TensorScope.Begin();
        double[][] expected = Run(FisherEstimator.Empirical, [(0, Samples)], static (o, l) => Loss.CrossEntropy(o, l));
        Sequential model = Model();
        using KroneckerPreconditioner curvature = new(model, CurvatureBench.Plain(tileSize: 8));
        Tensor[] batches = [.. Enumerable.Repeat(Images(), repeat)];
        Tensor[] labels = [.. Enumerable.Repeat(Labels(), repeat)];
        backward(model.Forward(Tensor.Concatenate(batches, 0)), Tensor.Concatenate(labels, 0));
        curvature.Refresh();
        AssertClose(expected, Statistics(curvature));
    }

    /// <summary>The statistics of slices of the batch, each with a forward and a backward pass of its own.</summary>
    private static double[][] Run(FisherEstimator estimator, (int Start, int Length)[] parts, Func<Variable, Tensor, Variable> loss, double share = 1)
    {
        Sequential model = Model();
        using KroneckerPreconditioner curvature = new(model, CurvatureBench.Plain(tileSize: 8) with { Fisher = estimator, StatisticsShare = share });
        foreach ((int start, int length) in parts)
        {
            Variable value = loss(model.Forward(Images().Slice(0, start, length)), Labels().Slice(0, start, length));
            curvature.ObserveLoss(value);
            value.Backward();
        }

        curvature.Refresh();
        return Statistics(curvature);
    }

    private static Sequential Model() => new(
        new Conv2d(2, 3, 3, random: new RandomStream(1), type: DType.Float64), new Relu(), new Flatten(), new Linear(27, 4, random: new RandomStream(2), type: DType.Float64));

    private static Tensor Images() => CurvatureBench.Normal(2, Samples, 2, 5, 5);

    private static Tensor Labels() => Tensor.From(0, 3, 1, 2, 2, 0);

    private static double[][] Statistics(KroneckerPreconditioner curvature) =>
        [.. curvature.Layers.SelectMany(static l => l.Factors).Select(static f => f.Tiles.ToArray<double>())];

    private static void AssertClose(double[][] expected, double[][] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            double largest = expected[i].Max(Math.Abs);
            Assert.True(largest > 0);
            Assert.True(expected[i].Zip(actual[i]).All(pair => Math.Abs(pair.First - pair.Second) <= 1e-12 * largest), $"factor {i}");
        }
    }
}
