using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Preconditioning and update in one pass, beside the two of them apart, which somebody who watches directions asks for.</summary>
public sealed class FusedStepTests
{
    private const int Faulty = 3;

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string place in TraceRuleTests.Places.Select(static row => row.Data))
            {
                foreach (string rule in s_options.Keys)
                {
                    cases.Add(place, rule);
                }
            }

            return cases;
        }
    }

    private static readonly ThorOptions s_plain = new()
    {
        KlClip = null,
        TileSize = 4,
        Refresh = RefreshSchedule.Every(2),
        LearningRate = Schedule.Linear(0.1, 0.02, 6),
    };

    private static readonly Dictionary<string, ThorOptions> s_options = new()
    {
        ["heavy ball"] = s_plain with { WeightDecay = 0.1 },
        ["nesterov"] = s_plain with { Nesterov = true, WeightDecay = WeightDecay.Decoupled(0.1) },
        ["descent"] = s_plain with { Momentum = 0, WeightDecay = WeightDecay.Early(0.1) },
    };

    /// <summary>Settings that need directions.</summary>
    public static TheoryData<string> Apart => ["kl clip", "tensor clip", "grafting", "exact", "homogeneous", "input only", "clock"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_InOnePass_ReachTheBitsOfTwo(string place, string rule)
    {
        using TensorScope scope = TensorScope.Begin();
        Device device = Open(place);
        (Sequential model, ThorOptimizer optimizer) = Create(device, s_options[rule]);
        (Sequential twin, ThorOptimizer apart) = Create(device, s_options[rule]);
        int seen = 0;
        Dictionary<string, float[]> directions = [];
        apart.Transformed += (_, _) =>
        {
            seen++;
            directions = twin.NamedParameters().ToDictionary(static entry => entry.Key, entry => Read(apart.Preconditioner.Direction(entry.Value) ?? entry.Value.Gradient!));
        };
        for (int step = 0; step < 6; step++)
        {
            Step(model, optimizer, step);
            Step(twin, apart, step);
            Assert.Equal(Values(twin.StateDict()), Values(model.StateDict()));
            Assert.Equal(Values(apart.StateDict()), Values(optimizer.StateDict()));

            // What was not written is made when asked for.
            foreach ((string name, Parameter parameter) in model.NamedParameters().Where(static entry => entry.Value.Shape.Rank > 1))
            {
                Assert.Equal(directions[name], Read(optimizer.Preconditioner.Direction(parameter)!));
            }
        }

        Assert.Equal(6, seen);
        Assert.Equal(1, optimizer.SkippedSteps);
        Assert.True(IsFused(model, optimizer));
        optimizer.Dispose();
        apart.Dispose();
    }

    [Theory]
    [MemberData(nameof(Apart))]
    public void Step_WhereDirectionsAreNeeded_WritesThem(string setting)
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, ThorOptimizer optimizer) = Create(Device.Host, setting switch
        {
            "kl clip" => s_plain with { KlClip = 1e-3 },
            "tensor clip" => s_plain with { TensorClip = 1 },
            "grafting" => s_plain with { Grafting = Grafting.Sgd },
            "exact" => s_plain with { DampingSplit = DampingSplit.Exact },
            "homogeneous" => s_plain with { Bias = BiasRule.Homogeneous },
            "input only" => s_plain with { Fisher = FisherEstimator.InputOnly },
            _ => s_plain,
        });
        using PhaseClock clock = new(Device.Host);
        optimizer.Preconditioner.Clock = setting == "clock" ? clock : null;
        Step(model, optimizer, 0);
        Assert.False(IsFused(model, optimizer));
        optimizer.Dispose();
    }

    [Fact]
    public void Direction_AfterAStepInTwoPasses_IsThatOfTheStep()
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, ThorOptimizer optimizer) = Create(Device.Host, s_plain with { KlClip = 1e-3 });
        Dictionary<string, float[]> during = [];
        optimizer.Transformed += (_, _) =>
        {
            foreach ((string name, Parameter parameter) in model.NamedParameters())
            {
                if (optimizer.Preconditioner.Direction(parameter) is Tensor direction)
                {
                    during[name] = Read(direction);
                }
            }
        };
        for (int step = 0; step < 2; step++)
        {
            Step(model, optimizer, step);
            foreach ((string name, Parameter parameter) in model.NamedParameters())
            {
                Assert.Equal(during.GetValueOrDefault(name), optimizer.Preconditioner.Direction(parameter) is Tensor direction ? Read(direction) : null);
            }
        }

        Assert.NotEmpty(during);
        optimizer.Dispose();
    }

    [Fact]
    public void Direction_AfterTheGradientIsGone_SaysSo()
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, ThorOptimizer optimizer) = Create(Device.Host, s_plain);
        Step(model, optimizer, 0);
        optimizer.ZeroGrad();
        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => optimizer.Preconditioner.Direction(model.Parameters()[0]));
        Assert.Contains("'0.weight'", fault.Message, StringComparison.Ordinal);
        optimizer.Dispose();
    }

    /// <summary>Whether the last step left products to its rule.</summary>
    private static bool IsFused(Sequential model, ThorOptimizer optimizer) =>
        ((IGradientTransform)optimizer.Preconditioner).ProductsOf(model.Parameters()[0]) is not null;

    private static Device Open(string place)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }

        return Device.Parse(place);
    }

    private static (Sequential Model, ThorOptimizer Optimizer) Create(Device device, ThorOptions options)
    {
        RandomStream random = new(5);
        Sequential model = new(
            new Conv2d(2, 6, 3, Convolution2d.Default with { Groups = 2 }, random: random), new Flatten(), new LayerNorm(24), new Linear(24, 5, random: random));
        model.To(device);
        return (model, new ThorOptimizer(model, options));
    }

    private static void Step(Sequential model, ThorOptimizer optimizer, int step)
    {
        using TensorScope scope = TensorScope.Begin();
        Device device = model.Parameters()[0].Device;
        optimizer.ZeroGrad();
        Tensor coefficients = CurvatureBench.Normal((ulong)(40 + step), 8, 5).Cast(DType.Float32);
        if (step == Faulty)
        {
            coefficients.Slice(0, 3, 1).Slice(1, 1, 1).Fill(double.NaN);
        }

        CurvatureBench.Pass(model, CurvatureBench.Normal((ulong)step, 8, 2, 4, 4).Cast(DType.Float32).To(device), coefficients.To(device));
        optimizer.Step();
    }

    private static Dictionary<string, float[]> Values(StateDict state) =>
        state.Where(static entry => entry.Value.DType == DType.Float32).ToDictionary(static entry => entry.Key, static entry => Read(entry.Value));

    private static float[] Read(Tensor tensor) => tensor.To(Device.Host).ToArray<float>();
}
