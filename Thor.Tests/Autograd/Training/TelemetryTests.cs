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
                bool compared = step.Step % 4 == 0;
                Assert.Equal((compared, compared, compared), (layer.GradientNorm > 0, layer.UpdateNorm > 0, Math.Abs(layer.Cosine ?? 2) <= 1));
                Assert.True(layer is { InputDamping: > 0, OutputDamping: > 0 });
                Assert.Equal(refreshed ? RefreshDecision.Refresh : null, layer.Decision?.Decision);
                Assert.Equal(refreshed, layer.Decision?.Trace > 0);
                Assert.Equal(refreshed && step.Step > 0, layer.Decision?.Change is not null);
            });
        });
    }

    [Theory]
    [InlineData("host")]
    [InlineData("opencl")]
    public void Telemetry_WithoutATraceRule_HasTheSameTraces(string kind)
    {
        double?[][] traces = [.. ((TraceRule[])[TraceRule.Off, TraceRule.ThorNt]).Select(rule =>
        {
            using WatchedRun run = new(kind, new TrainerOptions { Steps = 1, TelemetryEvery = 1 }, WatchedRun.Thor with { TraceRule = rule });
            List<StepTelemetry> steps = [];
            run.Trainer.Measured += (_, step) => steps.Add(step);
            run.Trainer.Run(TestContext.Current.CancellationToken);
            return steps.SelectMany(static step => step.Layers).Select(static layer => layer.Decision?.Trace).ToArray();
        })];
        Assert.Equal(2, traces[0].Length);
        Assert.All(traces[0].Zip(traces[1]), static pair => Assert.Equal(1, pair.First!.Value / pair.Second!.Value, 1e-5));
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
            Assert.Equal(1, layer.Cosine!.Value, 1e-5);
            Assert.Equal(0.05, layer.UpdateNorm!.Value / layer.GradientNorm!.Value, 1e-5);
            Assert.Null(layer.Decision);
            Assert.Null(layer.InputDamping);
        });
    }

    [Fact]
    public void Telemetry_OnADevice_IsOneDownloadWhereLossesAreRead()
    {
        TestDevices.Require("opencl");
        long[] plain = Downloads(null, out int unmeasured);
        long[] telemetry = Downloads(1, out int measured);
        Assert.Equal((0, 10), (unmeasured, measured));
        Assert.Equal([.. plain[..^1], plain[^1] + 1], telemetry);
    }

    /// <summary>Downloads of each of the first ten steps, after the last of which losses are read.</summary>
    private static long[] Downloads(int? every, out int measured)
    {
        AcceleratorBackend backend = (AcceleratorBackend)Device.Parse("opencl").Backend;
        TrainerOptions options = new() { Steps = 100, EvaluateEvery = 100, TelemetryEvery = every };
        using WatchedRun run = new("opencl", options, WatchedRun.Thor);
        int count = 0;
        run.Trainer.Measured += (_, _) => count++;
        long[] downloads = new long[10];
        for (int step = 0; step < downloads.Length; step++)
        {
            long before = backend.Accelerator.Statistics.Downloads;
            run.Trainer.Advance(1, TestContext.Current.CancellationToken);
            downloads[step] = backend.Accelerator.Statistics.Downloads - before;
        }

        measured = count;
        return downloads;
    }
}
