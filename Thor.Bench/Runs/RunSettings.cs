using System.Text.Json.Serialization;

namespace Thor.Bench.Runs;

/// <summary>Everything that decides a run, as given on the command line; saved beside its checkpoint so that it can be resumed.</summary>
internal sealed record RunSettings
{
    /// <summary>The setting that the trainer reads and no optimizer does: largest global norm of the gradients.</summary>
    public const string ClipNorm = "clip-norm";

    /// <summary>The setting that gives one optimizer a run and a schedule of its own length, in updates.</summary>
    public const string Horizon = "steps";

    public string Model { get; init; } = "lenet";

    public string Data { get; init; } = "glyphs";

    public string? DataFolder { get; init; }

    public int SequenceLength { get; init; } = 128;

    public string Device { get; init; } = "host";

    public string Optimizer { get; init; } = "thor";

    /// <summary>Option values of the optimizer, by the names the command line uses.</summary>
    public SortedDictionary<string, string> OptimizerSettings { get; init; } = [];

    public double? Epochs { get; init; }

    public long? Steps { get; init; }

    public int BatchSize { get; init; } = 128;

    public ulong Seed { get; init; } = 1;

    public double? TargetAccuracy { get; init; }

    public double? TargetLoss { get; init; }

    public int EvaluateEvery { get; init; } = 25;

    public int CheckpointEvery { get; init; } = 500;

    public double LabelSmoothing { get; init; }

    public int? Threads { get; init; }

    public string Precision { get; init; } = "float32";

    public string CovariancePrecision { get; init; } = "float32";

    public bool RecordSteps { get; init; }

    /// <summary>What the run is called where several have one optimizer; null for the optimizer's name.</summary>
    [JsonIgnore]
    public string? Label { get; init; }

    [JsonIgnore]
    public string? Telemetry { get; init; }

    [JsonIgnore]
    public int? TelemetryEvery { get; init; }

    [JsonIgnore]
    public long? TraceStep { get; init; }

    [JsonIgnore]
    public string? TraceFile { get; init; }

    [JsonIgnore]
    public string? Folder { get; init; }

    [JsonIgnore]
    public string? Json { get; init; }
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunSettings))]
internal sealed partial class SettingsJson : JsonSerializerContext;
