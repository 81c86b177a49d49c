using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>
/// Sizes and strides of a batch of matrix products as the kernels take them: element (row, step) of a, (step, column) of b and
/// (row, column) of c, all strides in elements. A batch has an inner and an outer axis.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct GemmSizes
{
    /// <summary>Rows of a and c.</summary>
    public int Rows;

    /// <summary>Columns of b and c.</summary>
    public int Columns;

    /// <summary>Length of the sums; 0 gives a product of zero.</summary>
    public int Depth;

    /// <summary>Extent of the inner batch axis.</summary>
    public int Inner;

    /// <summary>Extent of the outer batch axis.</summary>
    public int Outer;

    /// <summary>Into how many parts the sums are cut; each part writes a result of its own.</summary>
    public int Splits;

    /// <summary>Steps of a part; a multiple of every kernel's depth of a block.</summary>
    public int SplitDepth;

    /// <summary>1 if a bias is added to every row.</summary>
    public int HasBias;

    /// <summary>1 if four columns of c are stored at a time: rows begin at multiples of 16 bytes.</summary>
    public int StoresWide;

    /// <summary>Factor of the product.</summary>
    public float Alpha;

    /// <summary>Factor of the old c; with 0 it is not read.</summary>
    public float Beta;

    /// <summary>Distance between rows of a.</summary>
    public long ARow;

    /// <summary>Distance between steps of a.</summary>
    public long AStep;

    /// <summary>Distance between matrices a along the inner batch axis.</summary>
    public long AInner;

    /// <summary>Distance between matrices a along the outer batch axis.</summary>
    public long AOuter;

    /// <summary>Distance between steps of b.</summary>
    public long BStep;

    /// <summary>Distance between columns of b.</summary>
    public long BColumn;

    /// <summary>Distance between matrices b along the inner batch axis.</summary>
    public long BInner;

    /// <summary>Distance between matrices b along the outer batch axis.</summary>
    public long BOuter;

    /// <summary>Distance between rows of c, whose columns are neighbours.</summary>
    public long CRow;

    /// <summary>Distance between matrices c along the inner batch axis.</summary>
    public long CInner;

    /// <summary>Distance between matrices c along the outer batch axis.</summary>
    public long COuter;

    /// <summary>Distance between the results of parts of the sums.</summary>
    public long CSplit;
}
