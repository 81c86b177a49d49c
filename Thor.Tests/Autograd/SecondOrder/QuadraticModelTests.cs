using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Levenberg-Marquardt damping and the quadratic model's rate and momentum, on regressions whose loss is that model exactly.</summary>
public sealed class QuadraticModelTests
{
    private readonly Linear _model = new(4, 1, bias: false, random: new RandomStream(1), type: DType.Float64);
    private readonly Tensor _x = CurvatureBench.Normal(2, 20, 4);
    private readonly Tensor _y = CurvatureBench.Normal(3, 20, 1);

    [Fact]
    public void QuadraticModel_OfAQuadratic_ReachesItsMinimumInOneStep()
    {
        using TensorScope scope = TensorScope.Begin();
        using ThorOptimizer optimizer = new(
            _model, new ThorOptions { Damping = 1e-14, DampingSplit = DampingSplit.Exact, TileSize = 8, KlClip = null, QuadraticModel = true });
        Step(optimizer);
        double[] gradient = Gradients.Of(Loss(), _model.Parameters())[0].Value.ToArray<double>();
        Assert.All(gradient, static value => Assert.Equal(0, value, 1e-9));
        Assert.Equal(0, ((QuadraticModelPreconditioner)optimizer.Preconditioner).LastMomentum);
    }

    [Fact]
    public void QuadraticModel_BehindPlainGradients_IsTheMethodOfConjugateGradients()
    {
        // Rate and momentum that minimise a quadratic over gradient and last step are those of conjugate gradients: 4 steps for 4 weights.
        using TensorScope scope = TensorScope.Begin();
        using Preconditioned optimizer = new(
            new QuadraticModelPreconditioner(_model, new KroneckerPreconditioner(_model, new KroneckerOptions { Excluded = ["*"], Damping = 0 })), new Sgd(_model.Parameters(), 1));
        for (int step = 0; step < 4; step++)
        {
            Assert.True(step == 0 || Math.Abs(Gradients.Of(Loss(), _model.Parameters())[0].Value.ToArray<double>()[0]) > 1e-6);
            Step(optimizer);
        }

        double[] gradient = Gradients.Of(Loss(), _model.Parameters())[0].Value.ToArray<double>();
        Assert.All(gradient, static value => Assert.Equal(0, value, 1e-10));
    }

    [Fact]
    public void Adaptation_WhereTheModelIsRight_LowersDamping()
    {
        using TensorScope scope = TensorScope.Begin();
        using Preconditioned optimizer = new(new NaturalGradientPreconditioner(_model, new ExactOptions { Damping = 0.5, KlClip = null }), new Sgd(_model.Parameters(), 1))
        {
            Adaptation = new LevenbergMarquardt(_model, new LevenbergMarquardtOptions { Decay = 0.9, Interval = 2 }),
        };
        Step(optimizer);
        Assert.Equal(1, optimizer.Preconditioner.DampingFactor);
        Step(optimizer);
        Assert.Equal(0.81, optimizer.Preconditioner.DampingFactor, 1e-15);

        // The loss has no damping and the model has, so that the loss falls by more.
        Assert.True(optimizer.Adaptation.LastRatio > 1);
    }

    [Fact]
    public void Adaptation_RatioOfAStep_IsThatByHand()
    {
        const double Rate = 0.7;
        using TensorScope scope = TensorScope.Begin();
        using Preconditioned optimizer = new(
            new KroneckerPreconditioner(_model, new KroneckerOptions { Excluded = ["*"], Damping = 0.25 }), new Sgd(_model.Parameters(), Rate))
        {
            Adaptation = new LevenbergMarquardt(_model, new LevenbergMarquardtOptions { Interval = 1 }),
        };
        double before = Loss().Value.Item();
        Tensor g = Gradients.Of(Loss(), _model.Parameters())[0].Value;
        Tensor bent = Curvature.HessianVector(Loss, _model.Parameters(), [g])[0];
        double gg = (g * g).Sum().Item();
        double model = (-Rate * gg) + (0.5 * Rate * Rate * ((g * bent).Sum().Item() + (0.25 * gg)));
        Step(optimizer);
        Assert.Equal((Loss().Value.Item() - before) / model, optimizer.Adaptation.LastRatio, 1e-10);
    }

