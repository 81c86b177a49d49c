using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>One layer's gradient and how it is cut into blocks, as kernels take it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TilePreconditionSize
{
    /// <summary>Rows of the gradient.</summary>
    public int Rows;

    /// <summary>Columns of the gradient.</summary>
    public int Columns;

    /// <summary>Tile dimension of both sides.</summary>
    public int TileSize;

    /// <summary>Tiles over the rows.</summary>
    public int Down;

    /// <summary>Tiles over the columns.</summary>
    public int Across;

    /// <summary>Pieces of 128 rows or columns of a tile.</summary>
    public int Pieces;

    /// <summary>Factor of the product.</summary>
    public float Scale;

    /// <summary>1 if the sums of result times gradient are wanted.</summary>
    public int InnerProducts;

    /// <summary>Where the layer's sums begin.</summary>
    public int FirstSum;
}
