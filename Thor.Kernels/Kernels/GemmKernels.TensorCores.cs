namespace Thor.Kernels.Kernels;

/// <content>
/// Products on tensor cores. A group of blockRows blockColumns / 128 threads along x computes a block of c; each warp computes 64 x 64 of it,
/// each thread holds 128 sums. Blocks of 32 steps of a and b lie in dynamic shared memory in three stages, filled by asynchronous
/// copies: 384 (blockRows + blockColumns) bytes. Per 16 steps a thread reads 64 floats, rounds them, and the warp does 65536 multiply-adds.
/// </content>
/// <remarks>
/// In shared memory an operand lies as [lane][32 steps] (lane: row of a, column of b) if its steps are neighbours in memory, as [step][lanes] if its
/// lanes are. Runs of four floats change places within 128 bytes, by exclusive or with a key of the lane or the step, so that neither copies nor
/// reads of a warp meet in a bank. A product of 8 steps may take any 8 steps, the same of both operands: thread (g, t) of a warp, lane 4 g + t,
/// reads steps 4 t .. 4 t + 3 of every 16 and rows 4 g .. 4 g + 3 of every 32, always four floats at a time.
/// </remarks>
public static partial class GemmKernels
{
    /// <summary>Steps of a block of <see cref="TensorCores"/>.</summary>
    public const int TensorDepth = 32;

    /// <summary>Blocks of <see cref="TensorCores"/> in shared memory.</summary>
    public const int TensorStages = 3;

    /// <summary>Layout of an operand: steps are neighbours in memory and every lane begins at a multiple of 16 bytes.</summary>
    public const int StepsAdjoin = 0;

    /// <summary>Layout of an operand: lanes are neighbours in memory and every step begins at a multiple of 16 bytes.</summary>
    public const int LanesAdjoin = 1;

    /// <summary>Layout of an operand: any strides.</summary>
    public const int AnyStrides = 2;

    /// <summary>c = alpha a b + beta c (+ bias), with a and b rounded to TF32 or bfloat16 and sums in float.</summary>
    /// <param name="a">From element (0, 0) of the first matrix on.</param>
    /// <param name="b">From element (0, 0) of the first matrix on.</param>
    /// <param name="c">From element (0, 0) of the first matrix on.</param>
    /// <param name="bias">One number per column; any view if there is none.</param>
    /// <param name="sizes">Sizes, strides and factors.</param>
    /// <param name="blockRows">Rows of a block: 64, 128 or 256.</param>
    /// <param name="blockColumns">Columns of a block: 64, 128 or 256.</param>
    /// <param name="layoutA">Layout of a, its lanes being rows.</param>
    /// <param name="layoutB">Layout of b, its lanes being columns.</param>
    /// <param name="bfloat16">1 for bfloat16, 0 for TF32.</param>
    [Kernel(MaxGroupSize = 256)]
    [KernelVariants(128, 128, 0, 0, 0)]
    [KernelVariants(128, 128, 0, 1, 0)]
    [KernelVariants(128, 128, 1, 0, 0)]
    [KernelVariants(128, 128, 1, 1, 0)]
    [KernelVariants(128, 128, 2, 2, 0)]
    [KernelVariants(128, 256, 0, 0, 0)]
    [KernelVariants(128, 256, 0, 1, 0)]
    [KernelVariants(128, 256, 1, 0, 0)]
    [KernelVariants(128, 256, 1, 1, 0)]
    [KernelVariants(128, 128, 0, 0, 1)]
    [KernelVariants(128, 128, 0, 1, 1)]
    [KernelVariants(128, 128, 1, 0, 1)]
    [KernelVariants(128, 128, 1, 1, 1)]
    [KernelVariants(128, 128, 2, 2, 1)]
    [KernelVariants(128, 256, 0, 0, 1)]
    [KernelVariants(128, 256, 0, 1, 1)]
    [KernelVariants(128, 256, 1, 0, 1)]
    [KernelVariants(128, 256, 1, 1, 1)]
    public static void TensorCores(
        ReadOnlyView<float> a,
        ReadOnlyView<float> b,
        ArrayView<float> c,
        ReadOnlyView<float> bias,
        GemmSizes sizes,
        SpecializedValue<int> blockRows,
        SpecializedValue<int> blockColumns,
        SpecializedValue<int> layoutA,
        SpecializedValue<int> layoutB,
        SpecializedValue<int> bfloat16)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<float> sums = LocalMemory.Allocate<float>(128);
        ArrayView<float> left = LocalMemory.Allocate<float>(32);
        ArrayView<float> right = LocalMemory.Allocate<float>(32);
        ArrayView<int> leftBits = LocalMemory.Allocate<int>(32);
        ArrayView<int> rightBits = LocalMemory.Allocate<int>(32);
        GemmPlace place = Place(sizes, blockRows, blockColumns);
        int threads = blockRows * blockColumns / 128;
        int stage = TensorDepth * (blockRows + blockColumns);
        int columnsAt = TensorDepth * blockRows;
        int warpRow = Group.IdxX / 32 % (blockRows / 64) * 64;
        int warpColumn = Group.IdxX / 32 / (blockRows / 64) * 64;
        int firstRow = FirstFour(warpRow, blockRows, layoutA);
        int firstColumn = FirstFour(warpColumn, blockColumns, layoutB);
        for (int i = 0; i < 128; i++)
        {
            sums[i] = 0f;
        }

