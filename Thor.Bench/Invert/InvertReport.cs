using System.Text.Json.Serialization;

namespace Thor.Bench.Invert;

/// <summary>What a device does at most, measured.</summary>
/// <param name="Device">"host", or an accelerator.</param>
/// <param name="Threads">Threads of the host; multiprocessors or cores of an accelerator.</param>
/// <param name="Gflops">Billions of operations per second of multiply-adds in registers.</param>
/// <param name="GbytesPerSecond">Billions of bytes per second of a copy, read and written.</param>
internal sealed record InvertRoof(string Device, int Threads, double Gflops, double GbytesPerSecond);

/// <summary>One implementation in one cell.</summary>
/// <param name="Device">"host", or an accelerator; a peer has the device that it was measured beside.</param>
/// <param name="Primitive">"inverse", "covariance" or "precondition".</param>
/// <param name="Implementation">
/// "thor", or the peer's name; for "covariance" also "thor bfloat16" and the like, which round their input; for "precondition" also "thor+update", which moves
/// parameters along the results, and "thor, update", which does that afterwards.
/// </param>
/// <param name="Dimension">Rows and columns of a tile.</param>
/// <param name="Batch">Tiles of a call.</param>
/// <param name="Threads">As in <see cref="InvertRoof"/>.</param>
/// <param name="TilesPerSecond">Tiles per second, by the median.</param>
/// <param name="Gflops">Billions of nominal operations per second.</param>
/// <param name="PercentOfPeak">Share of the roof of multiply-adds.</param>
/// <param name="MicrosecondsMedian">Of a call; calls follow each other.</param>
/// <param name="MicrosecondsP5">5th percentile.</param>
/// <param name="MicrosecondsP95">95th percentile.</param>
/// <param name="ResidualRatio">Largest of the tiles that were verified; null where nothing finite came out.</param>
/// <param name="ForwardError">The same.</param>
/// <param name="Cache">"warm" if all calls have the same operands, "cold" if more than caches hold.</param>
/// <param name="GbytesPerSecond">Compulsory traffic.</param>
/// <param name="PercentOfBandwidth">Share of the roof of the copy.</param>
/// <param name="LatencyMicroseconds">Of one call alone until it is done, by the host's clock; null where calls were cut.</param>
/// <param name="ThorSpeedup">On a peer's row: its time divided by Thor's, on that of "thor, update" by that of "thor+update"; median over samples that took turns.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="TilesPerPart">Tiles done at once: fewer than the batch where calls were cut.</param>
/// <param name="Failure">What verification found wrong; null if nothing.</param>
internal sealed record InvertRow(
    string Device,
    string Primitive,
    string Implementation,
    int Dimension,
    int Batch,
    int Threads,
    double TilesPerSecond,
    double Gflops,
    double PercentOfPeak,
    double MicrosecondsMedian,
    double MicrosecondsP5,
    double MicrosecondsP95,
    double? ResidualRatio,
    double? ForwardError,
    string Cache,
    double GbytesPerSecond,
    double PercentOfBandwidth,
    double? LatencyMicroseconds,
    double? ThorSpeedup,
    int Samples,
    int TilesPerPart,
    string? Failure);

/// <summary>Everything `thor invert --json` writes.</summary>
internal sealed record InvertReport(IReadOnlyList<InvertRoof> Roofs, IReadOnlyList<InvertRow> Rows, string Convention, string Machine, IReadOnlyList<string> Skipped);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(InvertReport))]
internal sealed partial class InvertJson : JsonSerializerContext;
