using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.Training;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Training;

[Collection(MemoryStatisticsCollection.Name)]
public sealed class TrainerTests
{
    [Fact]
    public void Run_OnTwoMoons_ReachesTheTargetAndRecordsWhen()
    {
        using Rig rig = new(new TrainerOptions { Steps = 400, EvaluateEvery = 20, TargetAccuracy = 0.97 });
        rig.Trainer.Run(TestContext.Current.CancellationToken);

        Assert.True(rig.Trainer.Done);
        Assert.Equal(20, rig.Trainer.Curve.Count);
        TrainingPoint target = Assert.IsType<TrainingPoint>(rig.Trainer.Target);
        Assert.True(target.TestAccuracy >= 0.97);
        Assert.All(rig.Trainer.Curve.TakeWhile(p => p != target), p => Assert.True(p.TestAccuracy < 0.97));
        Assert.Equal(400, rig.Trainer.Clock.Milliseconds.Count);
        Assert.Equal(400.0 / 20, rig.Trainer.Epoch);
        Assert.True(rig.Trainer.Curve[^1].TrainLoss < 0.5 * rig.Trainer.Curve[0].TrainLoss);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(20)]
    [InlineData(33)]
    public void Resume_AfterAnyStep_EndsWithTheSameBits(int stop)
    {
        using TemporaryFolder folder = new();
        using Rig whole = new(new TrainerOptions { Steps = 50, EvaluateEvery = 10, ClipNorm = 1 }, dropout: 0.2);
        whole.Trainer.Run(TestContext.Current.CancellationToken);

        TrainerOptions options = new() { Steps = 50, EvaluateEvery = 10, ClipNorm = 1, Folder = folder.Path };
        using (Rig first = new(options, dropout: 0.2))
        {
            first.Trainer.Advance(stop, TestContext.Current.CancellationToken);
            first.Trainer.Save();
        }

        using Rig second = new(options, dropout: 0.2, weightSeed: 99);
        second.Trainer.Resume(folder.File(Trainer.CheckpointName));
        Assert.Equal(stop, second.Trainer.Step);
        second.Trainer.Run(TestContext.Current.CancellationToken);

        Assert.Equal(whole.Weights(), second.Weights());
        Assert.Equal(whole.Trainer.Curve.Select(p => (p.Step, p.TrainLoss, p.TestLoss)), second.Trainer.Curve.Select(p => (p.Step, p.TrainLoss, p.TestLoss)));
    }

    [Fact]
    public void Run_Cancelled_SavesAndCanGoOn()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource source = new();
        TrainerOptions options = new() { Steps = 50, EvaluateEvery = 10, Folder = folder.Path };
        using Rig rig = new(options);
        rig.Trainer.Stepped += t =>
        {
            if (t.Step == 13)
            {
                source.Cancel();
            }
        };
        rig.Trainer.Run(source.Token);
        Assert.Equal(13, rig.Trainer.Step);

