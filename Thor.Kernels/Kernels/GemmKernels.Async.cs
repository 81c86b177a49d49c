namespace Thor.Kernels.Kernels;

/// <content>
/// The CUDA kernel in float. A group of (blockRows / threadTile) (blockColumns / threadTile) threads along x computes a block of c; each
/// thread holds threadTile x threadTile sums in registers. Blocks of 16 steps of a and b lie in dynamic shared memory as a[step][row] and
/// b[step][column], with rows of 4 floats more than the block, in three stages: while one is multiplied, asynchronous copies fill the next
/// two. 192 (blockRows + blockColumns + 8) bytes. Per step a thread reads 2 threadTile floats and does threadTile^2 multiply-adds.
/// </content>
public static partial class GemmKernels
{
    /// <summary>Steps of a block of <see cref="Async"/>.</summary>
    public const int AsyncDepth = 16;

    /// <summary>Blocks of <see cref="Async"/> in shared memory.</summary>
    public const int AsyncStages = 3;

    /// <summary>c = alpha a b + beta c (+ bias).</summary>
    /// <param name="a">From element (0, 0) of the first matrix on.</param>
    /// <param name="b">From element (0, 0) of the first matrix on.</param>
    /// <param name="c">From element (0, 0) of the first matrix on.</param>
    /// <param name="bias">One number per column; any view if there is none.</param>
    /// <param name="sizes">Sizes, strides and factors.</param>
    /// <param name="blockRows">Rows of a block, a multiple of 8 threadTile.</param>
    /// <param name="blockColumns">Columns of a block, a multiple of 4 threadTile.</param>
    /// <param name="threadTile">Rows and columns of a thread: 4 or 8.</param>
    /// <param name="wideA">1 if rows of a are neighbours in memory and every step begins at a multiple of 16 bytes, else 0.</param>
    /// <param name="wideB">1 if columns of b are neighbours in memory and every step begins at a multiple of 16 bytes, else 0.</param>
    [Kernel(MaxGroupSize = 256, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(128, 128, 8, 0, 0)]
    [KernelVariants(128, 128, 8, 0, 1)]
    [KernelVariants(128, 128, 8, 1, 0)]
    [KernelVariants(128, 128, 8, 1, 1)]
    [KernelVariants(64, 64, 8, 0, 0)]
    [KernelVariants(64, 64, 8, 0, 1)]
    [KernelVariants(64, 64, 8, 1, 0)]
    [KernelVariants(64, 64, 8, 1, 1)]
    [KernelVariants(32, 32, 4, 0, 0)]
    [KernelVariants(32, 32, 4, 0, 1)]
    [KernelVariants(32, 32, 4, 1, 0)]
    [KernelVariants(32, 32, 4, 1, 1)]
    public static void Async(
        ReadOnlyView<float> a,
        ReadOnlyView<float> b,
        ArrayView<float> c,
        ReadOnlyView<float> bias,
        GemmSizes sizes,
        SpecializedValue<int> blockRows,
        SpecializedValue<int> blockColumns,
        SpecializedValue<int> threadTile,
        SpecializedValue<int> wideA,
        SpecializedValue<int> wideB)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<float> sums = LocalMemory.Allocate<float>(threadTile * threadTile);
        ArrayView<float> left = LocalMemory.Allocate<float>(threadTile);
        ArrayView<float> right = LocalMemory.Allocate<float>(threadTile);
        GemmPlace place = Place(sizes, blockRows, blockColumns);
        int threads = blockRows * blockColumns / (threadTile * threadTile);
        int rowPitch = blockRows + 4;
        int columnPitch = blockColumns + 4;
        int stage = AsyncDepth * (rowPitch + columnPitch);
        int columnsAt = AsyncDepth * rowPitch;
        int firstRow = LaneRow(threadTile, blockRows / (8 * threadTile));
        int firstColumn = LaneColumn(threadTile, blockRows / (8 * threadTile));
        for (int i = 0; i < threadTile * threadTile; i++)
        {
            sums[i] = 0f;
        }

        int blocks = (place.Depth + AsyncDepth - 1) / AsyncDepth;
        int filled = 0; // stage that is filled next
        int used = 0; // stage that is multiplied next
        for (int block = 1 - AsyncStages; block < blocks; block++)
        {
            if (block >= 0)
            {
                // The stage to use has arrived when only the newest batch is under way; the barrier also ends the reads of the stage that is refilled.
                PtxAsyncCopy.WaitAllBut1();
                Group.Barrier();
            }

            int step = (block + AsyncStages - 1) * AsyncDepth;
            if (step < place.Depth)
            {
                Fill(shared.SubView(filled * stage), a, b, sizes, place, step, blockRows, blockColumns, threads, wideA, wideB);
            }

            PtxAsyncCopy.Commit();
            filled = filled == AsyncStages - 1 ? 0 : filled + 1;
            if (block >= 0)
            {
                ArrayView<FloatX4> rows = shared.SubView(used * stage).Cast<FloatX4>();
                ArrayView<FloatX4> columns = shared.SubView((used * stage) + columnsAt).Cast<FloatX4>();
                for (int k = 0; k < AsyncDepth; k++)
                {
                    int row = (k * (rowPitch / 4)) + firstRow;
                    int column = (k * (columnPitch / 4)) + firstColumn;
                    for (int i = 0; i < threadTile / 4; i++)
                    {
                        Spread(left, 4 * i, rows[row + (8 * i)]);
                        Spread(right, 4 * i, columns[column + (4 * i)]);
                    }

                    for (int i = 0; i < threadTile; i++)
                    {
                        for (int j = 0; j < threadTile; j++)
                        {
                            sums[(i * threadTile) + j] = Fused.MultiplyAdd(left[i], right[j], sums[(i * threadTile) + j]);
                        }
                    }
                }

                used = used == AsyncStages - 1 ? 0 : used + 1;
            }
        }

        for (int j = 0; j < threadTile / 4; j++)
        {
            int column = place.Column + ((firstColumn + (4 * j)) * 4);
            FloatX4 added = Bias(bias, sizes, column);
            for (int i = 0; i < threadTile; i++)
            {
                int row = place.Row + ((firstRow + (8 * (i / 4))) * 4) + (i % 4);
                int at = (i * threadTile) + (4 * j);
                FloatX4 sum = new FloatX4(sums[at], sums[at + 1], sums[at + 2], sums[at + 3]);
                Finish(c, sizes, place.C, row, column, sum, added);
            }
        }
    }

