using System.Text.Json.Serialization;

namespace Thor.Bench.Reports;

/// <summary>What `thor compare --json` writes.</summary>
internal sealed record CompareResult(
    string Model,
    string Data,
    string Device,
    int BatchSize,
    ulong Seed,
    IReadOnlyList<RunResult> Runs,
    CompareRatios? Ratios);

/// <summary>One optimizer's run.</summary>
internal sealed record RunResult(
    string Optimizer,
    IReadOnlyDictionary<string, string> Settings,
    long Steps,
    double Seconds,
    StepTime StepMilliseconds,
    double? TargetAccuracy,
    double? TargetLoss,
    long? StepsToTarget,
    double? SecondsToTarget,
    double? FinalTestAccuracy,
    double FinalTestLoss,
    double FinalTrainLoss,
    long PeakResidentBytes,
    long PooledBytes,
    IReadOnlyList<CurvePoint> Curve);

/// <summary>Step time over a run, in milliseconds.</summary>
internal sealed record StepTime(double Median, double Mean, double P95);

/// <summary>One evaluation.</summary>
internal sealed record CurvePoint(long Step, double Epoch, double Seconds, double TrainLoss, double TestLoss, double? TestAccuracy);

/// <summary>THOR over the best other run; below 1 means THOR needs less. Null where one of them did not get there.</summary>
internal sealed record CompareRatios(string Rival, double? StepsToTarget, double? SecondsToTarget, double StepTime, double MeanStepTime);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CompareResult))]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class ReportJson : JsonSerializerContext;
