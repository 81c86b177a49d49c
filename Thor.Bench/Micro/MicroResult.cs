using System.Text.Json.Serialization;

namespace Thor.Bench.Micro;

/// <summary>One row of `thor micro`.</summary>
/// <param name="Name">What was measured, for example "gemm 1024x1024x1024 threads=2".</param>
/// <param name="Implementation">"thor", or the peer's name.</param>
/// <param name="Milliseconds">Median of a call.</param>
/// <param name="Gflops">Arithmetic rate, where the work is counted in operations.</param>
/// <param name="RatioToPeer">
/// Peer time divided by this row's time in the same run, each per operation where they do different work: above 1 is faster than the peer. 1 for the peer itself.
/// </param>
/// <param name="Target">What <paramref name="RatioToPeer"/> should at least be, where there is a target.</param>
/// <param name="GigabytesPerSecond">Memory rate, where the work is counted in bytes.</param>
internal sealed record MicroResult(
    string Name, string Implementation, double Milliseconds, double? Gflops, double? RatioToPeer, double? Target = null, double? GigabytesPerSecond = null);

/// <summary>Everything `thor micro --json` writes.</summary>
internal sealed record MicroReport(string Machine, IReadOnlyList<MicroResult> Rows, IReadOnlyDictionary<string, double> GeometricMeans);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MicroReport))]
internal sealed partial class MicroJson : JsonSerializerContext;
