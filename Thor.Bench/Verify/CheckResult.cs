using System.Text.Json.Serialization;

namespace Thor.Bench.Verify;

/// <summary>One line of `thor verify`.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Error">Largest error found, relative as the check defines it; null where it is not finite.</param>
/// <param name="Bound">What the error may be.</param>
/// <param name="Passed">Whether it is within the bound.</param>
/// <param name="Note">Why there is no error to show, where the check did not run to its end.</param>
internal sealed record CheckResult(string Name, double? Error, double Bound, bool Passed, string? Note = null)
{
    /// <summary>The verdict on an error.</summary>
    public static CheckResult Of(string name, double error, double bound) =>
        new(name, double.IsFinite(error) ? error : null, bound, error <= bound, double.IsFinite(error) ? null : "not finite where the reference is, or the other way round");
}

/// <summary>Everything `thor verify --json` writes.</summary>
/// <param name="Device">What was checked.</param>
/// <param name="Checks">Every check.</param>
/// <param name="Curvature">What approximations are off from exact curvature; null where checks were chosen by name.</param>
internal sealed record VerifyReport(string Device, IReadOnlyList<CheckResult> Checks, IReadOnlyList<CurvatureError>? Curvature);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerifyReport))]
internal sealed partial class VerifyJson : JsonSerializerContext;
