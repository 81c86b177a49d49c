using Thor.Autograd.SecondOrder;
using Thor.Autograd.Training;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.Training;

[Collection(DeviceStatisticsCollection.Name)]
public sealed class TelemetryTests
{
    [Theory]
    [InlineData("host")]
    [InlineData("opencl")]
    public void Telemetry_OfThor_MeasuresEverySoManyStepsAndEveryRefresh(string kind)
    {
        using WatchedRun run = new(kind, new TrainerOptions { Steps = WatchedRun.Steps, TelemetryEvery = 4 }, WatchedRun.Thor with { TraceRule = TraceRule.ThorNt });
        using WatchedRun plain = new(kind, new TrainerOptions { Steps = WatchedRun.Steps }, WatchedRun.Thor with { TraceRule = TraceRule.ThorNt });
        List<StepTelemetry> steps = [];
        run.Trainer.Measured += (_, step) => steps.Add(step);
        run.Trainer.Run(TestContext.Current.CancellationToken);
        plain.Trainer.Run(TestContext.Current.CancellationToken);

        Assert.Equal(plain.Weights(), run.Weights());
        Assert.Equal([0L, 3, 4, 6, 8, 9], steps.Select(static s => s.Step));
        Assert.All(steps, static step =>
        {
            Assert.Equal(["0", "3"], step.Layers.Select(static l => l.Layer));
            Assert.True(step is { Loss: > 0, LearningRate: 0.05, PassMilliseconds: > 0, PreconditioningMilliseconds: > 0, InUseBytes: > 0 });
            Assert.True(step.UpdateMilliseconds >= step.PreconditioningMilliseconds);
            bool refreshed = step.Step % 3 == 0;
            Assert.Equal(refreshed, step.InversionMilliseconds > 0);
            Assert.Equal(refreshed, step.StatisticsMilliseconds > 0);
            Assert.All(step.Layers, layer =>
            {
                Assert.InRange(layer.Cosine, -1, 1);
                Assert.True(layer is { GradientNorm: > 0, UpdateNorm: > 0, InputDamping: > 0, OutputDamping: > 0 });
                Assert.Equal(refreshed ? RefreshDecision.Refresh : null, layer.Decision?.Decision);
                Assert.Equal(refreshed, layer.Decision?.Trace > 0);
                Assert.Equal(refreshed && step.Step > 0, layer.Decision?.Change is not null);
            });
        });
    }

    [Theory]
    [InlineData("host")]
    [InlineData("opencl")]
    public void Telemetry_OfGradientDescent_FindsTheWayDown(string kind)
    {
        using WatchedRun run = new(kind, new TrainerOptions { Steps = 3, TelemetryEvery = 1 });
        List<StepTelemetry> steps = [];
        run.Trainer.Measured += (_, step) => steps.Add(step);
        run.Trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal(3, steps.Count);
        Assert.All(steps.SelectMany(static s => s.Layers), static layer =>
        {
            Assert.Equal(1, layer.Cosine, 1e-5);
            Assert.Equal(0.05 * layer.GradientNorm, layer.UpdateNorm, 1e-5 * layer.GradientNorm);
            Assert.Null(layer.Decision);
            Assert.Null(layer.InputDamping);
        });
    }

    [Fact]
    public void Telemetry_OnADevice_DownloadsNothingBeforeLossesAreRead()
    {
        TestDevices.Require("opencl");
        AcceleratorBackend backend = (AcceleratorBackend)Device.Parse("opencl").Backend;
        using WatchedRun run = new("opencl", new TrainerOptions { Steps = 100, EvaluateEvery = 100, TelemetryEvery = 1 }, WatchedRun.Thor with { Recovery = RecoveryLadder.KeepLast });
        int measured = 0;
        run.Trainer.Measured += (_, _) => measured++;
        run.Trainer.Advance(1, TestContext.Current.CancellationToken);
        long before = backend.Accelerator.Statistics.Downloads;
        run.Trainer.Advance(8, TestContext.Current.CancellationToken);
        Assert.Equal((before, 0), (backend.Accelerator.Statistics.Downloads, measured));
        run.Trainer.Advance(1, TestContext.Current.CancellationToken);

        // The losses, what kernels noted of faults, and the telemetry of all ten steps.
        Assert.Equal((before + 3, 10), (backend.Accelerator.Statistics.Downloads, measured));
    }
}
