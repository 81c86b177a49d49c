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

/// <summary>
/// A few whole training steps on the device and on the host, both in Float32, against the host in Float64, from the same weights and batches.
/// </summary>
/// <remarks>
/// Roundings of a step enter the next one and grow with it, at a rate that belongs to the task. How far the host's own single precision
/// strays from double precision measures that; a device may stray some times as far, since its roundings are others.
/// </remarks>
/// <param name="Name">What is printed.</param>
/// <param name="Model">Makes the model in an element type.</param>
/// <param name="Optimizer">Makes its optimizer.</param>
/// <param name="Input">Shape of a batch of inputs.</param>
/// <param name="Classes">Number of classes.</param>
internal sealed record TrainingCheck(string Name, Func<DType, Layer> Model, Func<Layer, Optimizer> Optimizer, Shape Input, int Classes)
    : Check(Name)
{
    private const int Steps = 8;
    private const double TimesAsFar = 16;
    private const double LeastBound = 1e-5;

    public static IEnumerable<Check> All()
    {
        yield return new TrainingCheck("LeNet, 8 steps of momentum", static t => new LeNet(10, random: new RandomStream(1), type: t), Momentum, [32, 1, 28, 28], 10);
        yield return new TrainingCheck("LeNet, 8 steps of THOR", static t => new LeNet(10, random: new RandomStream(1), type: t), Thor, [32, 1, 28, 28], 10);
        yield return new TrainingCheck("ResNet-20, 8 steps of momentum", static t => new ResNet20(10, random: new RandomStream(1), type: t), Momentum, [8, 3, 32, 32], 10);
    }

    /// <inheritdoc/>
    public override CheckResult Run(Device device)
    {
        double[] reference = Train(Device.Host, DType.Float64);
        double strays = Distance(Train(Device.Host, DType.Float32), reference);
        return CheckResult.Of(Name, Distance(Train(device, DType.Float32), reference), Math.Max(LeastBound, TimesAsFar * strays));
    }

    /// <summary>The largest relative difference of a step's losses; NaN where one is not a number.</summary>
    private static double Distance(double[] losses, double[] reference)
    {
        double worst = 0;
        for (int i = 0; i < Steps; i++)
        {
            worst = Math.Max(worst, Math.Abs(losses[i] - reference[i]) / Math.Abs(reference[i]));
        }

        return worst;
    }

    private static Momentum Momentum(Layer model) => new(model.Parameters(), 0.02, momentum: 0.9, nesterov: true);

    private static ThorOptimizer Thor(Layer model) => new(model, new ThorOptions { LearningRate = 0.01, Refresh = RefreshSchedule.Every(3) });

    private double[] Train(Device device, DType type)
    {
        // Initial weights are drawn in single precision whatever the type.
        Layer model = Model(type);
        model.Load(Model(DType.Float32).StateDict());
        model.To(device);
        using Optimizer optimizer = Optimizer(model);
        RandomStream random = new(2);
        Tensor losses = Tensor.Zeros([Steps], type, device);
        for (int step = 0; step < Steps; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor inputs = random.Normal(Input).Cast(type).To(device);
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