        int blocks = (place.Depth + TensorDepth - 1) / TensorDepth;
        int filled = 0; // stage that is filled next
        int used = 0; // stage that is multiplied next
        for (int block = 1 - TensorStages; block < blocks; block++)
        {
            if (block >= 0)
            {
                // The stage to use has arrived when only the newest batch is under way; the barrier also ends the reads of the stage that is refilled.
                PtxAsyncCopy.WaitAllBut1();
                Group.Barrier();
            }

            int step = (block + TensorStages - 1) * TensorDepth;
            if (step < place.Depth)
            {
                ArrayView<float> rows = shared.SubView(filled * stage);
                ArrayView<float> columns = shared.SubView((filled * stage) + columnsAt);
                long rowsFrom = place.A + (place.Row * sizes.ARow) + (step * sizes.AStep);
                long columnsFrom = place.B + (place.Column * sizes.BColumn) + (step * sizes.BStep);
                CopyBlock(rows, a, rowsFrom, sizes.ARow, sizes.AStep, sizes.Rows - place.Row, place.Depth - step, blockRows, threads, layoutA);
                CopyBlock(columns, b, columnsFrom, sizes.BColumn, sizes.BStep, sizes.Columns - place.Column, place.Depth - step, blockColumns, threads, layoutB);
            }

            PtxAsyncCopy.Commit();
            filled = filled == TensorStages - 1 ? 0 : filled + 1;
            if (block >= 0)
            {
                ArrayView<FloatX4> rows = shared.SubView(used * stage).Cast<FloatX4>();
                ArrayView<FloatX4> columns = shared.SubView((used * stage) + columnsAt).Cast<FloatX4>();
                for (int k = 0; k < TensorDepth / 16; k++)
                {
                    LoadFours(left, rows, firstRow, k, blockRows, layoutA);
                    LoadFours(right, columns, firstColumn, k, blockColumns, layoutB);
                    if (bfloat16 != 0)
                    {
                        MultiplyBfloat16(sums, left, right, leftBits, rightBits);
                    }
                    else
                    {
                        MultiplyTf32(sums, left, right, leftBits, rightBits);
                    }
                }

                used = used == TensorStages - 1 ? 0 : used + 1;
            }
        }

