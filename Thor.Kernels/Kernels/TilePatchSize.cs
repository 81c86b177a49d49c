using System.Runtime.InteropServices;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Which patches of images make the rows of X, as kernels take it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TilePatchSize
{
    /// <summary>From the same pixel of image to image.</summary>
    public long ImageStride;

    /// <summary>First pixel of the group's channels in the first image.</summary>
    public int FirstPixel;

    /// <summary>Rows of an image.</summary>
    public int Height;

    /// <summary>Columns of an image.</summary>
    public int Width;

    /// <summary>Rows of the window.</summary>
    public int KernelY;

    /// <summary>Columns of the window.</summary>
    public int KernelX;

    /// <summary>Window positions from left to right.</summary>
    public int OutputWidth;

    /// <summary>Window positions of an image.</summary>
    public int Positions;

    /// <summary>Pixels from window to window, down.</summary>
    public int StrideY;

    /// <summary>Pixels from window to window, to the right.</summary>
    public int StrideX;

    /// <summary>Rows of zeros above an image.</summary>
    public int PaddingY;

    /// <summary>Columns of zeros left of an image.</summary>
    public int PaddingX;

    /// <summary>Pixels between elements of the window, down.</summary>
    public int DilationY;

    /// <summary>Pixels between elements of the window, to the right.</summary>
    public int DilationX;

    /// <summary>Divides by <see cref="Positions"/>.</summary>
    public Divisor ByPositions;

    /// <summary>Divides by <see cref="OutputWidth"/>.</summary>
    public Divisor ByOutputWidth;

    /// <summary>The sizes of a convolution's patches.</summary>
    public static TilePatchSize Of(in TilePatches patches)
    {
        Convolution2d geometry = patches.Geometry;
        return new TilePatchSize
        {
            ImageStride = (long)patches.Channels * patches.Height * patches.Width,
            FirstPixel = checked(patches.Group * patches.GroupChannels * patches.Height * patches.Width),
            Height = patches.Height,
            Width = patches.Width,
            KernelY = patches.KernelY,
            KernelX = patches.KernelX,
            OutputWidth = patches.OutputWidth,
            Positions = patches.Positions,
            StrideY = geometry.StrideY,
            StrideX = geometry.StrideX,
            PaddingY = geometry.PaddingY,
            PaddingX = geometry.PaddingX,
            DilationY = geometry.DilationY,
            DilationX = geometry.DilationX,
            ByPositions = Divisor.Of(patches.Positions),
            ByOutputWidth = Divisor.Of(patches.OutputWidth),
        };
    }
}
