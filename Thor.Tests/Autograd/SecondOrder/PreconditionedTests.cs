using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Whole steps: curvature in front of a rule.</summary>
public sealed class PreconditionedTests
{
    private static readonly int[] s_labels = [0, 1, 2, 0, 1, 2, 0, 1];

    [Fact]
    public void Step_NoLayerPreconditioned_IsTheRuleBitForBit()
    {
        Sequential plain = Model();
        Sequential watched = Model();
        using AdamW rule = new(ParameterGroup.Of(plain), 0.01);
        using Preconditioned optimizer = new(
            new KroneckerPreconditioner(watched, new KroneckerOptions { Excluded = ["*"] }), new AdamW(ParameterGroup.Of(watched), 0.01));
        Train(plain, rule, 0, 6);
        Train(watched, optimizer, 0, 6);
        AssertSame(plain, watched);
    }

    [Fact]
    public void Step_BeforeTheFirstStatistics_IsTheRuleBitForBit()
    {
        Sequential plain = Model();
        Sequential watched = Model();
        using Momentum rule = new(ParameterGroup.Of(plain), 0.01);
        using ThorOptimizer optimizer = new(watched, new ThorOptions { LearningRate = 0.01 });

        // In evaluation mode layers tell nothing, so every refresh finds nothing to do.
        plain.Eval();
        watched.Eval();
        Train(plain, rule, 0, 6);
        Train(watched, optimizer, 0, 6);
        Assert.Equal(0, optimizer.Curvature.Observations);
        AssertSame(plain, watched);
    }

    [Fact]
    public void Step_OnlyWhereARefreshIsDue_LooksAtTheLayers()
    {
        Sequential model = Model();
        using ThorOptimizer optimizer = new(model, new ThorOptions { Refresh = RefreshSchedule.Growing(2, (5, 3)) });
        long[] expected = [2, 2, 4, 4, 6, 8, 8, 8, 10];
        List<long> refreshes = [];
        optimizer.Curvature.Refreshed += (_, report) => refreshes.Add(report.Step);
        for (int step = 0; step < expected.Length; step++)
        {
            Train(model, optimizer, step, step + 1);
            Assert.Equal(expected[step], optimizer.Curvature.Observations);
        }

        Assert.Equal([0, 2, 4, 5, 8], refreshes);
        Assert.Equal(2, optimizer.Curvature.LastRefresh!.Layers);
    }

    [Theory]
    [InlineData(1, DType.Float32)]
    [InlineData(5, DType.Float32)] // between two refreshes
    [InlineData(6, DType.Float32)] // right before one
    [InlineData(7, DType.Float64)]
    public void State_LoadedAtAnyStep_ContinuesBitForBit(int at, DType type)
    {
        foreach (ThorOptions options in new[]
        {
            new ThorOptions { LearningRate = Schedule.Linear(0.1, 0, 20), Refresh = RefreshSchedule.Every(3), TileSize = 16 },
            new ThorOptions { LearningRate = 0.05, Refresh = RefreshSchedule.Every(3), StatisticsDecay = 0.5, Bias = BiasRule.Homogeneous, DampingSplit = DampingSplit.Pi, TileSize = 16 },
            new ThorOptions { LearningRate = 0.05, Refresh = RefreshSchedule.Every(2), TraceRule = new TraceRule(0.1, 0.01), MaximumStaleness = 3, TileSize = 16 },
            new ThorOptions { LearningRate = 0.05, Refresh = RefreshSchedule.Every(2), TraceRule = new TraceRule(0.5, 0), StalenessProbe = 0.3, RefreshDelay = 1, TileSize = 16 },
            new ThorOptions { LearningRate = 0.05, Refresh = RefreshSchedule.Every(3), TraceRule = new TraceRule(0.05, 0), TraceAveraging = true, TileSize = 16 },
            new ThorOptions { LearningRate = 0.05, Refresh = RefreshSchedule.Every(3), RefreshDelay = 2, TileSize = 16 },
        })
        {
            Sequential straight = Model(type);
            using ThorOptimizer first = new(straight, options);
            Train(straight, first, 0, at);
            StateDict model = straight.StateDict().Clone();
            StateDict state = first.StateDict().Clone();
            Train(straight, first, at, 12);

            Sequential resumed = Model(type, seed: 99);
            using ThorOptimizer second = new(resumed, options);
            resumed.Load(model, strict: true);
            second.Load(state);
            Train(resumed, second, at, 12);
            Assert.Equal(12, second.StepCount);
            AssertSame(straight, resumed);
        }
    }

    [Fact]
    public void Load_StateOfAnotherTileSize_IsRefusedAndChangesNothing()
    {
        Sequential model = Model();
        using ThorOptimizer small = new(model, new ThorOptions { TileSize = 8 });
        StateDict state = small.StateDict().Clone();
        small.Dispose();
        using ThorOptimizer optimizer = new(model);
        Train(model, optimizer, 0, 1);
        Assert.Throws<ArgumentException>(() => optimizer.Load(state));
        Assert.Equal(1, optimizer.StepCount);
        Assert.Equal(1, optimizer.Curvature.Layers[0].Refreshes);
    }

