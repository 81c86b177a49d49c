using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Models;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>LeNet trained on every device and on the host, from one seed: the losses stay together, and a device repeats itself bit for bit.</summary>
public sealed class LeNetDeviceTests
{
    private const double LearningRate = 0.002;
    private const double MomentumFactor = 0.9;

    // The first steps differ by roundings of the loss and of a few weights.
    private const int EarlySteps = 10;
    private const double EarlyTolerance = 1e-4;

    // Then the networks choose different pixels of nearly equal ones in pooling, and drift apart. The host drifts just so from itself when its
    // first weights are moved by half a rounding each: by 0.008 to 0.013 at the worst step of 200, over six draws. Three times that, while the
    // loss falls by 0.9 and differs by 0.1 to 0.3 from batch to batch.
    private const double Tolerance = 0.04;

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void LeNet_TrainedFromOneSeed_FollowsTheHostAndRepeatsItself(string kind)
    {
        TestDevices.Require(kind);

        // Debuggers are slow, so their steps are few and small: cpu checks every index of every access, ILGPU's processor is a thread a work item.
        (int steps, int batch) = kind switch
        {
            "cpu" => (3, 2),
            "ilgpu-cpu" => (20, 2),
            _ => (200, 32),
        };
        float[] losses = Train(Device.Parse(kind), steps, batch);
        float[] host = Train(Device.Host, steps, batch);
        for (int step = 0; step < steps; step++)
        {
            Assert.True(
                Math.Abs(losses[step] - host[step]) <= (step < EarlySteps ? EarlyTolerance : Tolerance),
                $"step {step}: loss {losses[step]:R} on {kind}, {host[step]:R} on the host");
        }

        if (steps >= 100)
        {
            Assert.True(losses[^10..].Average() < 0.75 * losses[0], $"the loss went from {losses[0]} to {losses[^10..].Average()}");
        }

        Assert.Equal(losses, Train(Device.Parse(kind), steps, batch));
    }

    private static float[] Train(Device device, int steps, int batch)
    {
        Dataset glyphs = Datasets.Glyphs(seed: 1, trainCount: 2048, testCount: 1);
        LeNet model = new(glyphs.Train.Classes, random: new RandomStream(3));
        model.To(device);
        using Momentum optimizer = new(model.Parameters(), LearningRate, MomentumFactor);
        DataLoader loader = new(glyphs.Train, batch, seed: 5, device: device);
        using Tensor losses = Tensor.Zeros([steps], device: device).Persist();
        int step = 0;
        while (step < steps)
        {
            foreach (Batch samples in loader)
            {
                using TensorScope scope = TensorScope.Begin();
                optimizer.ZeroGrad();
                Variable loss = Losses.CrossEntropy(model.Forward(samples.Inputs), samples.Labels);
                loss.Backward();
                optimizer.Step();

                // Reading each loss would make the device wait at each step.
                losses.Slice(0, step, 1).CopyFrom(loss.Value.Reshape(1));
                step++;
                if (step == steps)
                {
                    break;
                }
            }
        }

        return losses.ToArray<float>();
    }
}
