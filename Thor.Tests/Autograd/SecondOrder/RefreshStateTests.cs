using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.SecondOrder;
using Thor.Autograd.Training;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>A run with every refresh policy on, saved to a file at any step and taken up by another model and optimizer.</summary>
public sealed class RefreshStateTests
{
    private const int Steps = 14;

    [Theory]
    [MemberData(nameof(TraceRuleTests.Places), MemberType = typeof(TraceRuleTests))]
    public void Checkpoint_AtAnyStep_ContinuesBitForBit(string place)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }

        Device device = Device.Parse(place);
        using TensorScope scope = TensorScope.Begin();
        using TemporaryFolder folder = new();
        string path = folder.File("run.safetensors");
        ThorOptions options = new()
        {
            LearningRate = 0.1,
            TileSize = 16,
            Refresh = RefreshSchedule.Parse("geometric:2:1.5"), // 0, 2, 5, 9
            TraceRule = new TraceRule(0.3, 0.0001),
            TraceAveraging = true,
            StalenessProbe = 0.8,
            MaximumStaleness = 8,
            RefreshDelay = 2,
        };
        Sequential straight = Model(device, 5);
        using ThorOptimizer whole = new(straight, options);
        List<RefreshDecision> decisions = [];
        whole.Curvature.Refreshed += (_, report) => decisions.AddRange(report.Decisions.Select(static line => line.Decision));
        Train(straight, whole, 0, Steps);
        Assert.Contains(RefreshDecision.Keep, decisions);
        Assert.True(decisions.Count(static decision => decision == RefreshDecision.Refresh) > 2, "only the first opportunity refreshed");
        foreach (int at in new[] { 1, 4, 6, 7, 10 }) // within intervals, within delays, and right after a switch
        {
            Sequential first = Model(device, 5);
            using (ThorOptimizer optimizer = new(first, options))
            {
                Train(first, optimizer, 0, at);
                Checkpoint.Save(path, first, optimizer);
            }

            Sequential second = Model(device, 99);
            using ThorOptimizer resumed = new(second, options);
            Checkpoint.Load(path, second, resumed);
            Train(second, resumed, at, Steps);
            foreach ((string name, Tensor tensor) in straight.StateDict())
            {
                Assert.Equal(tensor.To(Device.Host).ToArray<float>(), second.StateDict()[name].To(Device.Host).ToArray<float>());
            }
        }
    }

    private static Sequential Model(Device device, ulong seed)
    {
        RandomStream random = new(seed);
        Sequential model = new(new Conv2d(1, 4, 3, random: random), new Flatten(), new Linear(64, 3, random: random));
        model.To(device);
        return model;
    }

    /// <summary>Steps on inputs that depend on the step alone.</summary>
    private static void Train(Sequential model, ThorOptimizer optimizer, int from, int to)
    {
        Device device = model.Parameters()[0].Device;
        for (int step = from; step < to; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor images = CurvatureBench.Normal((ulong)(1000 + step), 8, 1, 6, 6).Cast(DType.Float32) + 0.3;
            optimizer.ZeroGrad();
            Losses.CrossEntropy(model.Forward(images.To(device)), Tensor.From(0, 1, 2, 0, 1, 2, 0, 1).To(device)).Backward();
            optimizer.Step();
        }
    }
}
