namespace Thor.Kernels;

/// <summary>
/// Geometry of a two-dimensional convolution over images laid out (batch, channels, height, width) with filters
/// (outputs, channels / groups, kernel height, kernel width).
/// </summary>
/// <remarks>Output size per axis: (size + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down.</remarks>
public readonly record struct Convolution2d(
    int StrideY = 1,
    int StrideX = 1,
    int PaddingY = 0,
    int PaddingX = 0,
    int DilationY = 1,
    int DilationX = 1,
    int Groups = 1)
{
    /// <summary>Stride 1, no padding, no dilation, one group (the parameterless struct value would be all zeros).</summary>
    public static Convolution2d Default => new(1);

    /// <summary>Output height for an input and kernel height.</summary>
    public int OutputHeight(int height, int kernel) => Extent(height, kernel, StrideY, PaddingY, DilationY);

    /// <summary>Output width for an input and kernel width.</summary>
    public int OutputWidth(int width, int kernel) => Extent(width, kernel, StrideX, PaddingX, DilationX);

    private static int Extent(int size, int kernel, int stride, int padding, int dilation)
    {
        int free = size + (2 * padding) - (dilation * (kernel - 1)) - 1;
        return free < 0 ? 0 : (free / stride) + 1;
    }
}
