using Thor.Kernels;

namespace Thor.Bench.Invert;

/// <summary>What a run of `thor invert` measures.</summary>
/// <param name="Primitive">The primitive.</param>
/// <param name="Devices">"host" and names of accelerators.</param>
/// <param name="Dimensions">Rows and columns of tiles.</param>
/// <param name="Batches">Tiles of a call.</param>
/// <param name="Threads">Threads of the host.</param>
/// <param name="Peers">Names of peers, of which those are measured that are there and do the primitive.</param>
/// <param name="Seconds">Time that the samples of one implementation of one cell may take.</param>
internal sealed record InvertSettings(
    TilePrimitive Primitive,
    IReadOnlyList<string> Devices,
    IReadOnlyList<int> Dimensions,
    IReadOnlyList<int> Batches,
    IReadOnlyList<int> Threads,
    IReadOnlyList<string> Peers,
    double Seconds)
{
    /// <summary>What covariance may round X to; each a row of its own on devices with tensor cores.</summary>
    public IReadOnlyList<MatMulPrecision> Precisions { get; init; } = [MatMulPrecision.Float32];
}
