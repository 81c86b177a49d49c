using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>How the diagonal tiles of X^T X are cut into work, as kernels take it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TileCovarianceSize
{
    /// <summary>From row to row of X, in elements.</summary>
    public long RowStride;

    /// <summary>Rows of X.</summary>
    public int Rows;

    /// <summary>Columns of X.</summary>
    public int Dimension;

    /// <summary>Tile dimension.</summary>
    public int TileSize;

    /// <summary>0: triangles, the pieces of 128 columns with themselves. 1: squares, each with every later piece of its tile.</summary>
    public int Squares;

    /// <summary>Pieces of 128 columns of a tile.</summary>
    public int Pieces;

    /// <summary>Pieces, or pairs of them, of a tile.</summary>
    public int PairsPerTile;

    /// <summary>Blocks of 8 columns of a piece; on tensor cores pairs of strips make them multiples of 4.</summary>
    public int BlockRows;

    /// <summary>Teams of a group, which take turns at its rows, each with a panel of 8; on tensor cores the panels of a step, which all threads share.</summary>
    public int Teams;

    /// <summary>Groups that share the rows of a pair.</summary>
    public int Parts;

    /// <summary>Whether the run of tiles begins at a multiple of 16 bytes.</summary>
    public int WideTiles;

    /// <summary>Factor of the new sums.</summary>
    public float Scale;

    /// <summary>Factor of what the tiles hold; with 0 they are not read.</summary>
    public float Decay;
}
