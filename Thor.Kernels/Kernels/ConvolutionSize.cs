using System.Runtime.InteropServices;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Sizes of a convolution, as kernels take them.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ConvolutionSize
{
    /// <summary>Images.</summary>
    public int Batch;

    /// <summary>Channels of the images, over all groups.</summary>
    public int Inputs;

    /// <summary>Rows of an image.</summary>
    public int Height;

    /// <summary>Columns of an image.</summary>
    public int Width;

    /// <summary>Channels of the output, over all groups.</summary>
    public int Outputs;

    /// <summary>Rows of an output image.</summary>
    public int OutputHeight;

    /// <summary>Columns of an output image.</summary>
    public int OutputWidth;

    /// <summary>Input channels of a group.</summary>
    public int GroupInputs;

    /// <summary>Output channels of a group.</summary>
    public int GroupOutputs;

    /// <summary>Rows of a filter.</summary>
    public int KernelY;

    /// <summary>Columns of a filter.</summary>
    public int KernelX;

    /// <summary>Rows from one output row to the next.</summary>
    public int StrideY;

    /// <summary>Columns from one output column to the next.</summary>
    public int StrideX;

    /// <summary>Rows of zeros above an image.</summary>
    public int PaddingY;

    /// <summary>Columns of zeros left of an image.</summary>
    public int PaddingX;

    /// <summary>Rows from one filter row to the next.</summary>
    public int DilationY;

    /// <summary>Columns from one filter column to the next.</summary>
    public int DilationX;

    /// <summary>Divides by KernelY * KernelX.</summary>
    public Divisor ByTaps;

    /// <summary>Divides by KernelX.</summary>
    public Divisor ByKernelX;

    /// <summary>Divides by Height * Width.</summary>
    public Divisor ByInputPlane;

    /// <summary>Divides by Width.</summary>
    public Divisor ByWidth;

    /// <summary>Divides by OutputHeight * OutputWidth.</summary>
    public Divisor ByOutputPlane;

    /// <summary>Divides by OutputWidth.</summary>
    public Divisor ByOutputWidth;

    /// <summary>Divides by StrideY.</summary>
    public Divisor ByStrideY;

    /// <summary>Divides by StrideX.</summary>
    public Divisor ByStrideX;

    /// <summary>The sizes of a convolution, of a number of its images.</summary>
    public static ConvolutionSize Of(in ConvolutionShape shape, int batch)
    {
        Convolution2d geometry = shape.Geometry;
        return new ConvolutionSize
        {
            Batch = batch,
            Inputs = shape.Inputs,
            Height = shape.Height,
            Width = shape.Width,
            Outputs = shape.Outputs,
            OutputHeight = shape.OutputHeight,
            OutputWidth = shape.OutputWidth,
            GroupInputs = shape.GroupInputs,
            GroupOutputs = shape.GroupOutputs,
            KernelY = shape.KernelY,
            KernelX = shape.KernelX,
            StrideY = geometry.StrideY,
            StrideX = geometry.StrideX,
            PaddingY = geometry.PaddingY,
            PaddingX = geometry.PaddingX,
            DilationY = geometry.DilationY,
            DilationX = geometry.DilationX,
            ByTaps = Divisor.Of(shape.KernelY * shape.KernelX),
            ByKernelX = Divisor.Of(shape.KernelX),
            ByInputPlane = Divisor.Of(shape.InputPlane),
            ByWidth = Divisor.Of(shape.Width),
            ByOutputPlane = Divisor.Of(shape.OutputPlane),
            ByOutputWidth = Divisor.Of(shape.OutputWidth),
            ByStrideY = Divisor.Of(geometry.StrideY),
            ByStrideX = Divisor.Of(geometry.StrideX),
        };
    }
}
