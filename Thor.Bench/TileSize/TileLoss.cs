using Thor.Kernels;

namespace Thor.Bench.TileSize;

/// <summary>What is lost of a factor when only its diagonal tiles are kept: L = 1 - lmax(tiled) / lmax(whole).</summary>
internal static class TileLoss
{
    /// <summary>A matrix that loses less than this keeps its information.</summary>
    public const double Small = 0.01;

    /// <summary>The losses of one factor.</summary>
    /// <param name="factor">Symmetric, positive semidefinite.</param>
    /// <param name="tileSizes">Candidates.</param>
    /// <returns>One for each candidate, in [0, 1]; 0 for a matrix that is all zero.</returns>
    public static double[] Of(WholeFactor factor, IReadOnlyList<int> tileSizes)
    {
        double whole = LargestEigenvalue.Of(factor.Elements, factor.Dimension, 0, factor.Dimension);
        return [.. tileSizes.Select(size => whole > 0 && size < factor.Dimension ? Math.Clamp(1 - (Tiled(factor, size) / whole), 0, 1) : 0)];
    }

    /// <summary>The largest eigenvalue of the block diagonal matrix, which is the largest of all its blocks.</summary>
    private static double Tiled(WholeFactor factor, int tileSize)
    {
        double largest = 0;
        for (int tile = 0; tile < TileLayout.Count(factor.Dimension, tileSize); tile++)
        {
            int rows = TileLayout.Dimension(factor.Dimension, tileSize, tile);
            largest = Math.Max(largest, LargestEigenvalue.Of(factor.Elements, factor.Dimension, tile * tileSize, rows));
        }

        return largest;
    }
}