    /// <summary>Starts the copies of a stage: a block of a, then one of b.</summary>
    private static void Fill(
        ArrayView<float> stage,
        ReadOnlyView<float> a,
        ReadOnlyView<float> b,
        GemmSizes sizes,
        GemmPlace place,
        int step,
        int blockRows,
        int blockColumns,
        int threads,
        int wideA,
        int wideB)
    {
        ArrayView<float> columns = stage.SubView(AsyncDepth * (blockRows + 4));
        long rowsFrom = place.A + (place.Row * sizes.ARow) + (step * sizes.AStep);
        long columnsFrom = place.B + (place.Column * sizes.BColumn) + (step * sizes.BStep);
        if (wideA != 0)
        {
            CopyWide(stage, a, rowsFrom, sizes.AStep, sizes.Rows - place.Row, place.Depth - step, blockRows, threads);
        }
        else
        {
            CopyNarrow(stage, a, rowsFrom, sizes.ARow, sizes.AStep, sizes.Rows - place.Row, place.Depth - step, blockRows, threads);
        }

        if (wideB != 0)
        {
            CopyWide(columns, b, columnsFrom, sizes.BStep, sizes.Columns - place.Column, place.Depth - step, blockColumns, threads);
        }
        else
        {
            CopyNarrow(columns, b, columnsFrom, sizes.BColumn, sizes.BStep, sizes.Columns - place.Column, place.Depth - step, blockColumns, threads);
        }
    }

    /// <summary>Starts the copies of a block whose rows or columns, here lanes, are neighbours in memory: 16 bytes each, lane by lane.</summary>
    private static void CopyWide(
        ArrayView<float> shared, ReadOnlyView<float> x, long from, long stepStride, int lanes, int steps, int block, int threads)
    {
        int lane = 4 * (Group.IdxX % (block / 4));
        int first = Group.IdxX / (block / 4);
        int stepsPerPass = threads / (block / 4);
        int target = (first * (block + 4)) + lane;
        long source = from + lane + (first * stepStride);
        if (lanes >= block && steps >= AsyncDepth)
        {
            for (int i = 0; i < AsyncDepth / stepsPerPass; i++)
            {
                PtxAsyncCopy.Copy16(shared.SubView(target + (i * stepsPerPass * (block + 4))), x.SubView(source + (i * stepsPerPass * stepStride)));
            }

            return;
        }

        int bytes = 4 * XMath.Max(0, XMath.Min(4, lanes - lane));
        for (int i = 0; i < AsyncDepth / stepsPerPass; i++)
        {
            int step = first + (i * stepsPerPass);
            int taken = step < steps ? bytes : 0;
            long at = taken > 0 ? source + (i * stepsPerPass * stepStride) : 0;
            PtxAsyncCopy.Copy16(shared.SubView(target + (i * stepsPerPass * (block + 4))), x.SubView(at), taken);
        }
    }

    /// <summary>Starts the copies of a block of any strides, 4 bytes each; neighbours in memory go to neighbouring threads.</summary>
    private static void CopyNarrow(
        ArrayView<float> shared, ReadOnlyView<float> x, long from, long laneStride, long stepStride, int lanes, int steps, int block, int threads)
    {
        int lanesPerPass = threads / 8;
        int firstStep = stepStride == 1 ? Group.IdxX % 8 : Group.IdxX / lanesPerPass;
        int firstLane = stepStride == 1 ? Group.IdxX / 8 : Group.IdxX % lanesPerPass;
        int target = (firstStep * (block + 4)) + firstLane;
        long source = from + (firstLane * laneStride) + (firstStep * stepStride);
        if (lanes >= block && steps >= AsyncDepth)
        {
            for (int i = 0; i < block / lanesPerPass; i++)
            {
                for (int j = 0; j < AsyncDepth / 8; j++)
                {
                    PtxAsyncCopy.Copy4(
                        shared.SubView(target + (i * lanesPerPass) + (8 * j * (block + 4))),
                        x.SubView(source + (i * lanesPerPass * laneStride) + (8 * j * stepStride)),
                        4);
                }
            }

            return;
        }

        for (int i = 0; i < block / lanesPerPass; i++)
        {
            for (int j = 0; j < AsyncDepth / 8; j++)
            {
                bool inside = firstLane + (i * lanesPerPass) < lanes && firstStep + (8 * j) < steps;
                long at = inside ? source + (i * lanesPerPass * laneStride) + (8 * j * stepStride) : 0;
                PtxAsyncCopy.Copy4(shared.SubView(target + (i * lanesPerPass) + (8 * j * (block + 4))), x.SubView(at), inside ? 4 : 0);
            }
        }
    }
}
