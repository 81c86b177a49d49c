using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>Sizes of a pooling, as kernels take them: one plane in, one plane out, and the window that moves over it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PoolingWindow
{
    /// <summary>Rows of an input plane.</summary>
    public int Height;

    /// <summary>Columns of an input plane.</summary>
    public int Width;

    /// <summary>Rows of an output plane.</summary>
    public int OutputHeight;

    /// <summary>Columns of an output plane.</summary>
    public int OutputWidth;

    /// <summary>Rows of the window.</summary>
    public int KernelY;

    /// <summary>Columns of the window.</summary>
    public int KernelX;

    /// <summary>Rows from one window to the next.</summary>
    public int StrideY;

    /// <summary>Columns from one window to the next.</summary>
    public int StrideX;

    /// <summary>Rows by which the first window begins above the plane.</summary>
    public int PaddingY;

    /// <summary>Columns by which the first window begins left of the plane.</summary>
    public int PaddingX;

    /// <summary>The sizes of a pooling of planes.</summary>
    public static PoolingWindow Of(int height, int width, in Pooling2d geometry) => new()
    {
        Height = height,
        Width = width,
        OutputHeight = geometry.OutputHeight(height),
        OutputWidth = geometry.OutputWidth(width),
        KernelY = geometry.KernelY,
        KernelX = geometry.KernelX,
        StrideY = geometry.StrideY,
        StrideX = geometry.StrideX,
        PaddingY = geometry.PaddingY,
        PaddingX = geometry.PaddingX,
    };
}
