using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.Optimizers;

public sealed class OptimizerRegistryTests
{
    private static readonly Dictionary<string, string> s_none = [];

    public static TheoryData<string> Names() => [.. OptimizerRegistry.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Create_WithDefaults_MakesAnOptimizerOfAllParametersUnderTheModelsNames(string name)
    {
        Linear model = new(3, 2, random: new RandomStream(1));
        using Optimizer optimizer = OptimizerRegistry.Create(name, model, s_none);
        Assert.Equal(["weight", "bias"], optimizer.Groups[0].Parameters.Select(static p => p.Key));
    }

    [Fact]
    public void Create_WithOptions_SetsThem()
    {
        Linear model = new(3, 2, random: new RandomStream(1));
        using ThorOptimizer thor = Assert.IsType<ThorOptimizer>(OptimizerRegistry.Create("thor", model, new Dictionary<string, string>
        {
            ["learning-rate"] = "linear:0.5:0:10",
            ["damping"] = "0.125",
            ["refresh-interval"] = "3,10:7",
            ["kl-clip"] = "off",
            ["damping-split"] = "pi",
            ["bias"] = "homogeneous",
            ["tile"] = "64",
            ["exclude"] = "a, b*",
        }));
        Assert.Equal(0.5, thor.LearningRate);
        KroneckerOptions options = thor.Curvature.Options;
        Assert.Equal(0.125, options.Damping.At(0));
        Assert.Equal("3,10:7", options.Refresh.ToString());
        Assert.Null(options.KlClip);
        Assert.Equal(DampingSplit.Pi, options.DampingSplit);
        Assert.Equal(BiasRule.Homogeneous, options.Bias);
        Assert.Equal(64, options.TileSize);
        Assert.Equal(["a", "b*"], options.Excluded);
    }

    [Theory]
    [InlineData("simplex", null, null, "momentum, nesterov")]
    [InlineData("sgd", "damping", "1", "learning-rate, weight-decay")]
    [InlineData("sgd", "learning-rate", "fast", "must be a schedule, not 'fast'")]
    [InlineData("momentum", "nesterov", "maybe", "must be true or false, not 'maybe'")]
    [InlineData("thor", "bias", "none", "first-order or homogeneous")]
    [InlineData("thor", "tile", "-3", "a whole number")]
    public void Create_Unknown_NamesWhatIsKnown(string name, string? option, string? value, string expected)
    {
        Linear model = new(3, 2, random: new RandomStream(1));
        Dictionary<string, string> settings = option is null ? [] : new() { [option] = value! };
        ArgumentException problem = Assert.Throws<ArgumentException>(() => OptimizerRegistry.Create(name, model, settings));
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }
}
