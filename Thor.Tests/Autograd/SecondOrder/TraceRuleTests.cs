using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>
/// The trace rule on one dense layer whose tr F is the number of ones in its input: with lambda = 1 / 128 and 128 inputs,
/// tr(F + lambda I) is that number plus 1, and all thresholds here are exact in binary.
/// </summary>
public sealed class TraceRuleTests
{
    private const int Inputs = 128;
    private static readonly TraceRule s_quarter = new(0.25, 0);

    /// <summary>The host and every kind of accelerator.</summary>
    public static TheoryData<string> Places => ["host", "cpu", "opencl", "cuda"];

    [Theory]
    [InlineData(0.25, 0.125, 80, RefreshDecision.Keep)] // D = w1 exactly
    [InlineData(0.25, 0.125, 81, RefreshDecision.Refresh)]
    [InlineData(0.25, 0.125, 72, RefreshDecision.Keep)] // D = w2 exactly
    [InlineData(0.25, 0.125, 71, RefreshDecision.Stop)]
    [InlineData(0.25, 0.125, 64, RefreshDecision.Stop)]
    [InlineData(0.25, 0.125, 56, RefreshDecision.Keep)]
    [InlineData(0.25, 0.125, 48, RefreshDecision.Keep)]
    [InlineData(0.25, 0.125, 47, RefreshDecision.Refresh)]
    [InlineData(0.25, 0, 64, RefreshDecision.Keep)]
    [InlineData(0, 0, 64, RefreshDecision.Keep)]
    [InlineData(0, 0, 65, RefreshDecision.Refresh)]
    public void TraceRule_ThirtySecondsOfChange_DecideByTheClosedInterval(double w1, double w2, int ones, RefreshDecision expected)
    {
        foreach (string place in Places.Select(static row => row.Data).Where(static place => place is "host" or "cpu"))
        {
            RefreshReport[] reports = Run(place, new TraceRule(w1, w2), null, 64, ones);
            Assert.Equal((RefreshDecision.Refresh, (double?)64, (double?)null), Seen(reports[0]));
            Assert.Equal((expected, ones, Math.Abs(ones - 64) / 64.0), Seen(reports[1]));
            Assert.Equal(expected == RefreshDecision.Refresh ? 1 : 0, reports[1].Layers);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Refresh_SlowDrift_AddsUpAgainstTheHeldMatrix(string place)
    {
        RefreshReport[] reports = Run(place, s_quarter, null, 64, 72, 80, 88, 96, 108, 111);
        Assert.Equal(
            [RefreshDecision.Refresh, RefreshDecision.Keep, RefreshDecision.Keep, RefreshDecision.Refresh, RefreshDecision.Keep, RefreshDecision.Keep, RefreshDecision.Refresh],
            reports.Select(static report => report.Decisions[0].Decision));
        Assert.Equal(8 / 88.0, reports[4].Decisions[0].Change);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Refresh_AStoppedLayer_NeverComesBackAndIsNotLookedAt(string place)
    {
        // The second change is below w2; later ones would refresh, and the layer is old enough for any limit.
        RefreshReport[] reports = Run(place, new TraceRule(0.25, 0.125), 1, 64, 65, 127, 1, 128);
        Assert.Equal(RefreshDecision.Stop, reports[1].Decisions[0].Decision);
        foreach (RefreshReport report in reports[2..])
        {
            Assert.Equal((RefreshDecision.Stop, (double?)null, (double?)null), Seen(report));
            Assert.Equal(0, report.Layers);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Refresh_OlderThanTheLimit_ComesWhateverTheRuleSays(string place)
    {
        RefreshReport[] reports = Run(place, s_quarter, 2, 64, 64, 64, 64, 64, 64, 64);
        Assert.Equal([0L, 3, 6], reports.Where(static report => report.Layers == 1).Select(static report => report.Step));
    }

    [Fact]
    public void Refresh_ADecayingLambdaAlone_DoesNotFireTheRule()
    {
        KroneckerOptions options = Options(TraceRule.ThorNt) with { Damping = Thor.Autograd.Optimizers.Schedule.Exponential(1, 0.5, 1) };
        RefreshReport[] reports = Run("host", options, 64, 64, 64);
        Assert.All(reports[1..], static report => Assert.Equal((RefreshDecision.Keep, 0), (report.Decisions[0].Decision, report.Decisions[0].Change)));
    }

    [Fact]
    public void Refresh_TracesThatAreNotNumbers_KeepWhatIsHeld()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = Layer(Device.Host);
        using KroneckerPreconditioner curvature = new(layer, Options(s_quarter));
        Step(curvature, layer, Ones(64, Device.Host), 1);
        double[] held = curvature[layer].Factors[0].Inverse.ToArray<float>().Select(static x => (double)x).ToArray();
        Step(curvature, layer, Ones(64, Device.Host), double.NaN);
        Assert.Equal(RefreshDecision.Keep, curvature.LastRefresh!.Decisions[0].Decision);
        Assert.Equal(held, curvature[layer].Factors[0].Inverse.ToArray<float>().Select(static x => (double)x).ToArray());
        Step(curvature, layer, Ones(96, Device.Host), 1);
        Assert.Equal(RefreshDecision.Refresh, curvature.LastRefresh!.Decisions[0].Decision);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Refresh_Averaging_LooksAtTheMeanSinceTheLastOpportunity(string place)
    {
        // Opportunities at 0, 3 and 6 see means of 64, 68 and 88.
        KroneckerOptions options = Options(s_quarter) with { TraceAveraging = true, Refresh = RefreshSchedule.Every(3) };
        RefreshReport[] reports = Run(place, options, 64, 20, 120, 64, 100, 90, 74);
        Assert.Equal([(RefreshDecision.Refresh, 64, null), (RefreshDecision.Keep, 68, 4 / 64.0), (RefreshDecision.Refresh, 88, 24 / 64.0)], reports.Select(Seen));
    }

    [Fact]
    public void Traces_OfEveryKindOfLayer_AreThoseOfTheFactorsThatAreFormed()
    {
        using TensorScope scope = TensorScope.Begin();
        RandomStream random = new(1);
        const DType type = DType.Float64;
        (Layer Layer, Tensor Input, int[] Output)[] cases =
        [
            (new Linear(11, 6, random: random, type: type), CurvatureBench.Normal(2, 9, 11), [9, 6]),
            (new Linear(5, 3, random: random, type: type), CurvatureBench.Normal(2, 4, 7, 5), [4, 7, 3]),
            (new Embedding(5, 3, random, type), Tensor.From([0, 1, 1, 3, 3, 3], [2, 3]), [2, 3, 3]),
            (new Conv2d(2, 3, 3, random: random, type: type), CurvatureBench.Normal(2, 4, 2, 5, 5), [4, 3, 3, 3]),
            (new Conv2d(4, 6, 3, new Convolution2d(2, 1, 1, 2, 1, 2, Groups: 2), random: random, type: type), CurvatureBench.Normal(2, 3, 4, 7, 6), [3, 6, 4, 6]),
            (new Conv2d(2, 3, 2, new Convolution2d(3, 3), random: random, type: type), CurvatureBench.Normal(2, 3, 2, 7, 5), [3, 3, 2, 2]), // pixels in no patch
        ];
        foreach (BiasRule bias in Enum.GetValues<BiasRule>())
        {
            foreach ((Layer layer, Tensor input, int[] output) in cases)
            {
                using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain() with { TraceRule = TraceRule.ThorNt, Bias = bias, Damping = 0 });
                CurvatureBench.Pass(layer, input, CurvatureBench.Normal(3, output));
                double trace = curvature.Refresh().Decisions[0].Trace!.Value;
                LayerCurvature own = curvature.Layers[0];
                double expected = 0;
                for (int i = 0; i < own.Factors.Count; i += 2)
                {
                    expected += own.Positions * Trace(own.Factors[i]) * Trace(own.Factors[i + 1]);
                }

                Assert.Equal(1, trace / expected, 1e-12);
            }
        }
    }

    [Theory]
    [InlineData("off")]
    [InlineData("thor")]
    [InlineData("thor-stop")]
    [InlineData("thor-nt")]
    [InlineData("0.3:0.03")]
    public void TraceRule_FromText_HasTheSameText(string text) => Assert.Equal(text, TraceRule.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("0.1")]
    [InlineData("0.1:0.2")]
    [InlineData("0.1:-1")]
    [InlineData("NaN:0")]
    [InlineData("often")]
    public void TraceRule_OfNoKnownForm_IsRefused(string text) => Assert.Throws<FormatException>(() => TraceRule.Parse(text));

    [Fact]
    public void TraceRule_Presets_AreThePublishedThresholds()
    {
        Assert.Equal((0.01, 0), (TraceRule.Thor.W1, TraceRule.Thor.W2));
        Assert.Equal((0.01, 0.001), (TraceRule.ThorStop.W1, TraceRule.ThorStop.W2));
        Assert.Equal((0, 0), (TraceRule.ThorNt.W1, TraceRule.ThorNt.W2));
        Assert.Equal(RefreshDecision.Refresh, TraceRule.Off.Decide(0));
    }

    private static double Trace(KroneckerFactor factor) => MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfMatrix(CurvatureBench.Whole(factor, factor.Tiles)).Trace();

    private static (RefreshDecision Decision, double? Trace, double? Change) Seen(RefreshReport report)
    {
        LayerDecision only = Assert.Single(report.Decisions);
        return (only.Decision, only.Trace, only.Change);
    }

    private static KroneckerOptions Options(TraceRule rule) =>
        CurvatureBench.Plain(128, 1.0 / Inputs) with { TraceRule = rule };

    private static Linear Layer(Device device)
    {
        Linear layer = new(Inputs, 1, random: new RandomStream(1));
        layer.To(device);
        return layer;
    }

    /// <summary>One sample whose tr(A + lambda I) is a number: ones, and zeros.</summary>
    private static Tensor Ones(int trace, Device device) =>
        Tensor.From([.. Enumerable.Range(0, Inputs).Select(i => i < trace - 1 ? 1f : 0f)], [1, Inputs]).To(device);

    private static RefreshReport[] Run(string place, TraceRule rule, long? limit, params int[] traces) =>
        Run(place, Options(rule) with { MaximumStaleness = limit }, traces);

    private static RefreshReport[] Run(string place, KroneckerOptions options, params int[] traces)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }

        using TensorScope scope = TensorScope.Begin();
        Device device = Device.Parse(place);
        Linear layer = Layer(device);
        using KroneckerPreconditioner curvature = new(layer, options);
        List<RefreshReport> reports = [];
        curvature.Refreshed += (_, report) => reports.Add(report);
        foreach (int trace in traces)
        {
            Step(curvature, layer, Ones(trace, device), 1);
        }

        // A layer that was skipped formed nothing.
        Assert.Equal(reports.Sum(static report => report.Layers), curvature[layer].Covariances);
        Assert.Equal(curvature[layer].Covariances, curvature[layer].Refreshes);
        return [.. reports];
    }

    private static void Step(KroneckerPreconditioner curvature, Linear layer, Tensor input, double gradient)
    {
        layer.Weight.ZeroGrad();
        layer.Bias?.ZeroGrad();
        curvature.Discard();
        CurvatureBench.Pass(layer, input, Tensor.Full([1, 1], gradient, DType.Float32, input.Device));
        curvature.Transform(0.1);
    }
}
