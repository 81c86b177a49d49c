using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Models;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Micro;

/// <summary>A model, one batch of made-up data and Nesterov momentum: what a training step is timed on.</summary>
internal sealed class TrainingStepWorkload : IDisposable
{
    private readonly Layer _model;
    private readonly Tensor _inputs;
    private readonly Tensor _labels;
    private readonly Optimizer _optimizer;

    private TrainingStepWorkload(
        string name, double target, Layer model, Tensor inputs, Shape labels, int classes, Func<Layer, Optimizer>? optimizer, Device device)
    {
        Name = name;
        Target = target;
        _model = model.To(device);
        _inputs = inputs.To(device);
        _labels = Ids(labels, classes, 2).To(device);
        _optimizer = optimizer?.Invoke(model) ?? new Momentum(model.Parameters(), 0.01, momentum: 0.9, nesterov: true);
    }

    /// <summary>What there is to choose from.</summary>
    public static IReadOnlyList<string> Names { get; } = ["mlp", "lenet", "resnet20", "encoder"];

    /// <summary>One of <see cref="Names"/>.</summary>
    public string Name { get; }

    /// <summary>What a step may cost, in products of two 1024 x 1024 matrices by OpenBLAS.</summary>
    public double Target { get; }

    /// <summary>A workload of its published size.</summary>
    /// <param name="name">
    /// mlp: 784-512-512-10, batch 256, at most 0.75 products. lenet: 28x28x1, batch 128, at most 5.5. resnet20: 32x32x3, batch 128, at most 24.
    /// encoder: two layers of width 128 with two heads, 32 sequences of 128 tokens, vocabulary 1000, a loss at every position, at most 12.
    /// </param>
    /// <param name="optimizer">Makes the optimizer; Nesterov momentum by default.</param>
    /// <param name="device">Where it trains.</param>
    /// <exception cref="ArgumentException">There is no such workload.</exception>
    public static TrainingStepWorkload Create(string name, Func<Layer, Optimizer>? optimizer = null, Device device = default)
    {
        RandomStream random = new(1);
        return name switch
        {
            "mlp" => new TrainingStepWorkload(name, 0.75, new Mlp([784, 512, 512, 10], random: random), random.Normal([256, 784]), [256], 10, optimizer, device),
            "lenet" => new TrainingStepWorkload(name, 5.5, new LeNet(10, random: random), random.Normal([128, 1, 28, 28]), [128], 10, optimizer, device),
            "resnet20" => new TrainingStepWorkload(name, 24, new ResNet20(10, random: random), random.Normal([128, 3, 32, 32]), [128], 10, optimizer, device),
            "encoder" => new TrainingStepWorkload(name, 12, new CharacterEncoder(1000, 128, random: random), Ids([32, 128], 1000, 1), [32, 128], 1000, optimizer, device),
            _ => throw new ArgumentException($"There is no training step '{name}'. Known: {string.Join(", ", Names)}.", nameof(name)),
        };
    }

    /// <summary>Forward, backward, update; waits for the device.</summary>
    /// <returns>The loss before the update.</returns>
    public double Step()
    {
        using TensorScope scope = TensorScope.Begin();
        return Train().Item();
    }

    /// <summary>The same without waiting.</summary>
    public void Queue()
    {
        using TensorScope scope = TensorScope.Begin();
        Train();
    }

    /// <summary>Gives back the optimizer's state and the batch.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        _inputs.Dispose();
        _labels.Dispose();
    }

    private Tensor Train()
    {
        _optimizer.ZeroGrad();
        Variable loss = Losses.CrossEntropy(_model.Forward(_inputs), _labels);
        loss.Backward();
        _optimizer.Step();
        return loss.Value;
    }

    private static Tensor Ids(Shape shape, int bound, ulong seed)
    {
        RandomStream random = new(seed);
        int[] ids = new int[shape.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = random.NextInt(bound);
        }

        return Tensor.From(ids, shape);
    }
}
