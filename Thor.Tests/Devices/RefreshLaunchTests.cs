using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels.Accelerators;
using Thor.Tests.Autograd.SecondOrder;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>What a device is given to do at opportunities to refresh.</summary>
[Collection(DeviceStatisticsCollection.Name)]
public sealed class RefreshLaunchTests
{
    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Step_ThatTheRuleSkips_LaunchesNoCovarianceAndNoInversion(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(12, 5, random: new RandomStream(1));
        layer.To(device);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain() with { TraceRule = TraceRule.Thor });
        Step(curvature, layer, 1); // the first always refreshes, and compiles
        Step(curvature, layer, 1);
        AcceleratorStatistics skipped = Step(curvature, layer, 1);
        Assert.Equal(RefreshDecision.Keep, curvature.LastRefresh!.Decisions[0].Decision);
        Assert.Equal(1, curvature[layer].Covariances);
        AcceleratorStatistics refreshed = Step(curvature, layer, 2);
        Assert.Equal(2, curvature[layer].Covariances);

        // A and G and their inversion make the difference, and all norms come in one copy.
        Assert.True(refreshed.Launches >= skipped.Launches + 3, $"{refreshed.Launches} launches with a refresh, {skipped.Launches} without");
        Assert.Equal(1, skipped.Downloads);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Step_InOnePass_LaunchesNoUpdateOfItsWeights(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();
        AcceleratorStatistics fused = StaleStep(device, watched: false);
        AcceleratorStatistics apart = StaleStep(device, watched: true);
        Assert.Equal(apart.Launches - 2, fused.Launches); // one for each weight
        Assert.Equal((0, 0), (fused.Downloads, fused.Uploads));
    }

    /// <summary>What a device does in a step of two layers without a refresh.</summary>
    private static AcceleratorStatistics StaleStep(Device device, bool watched)
    {
        RandomStream random = new(1);
        Sequential model = new(new Linear(12, 5, random: random), new Linear(5, 3, random: random));
        model.To(device);
        using ThorOptimizer optimizer = new(model, new ThorOptions { KlClip = null, TileSize = 16 });
        optimizer.Transformed += watched ? static (_, _) => { } : null;
        Accelerator accelerator = ((AcceleratorBackend)device.Backend).Accelerator;
        AcceleratorStatistics before = default;
        for (int step = 0; step < 3; step++)
        {
            optimizer.ZeroGrad();
            CurvatureBench.Pass(
                model, CurvatureBench.Normal(2, 9, 12).Cast(DType.Float32).To(device), CurvatureBench.Normal(3, 9, 3).Cast(DType.Float32).To(device));
            before = accelerator.Statistics;
            optimizer.Step();
        }

        AcceleratorStatistics after = accelerator.Statistics;
        return after with
        {
            Launches = after.Launches - before.Launches,
            Downloads = after.Downloads - before.Downloads,
            Uploads = after.Uploads - before.Uploads,
        };
    }

    /// <summary>What the device did in one step.</summary>
    private static AcceleratorStatistics Step(KroneckerPreconditioner curvature, Linear layer, double scale)
    {
        Device device = layer.Weight.Device;
        Tensor x = (CurvatureBench.Normal(2, 9, 12) * scale).Cast(DType.Float32).To(device);
        Tensor g = CurvatureBench.Normal(3, 9, 5).Cast(DType.Float32).To(device);
        Accelerator accelerator = ((AcceleratorBackend)device.Backend).Accelerator;
        AcceleratorStatistics before = accelerator.Statistics;
        curvature.Discard();
        CurvatureBench.Pass(layer, x, g);
        curvature.Transform(0.1);
        AcceleratorStatistics after = accelerator.Statistics;
        return after with { Launches = after.Launches - before.Launches, Downloads = after.Downloads - before.Downloads };
    }
}
