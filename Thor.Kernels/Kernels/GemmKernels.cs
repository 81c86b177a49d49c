namespace Thor.Kernels.Kernels;

/// <summary>
/// Matrix products c = alpha a b + beta c (+ bias) of any strides. Every kernel takes its block, its product of the batch and its part
/// of the sums from the group's number along x (<see cref="Place"/>); sums are of float, by fused multiply-adds in the order of the steps.
/// </summary>
/// <remarks>
/// Tiled: any device; shared memory, one tile of c in the registers of each thread. Async and AsyncLarge: the same on CUDA with asynchronous copies.
/// TensorCores: warps multiply in TF32 or bfloat16. Panels and Direct: processors, a vector tile per thread. Combine adds up parts.
/// </remarks>
public static partial class GemmKernels
{
    // Blocks of that many rows of blocks are walked column by column, so that groups that run at a time share both operands in the cache.
    private const int RowsOfBlocks = 8;

    /// <summary>For kernels: what the calling group computes. Groups: parts of the sums inside products inside blocks.</summary>
    private static GemmPlace Place(GemmSizes sizes, int blockRows, int blockColumns)
    {
        int down = (sizes.Rows + blockRows - 1) / blockRows;
        int across = (sizes.Columns + blockColumns - 1) / blockColumns;
        int part = Grid.IdxX / (down * across);
        int block = Grid.IdxX - (part * down * across);
        int product = part / sizes.Splits;
        int split = part - (product * sizes.Splits);
        int outer = product / sizes.Inner;
        int inner = product - (outer * sizes.Inner);

        int band = block / (RowsOfBlocks * across);
        int inBand = block - (band * RowsOfBlocks * across);
        int bandRows = XMath.Min(RowsOfBlocks, down - (band * RowsOfBlocks));
        int column = inBand / bandRows;

        int step = split * sizes.SplitDepth;
        GemmPlace place = default;
        place.Row = ((band * RowsOfBlocks) + inBand - (column * bandRows)) * blockRows;
        place.Column = column * blockColumns;
        place.Depth = XMath.Min(sizes.SplitDepth, sizes.Depth - step);
        place.A = (inner * sizes.AInner) + (outer * sizes.AOuter) + (step * sizes.AStep);
        place.B = (inner * sizes.BInner) + (outer * sizes.BOuter) + (step * sizes.BStep);
        place.C = (inner * sizes.CInner) + (outer * sizes.COuter) + (split * sizes.CSplit);
        return place;
    }

    /// <summary>For kernels: four numbers of the bias from a column on, zeros where there are none.</summary>
    private static FloatX4 Bias(ReadOnlyView<float> bias, GemmSizes sizes, int column)
    {
        FloatX4 added = FloatX4.Splat(0f);
        if (sizes.HasBias != 0)
        {
            added.X = column < sizes.Columns ? bias[column] : 0f;
            added.Y = column + 1 < sizes.Columns ? bias[column + 1] : 0f;
            added.Z = column + 2 < sizes.Columns ? bias[column + 2] : 0f;
            added.W = column + 3 < sizes.Columns ? bias[column + 3] : 0f;
        }

        return added;
    }

    /// <summary>For kernels: writes four sums of a row from a column on, as far as there are columns.</summary>
    private static void Finish(ArrayView<float> c, GemmSizes sizes, long origin, int row, int column, FloatX4 sum, FloatX4 added)
    {
        if (row >= sizes.Rows)
        {
            return;
        }

        long at = origin + (row * sizes.CRow) + column;
        FloatX4 result = Fused.MultiplyAdd(sizes.Alpha, sum, added);
        if (sizes.StoresWide != 0 && column + 4 <= sizes.Columns)
        {
            ArrayView<FloatX4> target = c.SubView(at).Cast<FloatX4>();
            if (sizes.Beta != 0f)
            {
                result = Fused.MultiplyAdd(sizes.Beta, target[0], result);
            }

            target[0] = result;
            return;
        }

        Finish(c, sizes, at, column, result.X);
        Finish(c, sizes, at + 1, column + 1, result.Y);
        Finish(c, sizes, at + 2, column + 2, result.Z);
        Finish(c, sizes, at + 3, column + 3, result.W);
    }

    /// <summary>For kernels: writes alpha times a sum plus bias, unless its column is outside.</summary>
    private static void Finish(ArrayView<float> c, GemmSizes sizes, long at, int column, float result)
    {
        if (column < sizes.Columns)
        {
            if (sizes.Beta != 0f)
            {
                result = Fused.MultiplyAdd(sizes.Beta, c[at], result);
            }

            c[at] = result;
        }
    }

    /// <summary>For kernels: four floats into four neighbouring registers.</summary>
    private static void Spread(ArrayView<float> registers, int at, FloatX4 four)
    {
        registers[at] = four.X;
        registers[at + 1] = four.Y;
        registers[at + 2] = four.Z;
        registers[at + 3] = four.W;
    }

    /// <summary>
    /// For kernels: the first four rows of the calling thread, in units of four. A warp computes 8 tile rows and 4 tile columns; bits of the
    /// lane alternate between rows and columns, so that pairs of lanes read the same four floats and the reads of a warp merge.
    /// </summary>
    private static int LaneRow(int tile, int warpsDown)
    {
        int lane = Group.IdxX % 32;
        return ((Group.IdxX / 32 % warpsDown) * 2 * tile) + ((lane >> 1) & 1) + ((lane >> 2) & 6);
    }

    /// <summary>For kernels: the first four columns of the calling thread, in units of four. See <see cref="LaneRow"/>.</summary>
    private static int LaneColumn(int tile, int warpsDown)
    {
        int lane = Group.IdxX % 32;
        return ((Group.IdxX / 32 / warpsDown) * tile) + (lane & 1) + ((lane >> 1) & 2);
    }
}
