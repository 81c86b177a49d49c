using System.Text.Json.Serialization;

namespace Thor.Bench.Ablate;

/// <summary>What `thor ablate --json` writes.</summary>
/// <param name="Model">What was trained.</param>
/// <param name="Data">On what.</param>
/// <param name="Device">Where.</param>
/// <param name="Optimizer">By what.</param>
/// <param name="BatchSize">Samples in a batch.</param>
/// <param name="Seed">Of initial weights and batch order, the same in all runs.</param>
/// <param name="Settings">Of the base.</param>
/// <param name="Rows">One a run, the base first.</param>
internal sealed record AblationReport(
    string Model,
    string Data,
    string Device,
    string Optimizer,
    int BatchSize,
    ulong Seed,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<AblationRow> Rows);

/// <summary>One run.</summary>
/// <param name="Name">What it changes of the base.</param>
/// <param name="Changes">The same, as options.</param>
/// <param name="Failure">Why the run ended early: its loss was not finite; else null.</param>
/// <param name="Steps">Updates.</param>
/// <param name="Seconds">Time in training steps.</param>
/// <param name="FinalTestLoss">At the end.</param>
/// <param name="FinalTestAccuracy">At the end, where the task has answers.</param>
/// <param name="FinalTrainLoss">Mean since the evaluation before the last.</param>
/// <param name="Opportunities">Steps at which curvature could be refreshed.</param>
/// <param name="Refreshes">Refreshes of single layers.</param>
/// <param name="StatisticsSeconds">Time in norms and covariances.</param>
/// <param name="InversionSeconds">Time in damping and inverting.</param>
/// <param name="PreconditioningSeconds">Time from gradients to directions.</param>
/// <param name="StatisticsSavedSeconds">What the base took longer in norms and covariances; negative where it was faster.</param>
/// <param name="InversionSavedSeconds">What the base took longer in damping and inverting.</param>
internal sealed record AblationRow(
    string Name,
    IReadOnlyDictionary<string, string> Changes,
    string? Failure,
    long Steps,
    double Seconds,
    double FinalTestLoss,
    double? FinalTestAccuracy,
    double FinalTrainLoss,
    int Opportunities,
    int Refreshes,
    double StatisticsSeconds,
    double InversionSeconds,
    double PreconditioningSeconds,
    double StatisticsSavedSeconds,
    double InversionSavedSeconds);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(AblationReport))]
internal sealed partial class AblationJson : JsonSerializerContext;
