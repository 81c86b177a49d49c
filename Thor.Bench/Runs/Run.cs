using System.Diagnostics;
using System.Globalization;
using Thor.Autograd.Layers;
using Thor.Autograd.Models;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Autograd.Training;
using Thor.Bench.Reports;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Runs;

/// <summary>One optimizer's training run, built from settings: model, optimizer, loaders, trainer, log.</summary>
internal sealed class Run : IDisposable
{
    // Initial weights and the order of batches come from independent streams of the one seed.
    private const ulong WeightStream = 1;

    // Steps between two that are measured, where telemetry is asked for without saying how often.
    private const int EveryByDefault = 25;

    private readonly RunLog _log;
    private readonly TelemetryLog _telemetry;

    private Run(RunSettings settings, long steps, Trainer trainer, RunLog log, TelemetryLog telemetry)
    {
        Settings = settings;
        Steps = steps;
        Trainer = trainer;
        _log = log;
        _telemetry = telemetry;
        trainer.Evaluated += LogEvaluation;
        trainer.Measured += (_, measured) => _telemetry.Write(Name, measured);
    }

    public RunSettings Settings { get; }

    public string Name => Settings.Label ?? Settings.Optimizer;

    public long Steps { get; }

    public Trainer Trainer { get; }

    /// <summary>Layers whose curvature a second-order optimizer cannot handle, and why.</summary>
    public IReadOnlyList<string> FirstOrderLayers =>
        Trainer.Optimizer is Preconditioned { Preconditioner: KroneckerPreconditioner curvature } ? curvature.FirstOrderLayers : [];

    /// <summary>Builds a run on a data set that is open already. Everything is validated before anything is written.</summary>
    /// <exception cref="UsageException">Something named in the settings does not exist or does not fit.</exception>
    public static Run Create(RunSettings settings, Dataset data)
    {
        try
        {
            Device device = Device.Parse(settings.Device);
            device.Backend.MatMulPrecision = Precisions.Parse("--precision", settings.Precision);
            device.Backend.CovariancePrecision = Precisions.Parse("--covariance-precision", settings.CovariancePrecision);
            DataLoader train = new(data.Train, Positive(settings.BatchSize, "--batch-size"), settings.Seed, device, dropLast: true);
            DataLoader test = new(data.Test, 250, 0, device, shuffle: false);
            if (train.BatchesPerEpoch == 0)
            {
                throw new UsageException($"--batch-size {settings.BatchSize} is more than the {data.Train.Count} training samples of '{settings.Data}'.");
            }

            long steps = Horizon(settings, train.BatchesPerEpoch);
            Layer model = ModelRegistry.Create(settings.Model, DataFactory.Describe(data), new RandomStream(settings.Seed).Fork(WeightStream)).To(device);
            settings = settings with { Steps = steps, OptimizerSettings = Presets.Complete(settings.Model, settings.Optimizer, settings.OptimizerSettings, steps) };
            SortedDictionary<string, string> options = new(settings.OptimizerSettings);
            options.Remove(RunSettings.Horizon);
            double? clip = options.Remove(RunSettings.ClipNorm, out string? text) ? Clip(text) : null;
            Optimizer optimizer = OptimizerRegistry.Create(settings.Optimizer, model, options);
            TrainerOptions trainerOptions = new()
            {
                Steps = steps,
                EvaluateEvery = Positive(settings.EvaluateEvery, "--evaluate-every"),
                CheckpointEvery = Positive(settings.CheckpointEvery, "--checkpoint-every"),
                TargetAccuracy = settings.TargetAccuracy,
                TargetLoss = settings.TargetLoss,
                ClipNorm = clip,
                RecordSteps = settings.RecordSteps,
                TraceStep = settings.TraceStep,
                TraceFile = settings.TraceFile,
                TelemetryEvery = settings.Telemetry is null ? null : Positive(settings.TelemetryEvery ?? EveryByDefault, "--telemetry-every"),
                Folder = settings.Folder,
            };
            Trainer trainer = new(model, optimizer, DataFactory.Task(settings), train, test, trainerOptions);
            RunLog log = RunLog.Open(settings.Folder is null ? null : Path.Combine(settings.Folder, "log.jsonl"));
            return new Run(settings, steps, trainer, log, new TelemetryLog(settings.Telemetry));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or DeviceException or NotSupportedException)
        {
            throw new UsageException(exception.Message, exception);
        }
    }

    /// <summary>What came of it.</summary>
    public RunResult Result()
    {
        TrainingPoint? last = Trainer.Curve.Count > 0 ? Trainer.Curve[^1] : null;
        StepClock clock = Trainer.Clock;
        MemoryStatistics memory = Backend.Statistics;
        return new RunResult(
            Name,
            Settings.OptimizerSettings,
            Trainer.Step,
            clock.Seconds,
            new StepTime(clock.Median, clock.Mean, clock.P95),
            Settings.TargetAccuracy,
            Settings.TargetLoss,
            Trainer.Target?.Step,
            Trainer.Target?.Seconds,
            last?.TestAccuracy,
            last?.TestLoss ?? double.NaN,
            last?.TrainLoss ?? double.NaN,
            Process.GetCurrentProcess().PeakWorkingSet64,
            memory.InUseBytes + memory.PooledBytes,
            [.. Trainer.Curve.Select(static p => new CurvePoint(p.Step, p.Epoch, p.Seconds, p.TrainLoss, p.TestLoss, p.TestAccuracy))]);
    }

    public void Dispose()
    {
        Trainer.Dispose();
        Trainer.Optimizer.Dispose();
        _log.Dispose();
        _telemetry.Dispose();
    }

    private Backend Backend => Device.Parse(Settings.Device).Backend;

    /// <summary>The run's own length before that of the command line, and what is known to be enough before one epoch.</summary>
    private static long Horizon(RunSettings settings, int batchesPerEpoch)
    {
        if (settings.OptimizerSettings.TryGetValue(RunSettings.Horizon, out string? text))
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long steps)
                ? steps
                : throw new UsageException($"{RunSettings.Horizon} must be a whole number, not '{text}'.");
        }

        return settings.Steps
            ?? (settings.Epochs is double epochs ? (long)Math.Ceiling(epochs * batchesPerEpoch) : Presets.Steps(settings.Model, settings.Data, settings.Optimizer) ?? batchesPerEpoch);
    }

    /// <summary>0 stands for no clipping.</summary>
    private static double? Clip(string text) =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double norm) || !(norm >= 0)
            ? throw new UsageException($"{RunSettings.ClipNorm} must be a number of at least 0, not '{text}'.")
            : norm > 0 ? norm : null;

    private static int Positive(int value, string option) =>
        value > 0 ? value : throw new UsageException($"{option} must be at least 1, not {value}.");

    private void LogEvaluation(Trainer trainer, TrainingPoint point)
    {
        MemoryStatistics memory = Backend.Statistics;
        _log.Write(
            "evaluation",
            ("optimizer", Name),
            ("step", point.Step),
            ("epoch", point.Epoch),
            ("seconds", point.Seconds),
            ("trainLoss", point.TrainLoss),
            ("testLoss", point.TestLoss),
            ("testAccuracy", point.TestAccuracy),
            ("inUseBytes", memory.InUseBytes),
            ("pooledBytes", memory.PooledBytes),
            ("residentBytes", Environment.WorkingSet));
    }
}