        // Row r of a thread (of 8) is row 4 g + r % 4 of the warp's r / 4-th 32; its columns are 8 t .. 8 t + 7 of both 32.
        int group = Group.IdxX % 32 / 4;
        int inGroup = Group.IdxX % 4;
        for (int q = 0; q < 4; q++)
        {
            int column = place.Column + warpColumn + (32 * (q / 2)) + (8 * inGroup) + (4 * (q % 2));
            FloatX4 added = Bias(bias, sizes, column);
            for (int r = 0; r < 8; r++)
            {
                int row = place.Row + warpRow + (32 * (r / 4)) + (4 * group) + (r % 4);
                int at = (r / 2 * 32) + (q / 2 * 16) + (r % 2 * 2) + (q % 2);
                FloatX4 sum = new FloatX4(sums[at], sums[at + 4], sums[at + 8], sums[at + 12]);
                Finish(c, sizes, place.C, row, column, sum, added);
            }
        }
    }

    /// <summary>Where the calling thread's floats of an operand begin in shared memory, in units of four.</summary>
    private static int FirstFour(int warpLane, int block, int layout)
    {
        int group = Group.IdxX % 32 / 4;
        int inGroup = Group.IdxX % 4;
        return layout == LanesAdjoin
            ? (4 * inGroup * (block / 4)) + (warpLane / 4) + (group ^ (2 * inGroup))
            : ((warpLane + (4 * group)) * (TensorDepth / 4)) + (inGroup ^ LaneKey(4 * group));
    }

    /// <summary>What the runs of four of a lane are exchanged by: lanes 4 g of a phase of 8 threads, g even and odd, differ in the highest bit.</summary>
    private static int LaneKey(int lane) => (lane & 4) | ((lane >> 3) & 3);

    /// <summary>Reads 8 lanes by 4 steps of the k-th 16 steps into registers, as [lane][step].</summary>
    private static void LoadFours(ArrayView<float> registers, ArrayView<FloatX4> shared, int first, int k, int block, int layout)
    {
        for (int i = 0; i < 8; i++)
        {
            if (layout == LanesAdjoin)
            {
                // i counts four steps of both 32 lanes; four lanes come at a time.
                FloatX4 four = shared[first + (((16 * k) + (i % 4)) * (block / 4)) + (8 * (i / 4))];
                int at = (16 * (i / 4)) + (i % 4);
                registers[at] = four.X;
                registers[at + 4] = four.Y;
                registers[at + 8] = four.Z;
                registers[at + 12] = four.W;
            }
            else
            {
                // i counts four lanes of both 32; four steps come at a time.
                Spread(registers, 4 * i, shared[(first ^ (4 * k)) + (((32 * (i / 4)) + (i % 4)) * (TensorDepth / 4))]);
            }
        }
    }

    /// <summary>sums += left right over 16 steps in TF32.</summary>
    private static void MultiplyTf32(ArrayView<float> sums, ArrayView<float> left, ArrayView<float> right, ArrayView<int> a, ArrayView<int> b)
    {
        for (int i = 0; i < 32; i++)
        {
            PtxConvert.RoundTf32(ref a[i], left[i]);
            PtxConvert.RoundTf32(ref b[i], right[i]);
        }

        for (int half = 0; half < 2; half++)
        {
            for (int i = 0; i < 4; i++)
            {
                int x = (8 * i) + (2 * half);
                for (int j = 0; j < 8; j++)
                {
                    int y = (4 * j) + (2 * half);
                    int d = (32 * i) + (4 * j);
                    PtxMatrix.MultiplyTf32(
                        ref sums[d], ref sums[d + 1], ref sums[d + 2], ref sums[d + 3], a[x], a[x + 4], a[x + 1], a[x + 5], b[y], b[y + 1]);
                }
            }
        }
    }

    /// <summary>sums += left right over 16 steps in bfloat16.</summary>
    private static void MultiplyBfloat16(ArrayView<float> sums, ArrayView<float> left, ArrayView<float> right, ArrayView<int> a, ArrayView<int> b)
    {
        for (int i = 0; i < 16; i++)
        {
            PtxConvert.RoundBfloat16Pair(ref a[i], left[(2 * i) + 1], left[2 * i]);
            PtxConvert.RoundBfloat16Pair(ref b[i], right[(2 * i) + 1], right[2 * i]);
        }

        for (int i = 0; i < 4; i++)
        {
            int x = 4 * i;
            for (int j = 0; j < 8; j++)
            {
                int y = 2 * j;
                int d = (32 * i) + (4 * j);
                PtxMatrix.MultiplyBfloat16(
                    ref sums[d], ref sums[d + 1], ref sums[d + 2], ref sums[d + 3], a[x], a[x + 2], a[x + 1], a[x + 3], b[y], b[y + 1]);
            }
        }
    }

    /// <summary>Starts the copies of a block of an operand.</summary>
    private static void CopyBlock(
        ArrayView<float> shared, ReadOnlyView<float> x, long from, long laneStride, long stepStride, int lanes, int steps, int block, int threads, int layout)
    {
        if (layout == StepsAdjoin)
        {
            int four = Group.IdxX % (TensorDepth / 4);
            int first = Group.IdxX / (TensorDepth / 4);
            int lanesPerPass = threads / (TensorDepth / 4);
            long source = from + (4 * four) + (first * laneStride);
            int bytes = 4 * XMath.Max(0, XMath.Min(4, steps - (4 * four)));
            for (int i = 0; i < block / lanesPerPass; i++)
            {
                int lane = first + (i * lanesPerPass);
                int taken = lane < lanes ? bytes : 0;
                long at = taken > 0 ? source + (i * lanesPerPass * laneStride) : 0;
                PtxAsyncCopy.Copy16(shared.SubView((lane * TensorDepth) + (4 * (four ^ LaneKey(lane)))), x.SubView(at), taken);
            }
        }
        else if (layout == LanesAdjoin)
        {
            int four = Group.IdxX % (block / 4);
            int first = Group.IdxX / (block / 4);
            int stepsPerPass = threads / (block / 4);
            long source = from + (4 * four) + (first * stepStride);
            int bytes = 4 * XMath.Max(0, XMath.Min(4, lanes - (4 * four)));
            for (int i = 0; i < TensorDepth / stepsPerPass; i++)
            {
                int step = first + (i * stepsPerPass);
                int taken = step < steps ? bytes : 0;
                long at = taken > 0 ? source + (i * stepsPerPass * stepStride) : 0;
                PtxAsyncCopy.Copy16(shared.SubView((step * block) + (4 * (four ^ (2 * ((step >> 2) & 3))))), x.SubView(at), taken);
            }
        }
        else
        {
            int lanesPerPass = threads / 8;
            int firstStep = stepStride == 1 ? Group.IdxX % 8 : Group.IdxX / lanesPerPass;
            int firstLane = stepStride == 1 ? Group.IdxX / 8 : Group.IdxX % lanesPerPass;
            long source = from + (firstLane * laneStride) + (firstStep * stepStride);
            for (int i = 0; i < block / lanesPerPass; i++)
            {
                int lane = firstLane + (i * lanesPerPass);
                for (int j = 0; j < TensorDepth / 8; j++)
                {
                    int step = firstStep + (8 * j);
                    bool inside = lane < lanes && step < steps;
                    long at = inside ? source + (i * lanesPerPass * laneStride) + (8 * j * stepStride) : 0;
                    int four = (step >> 2) ^ LaneKey(lane);
                    PtxAsyncCopy.Copy4(shared.SubView((lane * TensorDepth) + (4 * four) + (step & 3)), x.SubView(at), inside ? 4 : 0);
                }
            }
        }
    }
}
