using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>One layer's preconditioning by addresses, for the launch that does all layers.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TilePreconditionTask
{
    /// <summary>Address of the packed tiles over the rows.</summary>
    public ulong Left;

    /// <summary>Address of the packed tiles over the columns.</summary>
    public ulong Right;

    /// <summary>Address of the gradient.</summary>
    public ulong Gradient;

    /// <summary>Address of the result; with an update of the parameter.</summary>
    public ulong Result;

    /// <summary>Address of the parameter's velocity; 0 without an update.</summary>
    public ulong Velocity;

    /// <summary>Rows of the gradient.</summary>
    public int Rows;

    /// <summary>Columns of the gradient.</summary>
    public int Columns;

    /// <summary>Tile dimension of both sides.</summary>
    public int TileSize;

    /// <summary>Tiles over the columns.</summary>
    public int Across;

    /// <summary>Group of the first block.</summary>
    public int FirstGroup;

    /// <summary>Whether every 4th element of a row of a block begins at a multiple of 16 bytes: of the gradient, result and velocity (1), of the left tiles (2), of the right ones (4).</summary>
    public int Wide;

    /// <summary>Factor of the product.</summary>
    public float Scale;

    /// <summary>Fills the structure up to a multiple of 8 bytes.</summary>
    public int Reserved;
}
