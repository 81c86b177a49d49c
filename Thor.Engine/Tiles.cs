using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Engine;

/// <summary>Symmetric positive definite matrices by the batch.</summary>
public static class Tiles
{
    /// <summary>(tile + damping I)^-1 for every tile, exactly symmetric, on the device of the tiles. Waits for the status.</summary>
    /// <param name="tiles">(batch, n, n), Float32 or Float64; of each matrix only the upper triangle is read.</param>
    /// <param name="damping">Added to the diagonal of every tile.</param>
    /// <returns>
    /// The inverses, new and the caller's, and per tile a status: 0, the order of the first minor that is not positive, -1 for input that
    /// is not finite, -2 for conditioning so bad that the inverse has no correct digit. A tile whose status is not 0 is all NaN.
    /// </returns>
    /// <exception cref="ShapeException">The tiles are not (batch, n, n).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The damping is negative.</exception>
    public static (Tensor Inverses, int[] Status) Invert(Tensor tiles, double damping = 0)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        if (tiles.Rank != 3 || tiles.Shape[1] != tiles.Shape[2] || tiles.Shape[1] == 0)
        {
            ShapeException.Throw("Tiles.Invert", $"tiles must be (batch, n, n) with n at least 1, got {tiles}");
        }

        using TensorScope scope = TensorScope.Begin();
        int batch = tiles.Shape[0];
        int n = tiles.Shape[1];
        TileSlot[] slots = new TileSlot[batch];
        for (int tile = 0; tile < batch; tile++)
        {
            slots[tile] = new TileSlot((long)tile * n * n, n, damping);
        }

        Tensor inverses = Tensor.Full(tiles.Shape, double.NaN, tiles.DType, tiles.Device);
        Tensor status = Tensor.Empty([batch], DType.Int32, tiles.Device);
        tiles.Device.Backend.TileInverse(tiles.Contiguous(), inverses, slots, status);
        return (scope.Keep(inverses), status.ToArray<int>());
    }
}