        using Rig next = new(options);
        next.Trainer.Resume(folder.File(Trainer.CheckpointName));
        Assert.Equal(13, next.Trainer.Step);
    }

    [Fact]
    public void Run_WithAnInfiniteInput_NamesItAndKeepsTheStateBefore()
    {
        using TemporaryFolder folder = new();
        using Rig rig = new(new TrainerOptions { Steps = 50, EvaluateEvery = 10, Folder = folder.Path }, poison: float.NaN);
        NonFiniteLossException exception = Assert.Throws<NonFiniteLossException>(() => rig.Trainer.Run(TestContext.Current.CancellationToken));

        Assert.Contains("Step 1:", exception.Message, StringComparison.Ordinal);
        Assert.Contains("inputs are not finite", exception.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, exception.Message, StringComparison.Ordinal);
        using Rig again = new(new TrainerOptions { Steps = 50, Folder = folder.Path });
        again.Trainer.Resume(folder.File(Trainer.CheckpointName));
        Assert.Equal(0, again.Trainer.Step);
        Assert.Equal(default, again.Loader.State);
    }

    [Fact]
    public void Run_WithOverflowInALayer_NamesTheFirstLayer()
    {
        using Rig rig = new(new TrainerOptions { Steps = 5, EvaluateEvery = 10 }, scaleOutput: true);
        NonFiniteLossException exception = Assert.Throws<NonFiniteLossException>(() => rig.Trainer.Run(TestContext.Current.CancellationToken));
        Assert.Contains("layer '3' (Linear)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithAHugeLearningRate_NamesTheParameterThatBroke()
    {
        using TemporaryFolder folder = new();
        using Rig rig = new(new TrainerOptions { Steps = 50, EvaluateEvery = 10, Folder = folder.Path }, learningRate: 1e39);
        NonFiniteLossException exception = Assert.Throws<NonFiniteLossException>(() => rig.Trainer.Run(TestContext.Current.CancellationToken));
        Assert.Contains("parameter '0.weight' is not finite", exception.Message, StringComparison.Ordinal);
        Assert.Contains("The state after step 0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_WithAnotherModel_SaysWhatDiffersAndChangesNothing()
    {
        using TemporaryFolder folder = new();
        using (Rig rig = new(new TrainerOptions { Steps = 2, Folder = folder.Path }, hidden: 8))
        {
            rig.Trainer.Run(TestContext.Current.CancellationToken);
        }

        using Rig other = new(new TrainerOptions { Steps = 2 }, hidden: 9);
        float[] before = other.Weights();
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => other.Trainer.Resume(folder.File(Trainer.CheckpointName)));
        Assert.Contains("[8, 2]", exception.Message, StringComparison.Ordinal);
        Assert.Contains("[9, 2]", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, other.Weights());
    }

    [Fact]
    public void Resume_FromATruncatedFile_IsRefused()
    {
        using TemporaryFolder folder = new();
        using Rig rig = new(new TrainerOptions { Steps = 2, Folder = folder.Path });
        rig.Trainer.Run(TestContext.Current.CancellationToken);
        string path = folder.File(Trainer.CheckpointName);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^5]);
        Assert.Throws<InvalidDataException>(() => rig.Trainer.Resume(path));
    }

    [Fact]
    public void Run_ForManySteps_KeepsMemoryFlat()
    {
        using Rig rig = new(new TrainerOptions { Steps = 10_000, EvaluateEvery = 1000 });
        rig.Trainer.Advance(500, TestContext.Current.CancellationToken);
        MemoryStatistics before = Device.Host.Backend.Statistics;
        rig.Trainer.Run(TestContext.Current.CancellationToken);
        MemoryStatistics after = Device.Host.Backend.Statistics;

        // What this run needs is far below the bounds, and 9,500 leaking steps would be far above.
        Assert.True(rig.Trainer.Done);
        Assert.InRange(after.InUseBytes - before.InUseBytes, long.MinValue, 256L << 20);
        Assert.True(after.PoolMisses - before.PoolMisses < 9_500, $"{after.PoolMisses - before.PoolMisses} pool misses in 9,500 steps");
    }

    /// <summary>A small network on two moons with a trainer around it.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly Optimizer _optimizer;

        public Rig(
            TrainerOptions options,
            double dropout = 0,
            ulong weightSeed = 3,
            float poison = 0,
            double learningRate = 0.1,
            int hidden = 16,
            bool scaleOutput = false)
        {
            Dataset data = TwoMoons.Create(poison);
            RandomStream random = new(weightSeed);
            Linear first = new(2, hidden, random: random);
            Linear last = new(hidden, 2, random: random);
            if (scaleOutput)
            {
                // Weights below 1/4 in magnitude become finite numbers of which a few overflow when they add up.
                last.Weight.Value.CopyFrom(last.Weight.Value * 1e20 * 1.2e19);
            }

            Model = new Sequential(first, new Tanh(), new Dropout(dropout, new RandomStream(5)), last);
            _optimizer = new Momentum(Model.Parameters(), learningRate, 0.9, nesterov: true);
            Loader = new DataLoader(data.Train, 20, seed: 7, prefetch: 1);
            Trainer = new Trainer(Model, _optimizer, new ClassificationTask(), Loader, new DataLoader(data.Test, 50, shuffle: false, prefetch: 0), options);
        }

        public Sequential Model { get; }

        public DataLoader Loader { get; }

        public Trainer Trainer { get; }

        public float[] Weights() => [.. Model.Parameters().SelectMany(static p => p.Value.ToArray<float>())];

        public void Dispose()
        {
            Trainer.Dispose();
            _optimizer.Dispose();
        }
    }
}
