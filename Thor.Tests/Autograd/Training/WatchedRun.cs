using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Autograd.Training;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Devices;

namespace Thor.Tests.Autograd.Training;

/// <summary>A run small enough to be looked into: a convolution and a dense layer on a few glyphs, on a kind of device or the host.</summary>
internal sealed class WatchedRun : IDisposable
{
    public const int Steps = 12;
    public const int BatchSize = 8;

    public WatchedRun(string kind, TrainerOptions options, ThorOptions? thor = null)
    {
        if (kind != "host")
        {
            TestDevices.Require(kind);
        }

        Device device = Device.Parse(kind);
        Dataset data = Datasets.Glyphs(seed: 1, trainCount: 64, testCount: 8);
        RandomStream random = new(3);
        Model = new Sequential(
            new Conv2d(1, 3, 7, new(StrideY: 7, StrideX: 7), random: random), new Tanh(), new Flatten(), new Linear(48, data.Classes, random: random));
        Model.To(device);
        Optimizer = thor is null ? new Sgd(Model.Parameters(), 0.05) : new ThorOptimizer(Model, thor);
        Trainer = new Trainer(
            Model,
            Optimizer,
            new ClassificationTask(),
            new DataLoader(data.Train, BatchSize, seed: 7, device: device, prefetch: 1),
            new DataLoader(data.Test, 8, shuffle: false, prefetch: 0, device: device),
            options);
    }

    /// <summary>THOR with tiles that have ragged tails and refreshes at steps 0, 3, 6 and 9.</summary>
    public static ThorOptions Thor { get; } = new() { LearningRate = 0.05, TileSize = 32, Refresh = RefreshSchedule.Every(3), KlClip = null };

    public Sequential Model { get; }

    public Optimizer Optimizer { get; }

    public Trainer Trainer { get; }

    public float[] Weights() => [.. Model.Parameters().SelectMany(static p => p.Value.ToArray<float>())];

    public void Dispose()
    {
        Trainer.Dispose();
        Optimizer.Dispose();
    }
}