    [Fact]
    public void Refresh_ATileThatFails_KeepsItsLastInverseAndLeavesAllOthersAlone()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor first = CurvatureBench.Normal(1, 9, 11);
        Tensor second = CurvatureBench.Normal(2, 9, 11);
        Tensor broken = second.Clone();
        broken.AsSpan<double>()[(3 * 11) + 5] = double.NaN; // a column of tile 1
        (double[][] sound, _) = TwoRefreshes(first, second);
        (double[][] faulty, RefreshReport report) = TwoRefreshes(first, broken);
        (double[][] before, _) = TwoRefreshes(first, first);

        TileFailure failure = Assert.Single(report.Failures);
        Assert.Equal(("Linear", "Linear.A", FactorSide.Input, 1), (failure.Layer, failure.Factor, failure.Side, failure.Tile));
        Assert.NotEqual(0, failure.Status);
        Assert.Equal(Math.Sqrt(0.1), failure.Damping);
        Assert.Equal(report.Tiles - 1, report.Inverted);
        for (int tile = 0; tile < sound.Length; tile++)
        {
            Assert.Equal(tile == 1 ? before[tile] : sound[tile], faulty[tile]);
        }
    }

    [Fact]
    public void Refresh_ReportReadBeforeTheNext_NamesTheFailures()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, 3, random: new RandomStream(1), type: DType.Float64);
        KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(damping: 0) with { Recovery = RecoveryLadder.KeepLast });
        Tensor x = CurvatureBench.Normal(2, 6, 4);
        Tensor singular = x.Clone();
        singular.Slice(1, 2, 1).Fill(0);
        Tensor g = CurvatureBench.Normal(3, 6, 3);
        CurvatureBench.Pass(layer, singular, g);
        RefreshReport first = curvature.Refresh();
        CurvatureBench.Pass(layer, x, g);
        Assert.Equal(3, Assert.Single(first.Failures).Status);
        RefreshReport second = curvature.Refresh();
        Assert.Equal(first.Tiles - 1, first.Inverted);
        CurvatureBench.Pass(layer, x, g);
        RefreshReport third = curvature.Refresh();
        Assert.Contains("at step 0", Assert.Throws<InvalidOperationException>(() => second.Failures).Message, StringComparison.Ordinal);
        curvature.Dispose();
        Assert.Empty(third.Failures);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0)]
    [InlineData(1e-4)]
    public void KlClip_WhereNothingIsToBeClipped_IsOne(double innerProduct) =>
        Assert.Equal(1, KlClip.Factor(1e-3, 0.5, Tensor.From(innerProduct, 0)).Item());

    [Fact]
    public void Refresh_ATileThatFailsTheFirstTime_IsTheIdentity()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(damping: 0));
        Tensor x = CurvatureBench.Normal(2, 6, 4);
        x.Slice(1, 2, 1).Fill(0); // an input that is always zero, and no damping: singular
        CurvatureBench.Pass(layer, x, CurvatureBench.Normal(3, 6, 3));
        TileFailure failure = Assert.Single(curvature.Refresh().Failures);
        Assert.Equal(3, failure.Status);
        KroneckerFactor a = curvature[layer].Factors[0];
        Assert.Equal(Tensor.From<double>(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1).ToArray<double>(), a.Inverse.ToArray<double>());
    }

    [Fact]
    public void Thor_BadlyScaledInputs_LowersTheLossFasterThanMomentum()
    {
        double momentum = double.PositiveInfinity;
        foreach (double rate in new[] { 0.01, 0.03, 0.1, 0.3, 1, 3 })
        {
            momentum = Math.Min(momentum, Fit(model => new Momentum(ParameterGroup.Of(model), rate, nesterov: true)));
        }

        double thor = Fit(static model => new ThorOptimizer(model, new ThorOptions { LearningRate = 0.1, Damping = 0.001, KlClip = 1e-2 }));
        Assert.True(thor < 0.7 * momentum, $"THOR {thor}, momentum at its best learning rate {momentum}");
    }

    [Fact]
    public void Preconditioner_LayersAndWeights_AreTakenOrNamed()
    {
        Sequential model = Model();
        using (KroneckerPreconditioner curvature = new(model, new KroneckerOptions { Excluded = ["0"] }))
        {
            Assert.Equal(["2"], curvature.Layers.Select(static l => l.Name));
            Assert.Empty(curvature.FirstOrderLayers);
            InvalidOperationException problem = Assert.Throws<InvalidOperationException>(() => new KroneckerPreconditioner(model));
            Assert.Contains("'2'", problem.Message, StringComparison.Ordinal);
        }

        using KroneckerPreconditioner free = new(model);
        Assert.Equal(["0", "2"], free.Layers.Select(static l => l.Name));
    }

    [Fact]
    public void Preconditioner_LayerOfAnUnknownKind_IsNamedAndTrainedFirstOrder()
    {
        using KroneckerPreconditioner curvature = new(new Gain());
        Assert.Empty(curvature.Layers);
        Assert.Contains("Gain", Assert.Single(curvature.FirstOrderLayers), StringComparison.Ordinal);
    }

    [Fact]
    public void Preconditioner_WeightsThatAreShared_AreNamedWithAllTheirOwners()
    {
        Linear inner = new(3, 3, random: new RandomStream(1));
        using (KroneckerPreconditioner twice = new(new Sequential(inner, new Relu(), inner)))
        {
            Assert.Empty(twice.Layers);
            Assert.Equal(2, twice.FirstOrderLayers.Count);
            Assert.All(twice.FirstOrderLayers, static reason => Assert.EndsWith("its weight is shared by 0, 2", reason, StringComparison.Ordinal));
        }

        // The other owner is no layer with curvature, and its use of the weight is seen by nobody.
        using KroneckerPreconditioner tied = new(new Sequential(inner, new Tied(inner.Weight)));
        Assert.Empty(tied.Layers);
        Assert.Equal("0: its weight is shared by 0, 1", Assert.Single(tied.FirstOrderLayers));
    }

    [Fact]
    public void Preconditioner_SettingOutOfRange_IsRefused()
    {
        Linear layer = new(3, 2, random: new RandomStream(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { TileSize = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { StatisticsDecay = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { KlClip = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { Damping = -1 }));
    }

    /// <summary>The loss after 40 steps on 96 samples whose eight inputs have scales from 1 to 1/64.</summary>
    private static double Fit(Func<Module, Optimizer> create)
    {
        using TensorScope scope = TensorScope.Begin();
        RandomStream random = new(3);
        Sequential model = new(
            new Linear(8, 16, random: random, type: DType.Float64), new Thor.Autograd.Layers.Tanh(), new Linear(16, 3, random: random, type: DType.Float64));
        Tensor x = CurvatureBench.Normal(11, 96, 8);
        Tensor labels = x.MatMul(CurvatureBench.Normal(12, 8, 3)).ArgMax();
        x *= Tensor.From([.. Enumerable.Range(0, 8).Select(static i => Math.Pow(2, -i * 6.0 / 7))]);
        using Optimizer optimizer = create(model);
        double last = 0;
        for (int step = 0; step < 40; step++)
        {
            optimizer.ZeroGrad();
            Variable loss = Losses.CrossEntropy(model.Forward(x), labels);
            loss.Backward();
            optimizer.Step();
            last = loss.Value.Item();
        }

        return last;
    }

    private static (double[][] Inverses, RefreshReport Report) TwoRefreshes(Tensor first, Tensor second)
    {
        Linear layer = new(11, 6, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain());
        Tensor g = CurvatureBench.Normal(3, 9, 6);
        CurvatureBench.Pass(layer, first, g);
        curvature.Refresh();
        CurvatureBench.Pass(layer, second, g);
        RefreshReport report = curvature.Refresh();
        List<double[]> tiles = [];
        foreach (KroneckerFactor factor in curvature[layer].Factors)
        {
            for (int tile = 0; tile < factor.TileCount; tile++)
            {
                tiles.Add(factor.Tile(factor.Inverse, tile).ToArray<double>());
            }
        }

        return ([.. tiles], report);
    }

    private static Sequential Model(DType type = DType.Float32, ulong seed = 5)
    {
        RandomStream random = new(seed);
        return new Sequential(
            new Conv2d(1, 4, 3, random: random, type: type), new Flatten(), new Linear(64, 3, random: random, type: type));
    }

    /// <summary>Steps on inputs that depend on the step alone.</summary>
    private static void Train(Sequential model, Optimizer optimizer, int from, int to)
    {
        DType type = model.Parameters()[0].DType;
        for (int step = from; step < to; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor images = (CurvatureBench.Normal(7, 8, 1, 6, 6) + (CurvatureBench.Normal((ulong)(1000 + step), 8, 1, 6, 6) * 0.02)).Cast(type) + 1.0;
            optimizer.ZeroGrad();
            Variable loss = Losses.CrossEntropy(model.Forward(images), Tensor.From(s_labels));
            loss.Backward();
            optimizer.Step();
        }
    }

    private static void AssertSame(Sequential expected, Sequential actual)
    {
        foreach ((string name, Tensor tensor) in expected.StateDict())
        {
            Assert.Equal(tensor.Cast(DType.Float64).ToArray<double>(), actual.StateDict()[name].Cast(DType.Float64).ToArray<double>());
        }
    }

    /// <summary>A product with the transpose of another layer's weight.</summary>
    private sealed class Tied : Layer
    {
        private readonly Parameter _weight;

        public Tied(Parameter weight)
        {
            _weight = Register("weight", weight);
        }

        protected override Variable Run(Variable input) => input.MatMul(_weight);
    }

    /// <summary>A user's own layer that can be observed, of a kind that has no curvature here.</summary>
    private sealed class Gain : Layer, ICurvatureLayer
    {
        public Gain()
        {
            Weight = Register("weight", new Parameter(Tensor.Ones([1])));
        }

        public ICurvatureObserver? Observer { get; set; }

        public Parameter Weight { get; }

        public Parameter? Bias => null;

        protected override Variable Run(Variable input) => input * Weight;
    }
}
