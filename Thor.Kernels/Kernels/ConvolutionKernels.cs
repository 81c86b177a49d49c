namespace Thor.Kernels.Kernels;

/// <summary>Convolution and its two adjoints as matrix products whose patches are formed while tiles are loaded.</summary>
/// <remarks>
/// Forward: y (outputs of a group, positions of all images) = w (outputs, taps) * patches (taps, positions). InputGradient: dx (inputs of a
/// group, pixels of all images) = w^T * patches of dy. WeightGradient: dw (outputs, taps) = dy * patches^T, whose sum over positions is cut
/// into splits, added in order by <see cref="AddSplits"/>.
/// Groups are 256 threads, (256 / threadRows columns, threadRows rows) of threads that own 4 neighbouring columns and rowsPerThread rows
/// each: blocks of 128 x 64, 64 x 64, 32 x 128 or 16 x 256, so that few channels do not leave them empty. Steps of <see cref="Depth"/> along
/// the sum go through two sets of tiles in shared memory (17 to 36 KiB): while one is multiplied, the other is loaded, so that there is one
/// barrier a step. How far a tap of the filter is from the place of a result is worked out once a step by <see cref="Depth"/> threads for
/// all. Per step and thread 8 to 17 elements are loaded for 256 or 512 multiply-adds. Grid: (blocks of columns, blocks of rows, groups of
/// channels times classes of pixels or splits).
/// Kernels whose groups have few channels, where blocks would be mostly empty, compute one result a thread (ForwardDirect,
/// InputGradientDirect) or a group (WeightGradientDirect).
/// </remarks>
public static partial class ConvolutionKernels
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Columns that a thread owns.</summary>
    public const int ColumnsPerThread = 4;

    /// <summary>Elements of the sum that a step takes.</summary>
    public const int Depth = 16;

    // Rows of tiles are this much longer than the block, so that threads that write columns of a tile do not all meet in a few banks.
    private const int Skew = 4;

    // A row or column so far outside that no other brings it back.
    private const int Outside = -(1 << 29);

    /// <summary>sums += the product of a tile (Depth, rows) and a tile (Depth, columns), the calling thread's part.</summary>
    private static void MultiplyTiles(
        ArrayView<float> left, int leftPitch, ArrayView<float> right, int rightPitch, ArrayView<FloatX4> sums, int rowsPerThread)
    {
        for (int k = 0; k < Depth; k++)
        {
            FloatX4 b = right.Cast<FloatX4>()[(k * (rightPitch / 4)) + Group.IdxX];
            for (int i = 0; i < rowsPerThread; i += 4)
            {
                FloatX4 a = left.Cast<FloatX4>()[((k * leftPitch) + (Group.IdxY * rowsPerThread) + i) / 4];
                sums[i] = Fused.MultiplyAdd(a.X, b, sums[i]);
                sums[i + 1] = Fused.MultiplyAdd(a.Y, b, sums[i + 1]);
                sums[i + 2] = Fused.MultiplyAdd(a.Z, b, sums[i + 2]);
                sums[i + 3] = Fused.MultiplyAdd(a.W, b, sums[i + 3]);
            }
        }
    }

    private static float Lane(FloatX4 values, int lane)
    {
        float low = lane == 0 ? values.X : values.Y;
        float high = lane == 2 ? values.Z : values.W;
        return lane < 2 ? low : high;
    }
}
