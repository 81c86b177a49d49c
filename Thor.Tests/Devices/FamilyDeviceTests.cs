using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Every second-order optimizer on the host and on devices: the same weights up to rounding, the same bits after a resumption.</summary>
public sealed class FamilyDeviceTests
{
    private static readonly int[] s_labels = [0, 1, 2, 0, 1, 2, 0, 1];

    // What a refresh, a stale step and growing intervals need; whole factors would hide tiles.
    private static readonly Dictionary<string, Dictionary<string, string>> s_settings = new()
    {
        ["thor"] = new() { ["refresh-interval"] = "3", ["tile"] = "16" },
        ["kfac"] = new() { ["refresh-interval"] = "3" },
        ["shampoo"] = new() { ["refresh-interval"] = "3", ["tile"] = "16", ["epsilon"] = "0.01" },

        // The logits' gradients sum to zero, so one direction has none; without an epsilon above rounding Adam would step along its noise.
        ["soap"] = new() { ["refresh-interval"] = "3", ["tile"] = "3", ["epsilon"] = "1e-3" },
        ["muon"] = [],
        ["newton"] = new() { ["damping"] = "1", ["matrix-limit"] = "0", ["iterations"] = "5" },
        ["natural-gradient"] = new() { ["matrix-limit"] = "0", ["iterations"] = "5" },
    };

    public static TheoryData<string> Optimizers => [.. s_settings.Keys];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Steps_OnOpenCL_FollowTheHost(string optimizer)
    {
        TestDevices.Require("opencl");
        using Run host = new(Device.Host, optimizer, seed: 5);
        using Run device = new(Device.Parse("opencl"), optimizer, seed: 5);
        float[] expected = Train(0, 7, host);
        float[] actual = Train(0, 7, device);
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            // Seven steps of float32, each through an inverse.
            Assert.Equal(expected[i], actual[i], 2e-4 * scale);
        }
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void State_LoadedMidway_ContinuesBitForBit(string optimizer)
    {
        foreach (int at in new[] { 1, 4, 6 })
        {
            using Run straight = new(Device.Host, optimizer, seed: 5);
            Train(0, at, straight);
            StateDict model = straight.Model.StateDict().Clone();
            StateDict state = straight.Optimizer.StateDict().Clone();
            float[] expected = Train(at, 10, straight);

            using Run resumed = new(Device.Host, optimizer, seed: 99);
            resumed.Model.Load(model);
            resumed.Optimizer.Load(state);
            Assert.Equal(expected, Train(at, 10, resumed));
            Assert.Equal(10, resumed.Optimizer.StepCount);
        }
    }

    /// <summary>Steps on inputs that depend on the step alone.</summary>
    /// <returns>All weights.</returns>
    private static float[] Train(int from, int to, Run run)
    {
        Device device = run.Model.Parameters()[0].Device;
        for (int step = from; step < to; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor images = new RandomStream((ulong)(1000 + step)).Normal([8, 1, 6, 6]).To(device);
            Tensor labels = Tensor.From(s_labels).To(device);
            Variable Loss() => Losses.CrossEntropy(run.Model.Forward(images), labels);
            run.Optimizer.ZeroGrad();
            Loss().Backward();
            run.Optimizer.Step(Loss);
        }

        return [.. run.Model.Parameters().SelectMany(static p => p.Value.ToArray<float>())];
    }

    private sealed class Run : IDisposable
    {
        public Run(Device device, string optimizer, ulong seed)
        {
            RandomStream random = new(seed);
            Model = new Sequential(new Conv2d(1, 3, 3, random: random), new Tanh(), new Flatten(), new Linear(48, 3, random: random));
            Model.To(device);
            Optimizer = OptimizerRegistry.Create(optimizer, Model, s_settings[optimizer]);
        }

        public Sequential Model { get; }

        public Optimizer Optimizer { get; }

        public void Dispose() => Optimizer.Dispose();
    }
}
