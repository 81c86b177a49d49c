namespace Thor.Kernels;

/// <summary>Geometry of a two-dimensional pooling window over (batch, channels, height, width). Padding never wins a maximum and is not counted in an average.</summary>
public readonly record struct Pooling2d(int KernelY, int KernelX, int StrideY, int StrideX, int PaddingY = 0, int PaddingX = 0)
{
    /// <summary>A square window that moves by its own size.</summary>
    public static Pooling2d Square(int size) => new(size, size, size, size);

    /// <summary>Output height for an input height.</summary>
    public int OutputHeight(int height) => height + (2 * PaddingY) < KernelY ? 0 : ((height + (2 * PaddingY) - KernelY) / StrideY) + 1;

    /// <summary>Output width for an input width.</summary>
    public int OutputWidth(int width) => width + (2 * PaddingX) < KernelX ? 0 : ((width + (2 * PaddingX) - KernelX) / StrideX) + 1;
}
