namespace Thor.Kernels.Host;

/// <summary>All sizes of one convolution. Images are (batch, channels, height, width), filters (outputs, channels / groups, kernel y, kernel x).</summary>
public readonly record struct ConvolutionShape
{
    /// <summary>Sizes of a convolution of images with filters; the output's follow from the geometry.</summary>
    public ConvolutionShape(
        int batch, int inputs, int height, int width, int outputs, int kernelY, int kernelX, in Convolution2d geometry)
    {
        Batch = batch;
        Inputs = inputs;
        Height = height;
        Width = width;
        Outputs = outputs;
        KernelY = kernelY;
        KernelX = kernelX;
        Geometry = geometry;
        OutputHeight = geometry.OutputHeight(height, kernelY);
        OutputWidth = geometry.OutputWidth(width, kernelX);
    }

    /// <summary>Images.</summary>
    public int Batch { get; }

    /// <summary>Channels of the input, over all groups.</summary>
    public int Inputs { get; }

    /// <summary>Rows of an input image.</summary>
    public int Height { get; }

    /// <summary>Columns of an input image.</summary>
    public int Width { get; }

    /// <summary>Channels of the output, over all groups.</summary>
    public int Outputs { get; }

    /// <summary>Rows of a filter.</summary>
    public int KernelY { get; }

    /// <summary>Columns of a filter.</summary>
    public int KernelX { get; }

    /// <summary>Rows of an output image.</summary>
    public int OutputHeight { get; }

    /// <summary>Columns of an output image.</summary>
    public int OutputWidth { get; }

    /// <summary>Strides, padding, dilation and groups.</summary>
    public Convolution2d Geometry { get; }

    /// <summary>Input channels that one filter sees.</summary>
    public int GroupInputs => Inputs / Geometry.Groups;

    /// <summary>Output channels of one group.</summary>
    public int GroupOutputs => Outputs / Geometry.Groups;

    /// <summary>Elements of one input plane.</summary>
    public int InputPlane => Height * Width;

    /// <summary>Elements of one output plane.</summary>
    public int OutputPlane => OutputHeight * OutputWidth;
}
