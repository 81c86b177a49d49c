using System.Text.Json.Serialization;

namespace Thor.Bench.TileSize;

/// <summary>One candidate.</summary>
/// <param name="Dimension">Rows and columns of a tile.</param>
/// <param name="ShareUnderOnePercent">Share of the factors that lose less than 1 %.</param>
/// <param name="MeanLoss">Mean over the factors.</param>
/// <param name="Tiles">Tiles of all factors.</param>
/// <param name="Milliseconds">To invert all tiles; null where one tile is more than the device's primitive takes.</param>
/// <param name="Performance">Time for tiles of 1 divided by this one's; null as above.</param>
internal sealed record TileSizePoint(int Dimension, double ShareUnderOnePercent, double MeanLoss, int Tiles, double? Milliseconds, double? Performance);

/// <summary>Where the curves meet.</summary>
/// <param name="Dimension">Interpolated.</param>
/// <param name="Value">What both curves are there.</param>
/// <param name="Chosen">The nearest power of two.</param>
internal sealed record Intersection(double Dimension, double Value, int Chosen);

/// <summary>One factor.</summary>
/// <param name="Name">Layer and side.</param>
/// <param name="Dimension">Rows and columns.</param>
/// <param name="Losses">For each candidate.</param>
internal sealed record FactorLosses(string Name, int Dimension, IReadOnlyList<double> Losses);

/// <summary>Everything `thor tiles --json` writes.</summary>
/// <param name="Model">What was trained.</param>
/// <param name="Data">On what.</param>
/// <param name="Device">Where.</param>
/// <param name="Steps">Updates, the one included whose factors these are.</param>
/// <param name="BatchSize">Samples of a batch.</param>
/// <param name="Seed">Of weights and batches.</param>
/// <param name="Points">The candidates.</param>
/// <param name="Intersection">Where the curves meet; null where they do not.</param>
/// <param name="IntersectionByFastest">
/// The same with the fastest candidate in the place of tiles of 1: where calls have a fixed price for each tile, tiles of 1 are slow, and
/// performance relative to them exceeds 1.
/// </param>
/// <param name="Factors">The factors.</param>
internal sealed record TileSizeReport(
    string Model,
    string Data,
    string Device,
    long Steps,
    int BatchSize,
    ulong Seed,
    IReadOnlyList<TileSizePoint> Points,
    Intersection? Intersection,
    Intersection? IntersectionByFastest,
    IReadOnlyList<FactorLosses> Factors);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TileSizeReport))]
internal sealed partial class TileSizeJson : JsonSerializerContext;
