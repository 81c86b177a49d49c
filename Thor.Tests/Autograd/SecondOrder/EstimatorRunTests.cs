using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Autograd.Training;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Autograd.Training;
using Thor.Tests.Devices;
using Xunit;
using Loss = Thor.Autograd.Losses.Losses;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Estimators in whole steps, on every device: their statistics, what a trainer does for them, and resuming.</summary>
public sealed class EstimatorRunTests
{
    private const int Samples = 8;
    private const int Classes = 3;

    public static TheoryData<string, FisherEstimator> PlacesAndEstimators()
    {
        TheoryData<string, FisherEstimator> cases = [];
        foreach (string place in TestDevices.Kinds.Select(static row => row.Data))
        {
            foreach (FisherEstimator estimator in Enum.GetValues<FisherEstimator>())
            {
                cases.Add(place, estimator);
            }
        }

        return cases;
    }

    /// <summary>The host and every kind of accelerator.</summary>
    public static TheoryData<string> Places => ["host", .. TestDevices.Kinds.Select(static row => row.Data)];

    [Theory]
    [MemberData(nameof(PlacesAndEstimators))]
    public void Statistics_OnADevice_AreThoseOfTheHost(string place, FisherEstimator estimator)
    {
        TestDevices.Require(place);
        using TensorScope scope = TensorScope.Begin();
        foreach (WeightSharing sharing in Enum.GetValues<WeightSharing>())
        {
            double[] expected = StatisticsOn(Device.Host, estimator, sharing);
            double[] actual = StatisticsOn(Device.Parse(place), estimator, sharing);
            double largest = expected.Max(Math.Abs);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * largest));
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void MonteCarlo_ResumedAtAnyStep_GoesOnToTheSameBits(string place)
    {
        Require(place);
        using TensorScope scope = TensorScope.Begin();
        Device device = Device.Parse(place);
        const int steps = 8;
        float[] whole = Weights(device, null, 0, steps, out _, out _);
        foreach (int stop in (int[])[1, 3, 4])
        {
            _ = Weights(device, null, 0, stop, out StateDict model, out StateDict optimizer);
            Assert.Equal(whole, Weights(device, (model, optimizer), stop, steps, out _, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void RecordedStep_MonteCarlo_ShowsTheLossOnRefreshStepsAlone(string place)
    {
        Require(place);
        using TensorScope scope = TensorScope.Begin();
        Device device = Device.Parse(place);
        Sequential model = Model(device);
        using ThorOptimizer optimizer = new(model, Options());
        using RecordedStep step = new(model, new ClassificationTask(), optimizer);
        List<long> observations = [];
        for (int i = 0; i < 5; i++)
        {
            using TensorScope inner = TensorScope.Begin();
            optimizer.ZeroGrad();
            step.Run(new Batch(Images(i, device), Labels(device)));
            optimizer.Step();
            observations.Add(optimizer.Curvature.Observations);
        }

        // Two layers, two draws, at steps 0 and 3.
        Assert.Equal([4L, 4, 4, 8, 8], observations);
        Assert.Empty(optimizer.Curvature.LastRefresh!.Failures);
    }

    [Fact]
    public void Trainer_MonteCarlo_ShowsTheOptimizerTheLoss()
    {
        using TensorScope scope = TensorScope.Begin();
        RandomStream random = new(5);
        Sequential model = new(new Linear(2, 16, random: random), new Thor.Autograd.Layers.Tanh(), new Linear(16, 2, random: random));
        using ThorOptimizer optimizer = new(model, Options());
        Dataset data = TwoMoons.Create();
        using Trainer trainer = new(
            model,
            optimizer,
            new ClassificationTask(),
            new DataLoader(data.Train, 20, seed: 7, prefetch: 0),
            new DataLoader(data.Test, 50, shuffle: false, prefetch: 0),
            new TrainerOptions { Steps = 20, EvaluateEvery = 10 });
        trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal(7 * 2 * 2, optimizer.Curvature.Observations); // refreshes, layers, draws
        Assert.True(trainer.Curve[^1].TestLoss < 0.3, $"a loss of {trainer.Curve[^1].TestLoss} on two classes");
    }

    private static ThorOptions Options() => new()
    {
        Fisher = FisherEstimator.MonteCarlo,
        FisherSamples = 2,
        Refresh = RefreshSchedule.Every(3),
        TileSize = 8,
        StatisticsDecay = 0.5,
        LearningRate = 0.1,
    };

    private static void Require(string place)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }
    }

    /// <summary>All factors after one pass, in single precision.</summary>
    private static double[] StatisticsOn(Device device, FisherEstimator estimator, WeightSharing sharing)
    {
        Sequential model = Model(device);
        using KroneckerPreconditioner curvature = new(
            model, CurvatureBench.Plain(tileSize: 8) with { Fisher = estimator, FisherSamples = 2, Sharing = sharing, StatisticsShare = 0.75 });
        Variable loss = Loss.CrossEntropy(model.Forward(Images(0, device)), Labels(device));
        curvature.ObserveLoss(loss);
        loss.Backward();
        return [.. curvature.Layers.SelectMany(static l => l.Factors).SelectMany(static f => f.Tiles.To(Device.Host).Cast(DType.Float64).ToArray<double>())];
    }

    /// <summary>The weights after some steps, begun afresh or from a state.</summary>
    private static float[] Weights(Device device, (StateDict Model, StateDict Optimizer)? start, int from, int to, out StateDict modelState, out StateDict optimizerState)
    {
        Sequential model = Model(device);
        using ThorOptimizer optimizer = new(model, Options());
        if (start is (StateDict, StateDict) state)
        {
            model.Load(state.Model);
            optimizer.Load(state.Optimizer);
        }

        for (int step = from; step < to; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            optimizer.ZeroGrad();
            Variable loss = Loss.CrossEntropy(model.Forward(Images(step, device)), Labels(device));
            optimizer.ObserveLoss(loss);
            loss.Backward();
            optimizer.Step();
        }

        modelState = Copy(model.StateDict());
        optimizerState = Copy(optimizer.StateDict());
        return [.. model.Parameters().SelectMany(static p => p.Value.To(Device.Host).ToArray<float>())];

        static StateDict Copy(StateDict state) => new(state.Select(static e => KeyValuePair.Create(e.Key, e.Value.Clone())));
    }

    private static Sequential Model(Device device)
    {
        RandomStream random = new(5);
        Sequential model = new(new Conv2d(1, 4, 3, random: random), new Relu(), new Flatten(), new Linear(64, Classes, random: random));
        model.To(device);
        return model;
    }

    private static Tensor Images(int step, Device device) => CurvatureBench.Normal((ulong)step + 20, Samples, 1, 6, 6).Cast(DType.Float32).To(device);

    private static Tensor Labels(Device device) => Tensor.From(0, 2, 1, 1, 0, 2, 2, 1).To(device);
}
