using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>A rectangle of a tile that one set of groups of a covariance kernel computes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TilePair
{
    /// <summary>First element of the tile in the run.</summary>
    public long Offset;

    /// <summary>Rows and columns of the tile.</summary>
    public int Dimension;

    /// <summary>Column of X that the tile's first row is.</summary>
    public int First;

    /// <summary>First row of the rectangle in the tile.</summary>
    public int Row;

    /// <summary>First column of the rectangle in the tile.</summary>
    public int Column;
}
