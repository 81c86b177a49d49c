namespace Thor.Kernels.Kernels;

/// <summary>Convolution and its two adjoints as matrix products whose patches are formed while tiles are loaded.</summary>
/// <remarks>
/// Forward: y (outputs of a group, positions of all images) = w (outputs, taps) * patches (taps, positions). InputGradient: dx (inputs of a
/// group, pixels of all images) = w^T * patches of dy. WeightGradient: dw (outputs, taps) = dy * patches^T, whose sum over positions is cut
/// into splits, added in order by <see cref="AddSplits"/>.
/// Groups are 256 threads, (16 columns, 16 rows) of threads that own 4 neighbouring columns and 4 or 8 rows each of a block of 64 or 128
/// rows and 64 columns. Steps of <see cref="Depth"/> along the sum go through two sets of tiles in shared memory (17 or 25 KiB): while one is
/// multiplied, the other is loaded, so that there is one barrier a step. Per step and thread 8 or 12 elements are loaded for 256 or 512
/// multiply-adds. Grid: (blocks of columns, blocks of rows, groups of channels or those times splits).
/// Kernels whose groups have few channels, where blocks would be mostly empty, compute one result a thread (ForwardDirect,
/// InputGradientDirect) or a group (WeightGradientDirect).
/// </remarks>
public static partial class ConvolutionKernels
{
    /// <summary>Columns of a block.</summary>
    public const int BlockColumns = 64;

    /// <summary>Rows and columns of threads of a group.</summary>
    public const int ThreadRows = 16;

    /// <summary>Elements of the sum that a step takes.</summary>
    public const int Depth = 16;

    private const int ThreadColumns = 16;

    private const int GroupSize = ThreadRows * ThreadColumns;

    // Rows of tiles are this much longer than the block, so that threads that write columns of a tile do not all meet in a few banks.
    private const int Skew = 4;

    private const int PatchPitch = BlockColumns + Skew;

    private const int PatchesPerThread = BlockColumns * Depth / GroupSize;
}
