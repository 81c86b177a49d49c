using System.Runtime.InteropServices;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>
/// A convolution of padded images without padding, as kernels for processors take it. A padded plane is kept as stride y * stride x phases,
/// the rows and columns that are equal modulo the strides, so that neighbouring outputs read neighbouring elements whatever the strides; a
/// tap of the filter is then one distance from the place of an output.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct CorrelationSize
{
    /// <summary>Elements that a vector loads: every plane is followed by as many zeros.</summary>
    public const int Slack = 16;

    /// <summary>Images.</summary>
    public int Batch;

    /// <summary>Groups of channels.</summary>
    public int Groups;

    /// <summary>Input channels of a group.</summary>
    public int Inputs;

    /// <summary>Output channels of a group.</summary>
    public int Outputs;

    /// <summary>Rows of a filter.</summary>
    public int KernelY;

    /// <summary>Columns of a filter.</summary>
    public int KernelX;

    /// <summary>Rows from one filter row to the next.</summary>
    public int DilationY;

    /// <summary>Columns from one filter column to the next.</summary>
    public int DilationX;

    /// <summary>Rows from one output row to the next: phases of rows.</summary>
    public int StrideY;

    /// <summary>Columns from one output column to the next: phases of columns.</summary>
    public int StrideX;

    /// <summary>Rows of the output.</summary>
    public int OutputHeight;

    /// <summary>Columns of the output.</summary>
    public int OutputWidth;

    /// <summary>Rows of a phase.</summary>
    public int Rows;

    /// <summary>Columns of a phase.</summary>
    public int Pitch;

    /// <summary>Elements of a padded plane: all phases and the zeros behind them.</summary>
    public int Plane;

    /// <summary>The convolution itself: padded images give y.</summary>
    public static CorrelationSize Forward(in ConvolutionShape shape, int batch)
    {
        Convolution2d g = shape.Geometry;
        return Of(batch, shape.GroupInputs, shape.GroupOutputs, shape, g.StrideY, g.StrideX, shape.OutputHeight, shape.OutputWidth);
    }

    /// <summary>Its adjoint in the images: dy, with zeros between its rows and columns where strides are more than 1, gives dx.</summary>
    public static CorrelationSize InputGradient(in ConvolutionShape shape, int batch) =>
        Of(batch, shape.GroupOutputs, shape.GroupInputs, shape, 1, 1, shape.Height, shape.Width);

    private static CorrelationSize Of(
        int batch, int inputs, int outputs, in ConvolutionShape shape, int strideY, int strideX, int outputHeight, int outputWidth)
    {
        Convolution2d geometry = shape.Geometry;
        int rows = outputHeight + ((shape.KernelY - 1) * geometry.DilationY / strideY);
        int pitch = outputWidth + ((shape.KernelX - 1) * geometry.DilationX / strideX);
        return new CorrelationSize
        {
            Batch = batch,
            Groups = geometry.Groups,
            Inputs = inputs,
            Outputs = outputs,
            KernelY = shape.KernelY,
            KernelX = shape.KernelX,
            DilationY = geometry.DilationY,
            DilationX = geometry.DilationX,
            StrideY = strideY,
            StrideX = strideX,
            OutputHeight = outputHeight,
            OutputWidth = outputWidth,
            Rows = rows,
            Pitch = pitch,
            Plane = checked((strideY * strideX * rows * pitch) + Slack),
        };
    }
}
