using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Gradients that are NaN or infinite.</summary>
public sealed class SkippedStepTests
{
    public static TheoryData<string, string, double> Cases
    {
        get
        {
            TheoryData<string, string, double> cases = [];
            foreach (string place in TraceRuleTests.Places.Select(static row => row.Data))
            {
                foreach (string rule in new[] { "sgd", "momentum", "adagrad", "rmsprop", "adadelta", "adam", "lars", "lamb" })
                {
                    cases.Add(place, rule, rule == "momentum" ? double.PositiveInfinity : double.NaN);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_GradientsThatAreNotFinite_ChangeNothingAndAreCounted(string place, string rule, double fault)
    {
        Device device = Open(place);
        using TensorScope scope = TensorScope.Begin();
        Sequential model = Model(device);
        FirstOrderOptimizer first = (FirstOrderOptimizer)OptimizerRegistry.Create(rule, model, new Dictionary<string, string>());
        using Preconditioned optimizer = new(new KroneckerPreconditioner(model, new KroneckerOptions { Refresh = RefreshSchedule.Every(2) }), first);
        Step(model, optimizer, 0, 1);
        Step(model, optimizer, 1, 1);
        Dictionary<string, float[]> before = Read(model, first);
        Step(model, optimizer, 2, fault); // also an opportunity: tiles keep what they hold
        Assert.Equal(before, Read(model, first));
        Assert.Equal(1, optimizer.SkippedSteps);
        Assert.Equal(3, optimizer.StepCount);
        Step(model, optimizer, 3, 1);
        Dictionary<string, float[]> after = Read(model, first);
        Assert.Equal(1, optimizer.SkippedSteps);
        Assert.All(after.Values, static values => Assert.All(values, static value => Assert.True(float.IsFinite(value))));
        Assert.NotEqual(before["0.weight"], after["0.weight"]);
    }

    [Theory]
    [MemberData(nameof(TraceRuleTests.Places), MemberType = typeof(TraceRuleTests))]
    public void Step_MoreInARowThanAllowed_EndsWithTheNameOfTheParameter(string place)
    {
        Device device = Open(place);
        using TensorScope scope = TensorScope.Begin();
        Sequential model = Model(device);
        using ThorOptimizer optimizer = new(model, new ThorOptions { MaximumSkippedSteps = 2 });
        Step(model, optimizer, 0, 1);
        Step(model, optimizer, 1, double.NaN);
        Step(model, optimizer, 2, double.NaN);
        Step(model, optimizer, 3, 1);
        NonFiniteGradientException? thrown = null;
        int step = 4;
        for (; step < 30 && thrown is null; step++)
        {
            try
            {
                Step(model, optimizer, step, double.NaN);
            }
            catch (NonFiniteGradientException exception)
            {
                thrown = exception;
            }
        }

        // Two are left out and the third ends it, on queues when norms are next read.
        Assert.Equal(device.IsHost ? 7 : 10, step);
        Assert.Contains("'0.weight'", thrown!.Message, StringComparison.Ordinal);
        Assert.Contains($"Step {step}:", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_MovingAverageOfFactors_IsNotSpoilt()
    {
        using TensorScope scope = TensorScope.Begin();
        Sequential model = Model(Device.Host);
        using ThorOptimizer optimizer = new(model, new ThorOptions { StatisticsDecay = 0.5, Refresh = RefreshSchedule.Every(1) });
        Step(model, optimizer, 0, 1);
        float[] before = optimizer.Curvature.Layers[0].Factors[1].Tiles.ToArray<float>();
        Step(model, optimizer, 1, double.NaN);
        Assert.Equal(before, optimizer.Curvature.Layers[0].Factors[1].Tiles.ToArray<float>());
        Step(model, optimizer, 2, 1);
        float[] after = optimizer.Curvature.Layers[0].Factors[1].Tiles.ToArray<float>();
        Assert.All(after, static value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void State_WithSkippedSteps_CountsOnWhereItStopped()
    {
        using TensorScope scope = TensorScope.Begin();
        Sequential model = Model(Device.Host);
        using ThorOptimizer first = new(model, new ThorOptions { MaximumSkippedSteps = 2 });
        Step(model, first, 0, double.NaN);
        Step(model, first, 1, double.NaN);
        StateDict state = first.StateDict().Clone();
        first.Dispose();
        using ThorOptimizer second = new(model, new ThorOptions { MaximumSkippedSteps = 2 });
        second.Load(state);
        Assert.Equal(2, second.SkippedSteps);
        Assert.Throws<NonFiniteGradientException>(() => Step(model, second, 2, double.NaN));
    }

    private static Device Open(string place)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }

        return Device.Parse(place);
    }

    private static Sequential Model(Device device)
    {
        RandomStream random = new(5);
        Sequential model = new(new Linear(6, 5, random: random), new Thor.Autograd.Layers.Tanh(), new Linear(5, 3, random: random));
        model.To(device);
        return model;
    }

    /// <summary>A step whose output gradients are normal numbers, one of them times a factor.</summary>
    private static void Step(Sequential model, Optimizer optimizer, int step, double factor)
    {
        using TensorScope scope = TensorScope.Begin();
        Device device = model.Parameters()[0].Device;
        optimizer.ZeroGrad();
        Tensor coefficients = CurvatureBench.Normal((ulong)(40 + step), 8, 3).Cast(DType.Float32);
        coefficients.Slice(0, 3, 1).Slice(1, 1, 1).MapInPlace(Thor.Kernels.BinaryOperation.Multiply, factor);
        CurvatureBench.Pass(model, CurvatureBench.Normal((ulong)step, 8, 6).Cast(DType.Float32).To(device), coefficients.To(device));
        optimizer.Step();
    }

    private static Dictionary<string, float[]> Read(Sequential model, FirstOrderOptimizer rule) =>
        model.StateDict().Concat(rule.StateDict().Where(static entry => entry.Value.DType == DType.Float32))
            .ToDictionary(static entry => entry.Key, static entry => entry.Value.To(Device.Host).ToArray<float>());
}
