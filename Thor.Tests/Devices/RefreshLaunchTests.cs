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
