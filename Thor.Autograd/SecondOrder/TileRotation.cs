using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>A matrix in another basis: rows and columns turned by orthogonal tiles, those that a <see cref="GramMatrix"/> holds for its two sides.</summary>
internal static class TileRotation
{
    /// <summary>U^T x V, tile by tile.</summary>
    public static Tensor Into(GramMatrix matrix, Tensor x) => Turn(matrix, x, isBack: false);

    /// <summary>U x V^T, tile by tile.</summary>
    public static Tensor Back(GramMatrix matrix, Tensor x) => Turn(matrix, x, isBack: true);

    private static Tensor Turn(GramMatrix matrix, Tensor x, bool isBack)
    {
        Tensor rows = x.EmptyLike(x.Shape);
        foreach ((int start, Tensor tile) in Tiles(matrix.Left))
        {
            Tensor turn = isBack ? tile : tile.Transpose();
            Tensor.MatMulInto(turn, x.Slice(0, start, tile.Shape[0]), rows.Slice(0, start, tile.Shape[0]));
        }

        Tensor both = x.EmptyLike(x.Shape);
        foreach ((int start, Tensor tile) in Tiles(matrix.Right))
        {
            Tensor turn = isBack ? tile.Transpose() : tile;
            both.Slice(1, start, tile.Shape[0]).CopyFrom(rows.Slice(1, start, tile.Shape[0]).MatMul(turn));
        }

        return both;
    }

    private static IEnumerable<(int Start, Tensor Tile)> Tiles(KroneckerFactor factor) =>
        Enumerable.Range(0, factor.TileCount).Select(tile => (tile * factor.TileSize, factor.Tile(factor.Inverse, tile)));
}
