using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Models;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Verify;

/// <summary>A few whole training steps on the device against the host in Float32, from the same weights and batches.</summary>
/// <remarks>
/// Both sides round; differences of a step enter the next one. The bound on the relative difference of losses is what a perturbation
/// of the weights by a few roundings grows to over so few steps.
/// </remarks>
/// <param name="Name">What is printed.</param>
/// <param name="Model">Makes the model.</param>
/// <param name="Optimizer">Makes its optimizer.</param>
/// <param name="Input">Shape of a batch of inputs.</param>
/// <param name="Classes">Number of classes.</param>
internal sealed record TrainingCheck(string Name, Func<RandomStream, Layer> Model, Func<Layer, Optimizer> Optimizer, Shape Input, int Classes)
    : Check(Name)
{
    private const int Steps = 8;
    private const double Bound = 1e-3;

    public static IEnumerable<Check> All()
    {
        yield return new TrainingCheck("LeNet, 8 steps of momentum", static r => new LeNet(10, random: r), Momentum, [32, 1, 28, 28], 10);
        yield return new TrainingCheck("LeNet, 8 steps of THOR", static r => new LeNet(10, random: r), Thor, [32, 1, 28, 28], 10);
        yield return new TrainingCheck("ResNet-20, 8 steps of momentum", static r => new ResNet20(10, random: r), Momentum, [8, 3, 32, 32], 10);
    }

    /// <inheritdoc/>
    public override CheckResult Run(Device device)
    {
        double[] losses = Train(device);
        double[] references = Train(Device.Host);
        double worst = 0;
        for (int i = 0; i < Steps; i++)
        {
            double error = Math.Abs(losses[i] - references[i]) / Math.Abs(references[i]);
            worst = double.IsNaN(error) ? double.NaN : Math.Max(worst, error);
        }

        return CheckResult.Of(Name, worst, Bound);
    }

    private static Momentum Momentum(Layer model) => new(model.Parameters(), 0.02, momentum: 0.9, nesterov: true);

    private static ThorOptimizer Thor(Layer model) => new(model, new ThorOptions { LearningRate = 0.01, Refresh = RefreshSchedule.Every(3) });

    private double[] Train(Device device)
    {
        Layer model = Model(new RandomStream(1)).To(device);
        using Optimizer optimizer = Optimizer(model);
        RandomStream random = new(2);
        Tensor losses = Tensor.Zeros([Steps], device: device);
        for (int step = 0; step < Steps; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor inputs = random.Normal(Input).To(device);
            int[] labels = new int[Input[0]];
            for (int i = 0; i < labels.Length; i++)
            {
                labels[i] = random.NextInt(Classes);
            }

            optimizer.ZeroGrad();
            Variable loss = Losses.CrossEntropy(model.Forward(inputs), Tensor.From(labels).To(device));
            loss.Backward();
            optimizer.Step();
            losses.Slice(0, step, 1).CopyFrom(loss.Value.Reshape(1));
        }

        foreach (Parameter parameter in model.Parameters())
        {
            parameter.Value.Dispose();
        }

        return losses.To(Device.Host).Cast(DType.Float64).ToArray<double>();
    }
}