    [Fact]
    public void Adaptation_WhereStepsOvershoot_RaisesDampingAndIsPartOfTheState()
    {
        using TensorScope scope = TensorScope.Begin();
        ThorOptions options = new()
        {
            LearningRate = 50,
            KlClip = null,
            Adaptation = new LevenbergMarquardtOptions { Decay = 0.5, Interval = 1 },
        };
        using ThorOptimizer optimizer = new(_model, options);
        Step(optimizer);
        Assert.Equal(2, optimizer.Preconditioner.DampingFactor);
        Assert.True(optimizer.Adaptation!.LastRatio < 0.25);

        Linear twin = new(4, 1, bias: false, random: new RandomStream(1), type: DType.Float64);
        using ThorOptimizer resumed = new(twin, options);
        resumed.Load(optimizer.StateDict());
        Assert.Equal(2, resumed.Preconditioner.DampingFactor);
    }

    [Fact]
    public void Adaptation_OfThor_GathersNoStatisticsFromItsOwnPasses()
    {
        using TensorScope scope = TensorScope.Begin();
        using ThorOptimizer optimizer = new(_model, new ThorOptions
        {
            Refresh = RefreshSchedule.Every(1),
            Adaptation = new LevenbergMarquardtOptions { Interval = 1 },
            QuadraticModel = true,
        });
        Step(optimizer);
        Step(optimizer);
        Assert.Equal(2, optimizer.Curvature.Observations);
    }

    [Fact]
    public void Steps_WithoutALoss_AreRefused()
    {
        using TensorScope scope = TensorScope.Begin();
        using ThorOptimizer adaptive = new(_model, new ThorOptions { Adaptation = new LevenbergMarquardtOptions() });
        Loss().Backward();
        Assert.Contains("give it to the step", Assert.Throws<InvalidOperationException>(adaptive.Step).Message, StringComparison.Ordinal);
        adaptive.Dispose();
        using ThorOptimizer quadratic = new(_model, new ThorOptions { QuadraticModel = true });
        Assert.Contains("give it to the step", Assert.Throws<InvalidOperationException>(quadratic.Step).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.95:5", 0.95, 5)]
    [InlineData("0.5:1", 0.5, 1)]
    public void Options_FromText_HaveTheSameText(string text, double decay, int interval)
    {
        LevenbergMarquardtOptions options = LevenbergMarquardtOptions.Parse(text);
        Assert.Equal((decay, interval), (options.Decay, options.Interval));
        Assert.Equal(text, options.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.95")]
    [InlineData("1:5")]
    [InlineData("0:5")]
    [InlineData("0.95:0")]
    [InlineData("nan:5")]
    [InlineData("0.95:5:1")]
    public void Options_OfNoKnownForm_AreRefused(string text) =>
        Assert.Throws<FormatException>(() => LevenbergMarquardtOptions.Parse(text));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void QuadraticModelAndAdaptation_OnADevice_StepAsOnTheHost(string kind)
    {
        TestDevices.Require(kind);
        using TensorScope scope = TensorScope.Begin();
        (float[] Weights, double Factor) Train(Device device)
        {
            Linear layer = (Linear)new Linear(6, 3, random: new RandomStream(1)).To(device);
            using ThorOptimizer optimizer = new(layer, new ThorOptions
            {
                KlClip = null,
                QuadraticModel = true,
                Adaptation = new LevenbergMarquardtOptions { Interval = 2 },
            });
            Tensor x = new RandomStream(2).Normal(new Shape([8, 6])).To(device);
            Tensor labels = Tensor.From(0, 1, 2, 0, 1, 2, 0, 1).To(device);
            for (int step = 0; step < 4; step++)
            {
                optimizer.ZeroGrad();
                Variable Loss() => Losses.CrossEntropy(layer.Forward(x), labels);
                Loss().Backward();
                optimizer.Step(Loss);
            }

            return (layer.Weight.Value.To(Device.Host).ToArray<float>(), optimizer.Preconditioner.DampingFactor);
        }

        (float[] weights, double factor) = Train(Device.Host);
        (float[] onDevice, double factorOnDevice) = Train(Device.Parse(kind));
        Assert.Equal(factor, factorOnDevice);
        Assert.All(weights.Zip(onDevice), static pair => Assert.Equal(pair.First, pair.Second, 2e-3f));
    }

    private Variable Loss() => Losses.MeanSquaredError(_model.Forward(_x), _y);

    private void Step(Optimizer optimizer)
    {
        optimizer.ZeroGrad();
        Loss().Backward();
        optimizer.Step(Loss);
    }
}
