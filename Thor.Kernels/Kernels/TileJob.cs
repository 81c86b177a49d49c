using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>One tile to invert or decompose, as kernels take it: a multiple of 8 bytes on all devices alike.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TileJob
{
    /// <summary>First element of the tile in both runs.</summary>
    public long Offset;

    /// <summary>Rows and columns.</summary>
    public int Dimension;

    /// <summary>Where the status goes.</summary>
    public int Slot;

    /// <summary>Added to the diagonal of the copy.</summary>
    public float Damping;

    /// <summary>Where eigenvalues go; 0 for other work.</summary>
    public int First;
}
