using System.Text.Json.Serialization;

namespace Thor.Bench.Paths;

/// <summary>A place on the surface.</summary>
/// <param name="X">First weight.</param>
/// <param name="Y">Second weight.</param>
/// <param name="Loss">Height.</param>
internal sealed record PathPoint(double X, double Y, double Loss);

/// <summary>One optimizer's way.</summary>
/// <param name="Optimizer">Which.</param>
/// <param name="IsSecondOrder">Whether it knows curvature.</param>
/// <param name="LearningRate">Its rate.</param>
/// <param name="StepsToMinimum">Steps until the loss was within the tolerance of the minimum's; null where it never was.</param>
/// <param name="Length">Of the whole way.</param>
/// <param name="Points">The start, and where each step ended.</param>
internal sealed record DescentPath(
    string Optimizer, bool IsSecondOrder, double LearningRate, int? StepsToMinimum, double Length, IReadOnlyList<PathPoint> Points);

/// <summary>Everything `thor paths --json` writes.</summary>
/// <param name="Surface">What the surface is.</param>
/// <param name="Minimum">The minimum that the paths lead to.</param>
/// <param name="Condition">Largest over smallest eigenvalue of the Hessian there.</param>
/// <param name="Tolerance">How much above the minimum counts as there.</param>
/// <param name="Paths">The optimizers.</param>
internal sealed record PathReport(string Surface, PathPoint Minimum, double Condition, double Tolerance, IReadOnlyList<DescentPath> Paths);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PathReport))]
internal sealed partial class PathJson : JsonSerializerContext;
