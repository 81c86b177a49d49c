namespace Thor.Kernels.Kernels;

/// <content>
/// Products on tensor cores. A group of blockRows blockColumns / 128 threads along x computes a block of c; each warp computes 64 x 64 of it,
/// each thread holds 128 sums. Blocks of 32 steps of a and b lie in dynamic shared memory in three stages, filled by asynchronous
/// copies: 384 (blockRows + blockColumns) bytes. Per 16 steps a thread reads 64 floats, rounds them, and the warp does 65536 multiply-adds; a thread holds
/// the floats of the next product beside those of the current one, some 220 registers with the sums.
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

    /// <summary>
    /// What numbers are multiplied by before a tensor core drops their 13 lowest bits: 1 + 2^-11 / (2 ln 2). It adds between 0.36 and 0.72 of the last
    /// kept place, so that numbers of TF32, infinities and NaN stay what they are, errors are at most 0.64 2^-10 of a number (rounding to the
    /// nearest: 0.5 2^-10), and their mean is zero where magnitudes are spread evenly over a logarithmic scale. Cutting off alone would err by up to
    /// 2^-10, always towards zero.
    /// </summary>
    public const float Tf32Rounding = 1.00035222f;

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
        ArrayView<float> left = LocalMemory.Allocate<float>(32); // on their way: 8 lanes of a and 4 of b, by 4 steps
        ArrayView<float> right = LocalMemory.Allocate<float>(16);
        ArrayView<int> leftBits = LocalMemory.Allocate<int>(32); // rounded, being multiplied
        ArrayView<int> rightBits = LocalMemory.Allocate<int>(16);
        GemmPlace place = Place(sizes, blockRows, blockColumns);
        int stage = TensorDepth * (blockRows + blockColumns);
        int warpRow = Group.IdxX / 32 % (blockRows / 64) * 64;
        int warpColumn = Group.IdxX / 32 / (blockRows / 64) * 64;
        int firstRow = FirstFour(warpRow, blockRows, layoutA);
        int firstColumn = FirstFour(warpColumn, blockColumns, layoutB) + (TensorDepth * blockRows / 4);
        for (int i = 0; i < 128; i++)
        {
            sums[i] = 0f;
        }

        for (int block = 0; block < TensorStages; block++)
        {
            Fill(shared.SubView(block * stage), a, b, sizes, place, block * TensorDepth, blockRows, blockColumns, layoutA, layoutB);
        }

        PtxAsyncCopy.WaitAllBut2();
        Group.Barrier();
        LoadFours(left, 0, shared.Cast<FloatX4>(), firstRow, 0, 0, blockRows, layoutA);
        LoadFours(left, 16, shared.Cast<FloatX4>(), firstRow, 0, 1, blockRows, layoutA);
        LoadFours(right, 0, shared.Cast<FloatX4>(), firstColumn, 0, 0, blockColumns, layoutB);

        // Every product is preceded by the reads for the next one, so that these are under way while the tensor cores work.
        int blocks = (place.Depth + TensorDepth - 1) / TensorDepth;
        int used = 0; // offset of the stage that is multiplied
        for (int block = 0; block < blocks; block++)
        {
            int next = used == (TensorStages - 1) * stage ? 0 : used + stage;
            for (int k = 0; k < TensorDepth / 16; k++)
            {
                Round(leftBits, left, 0, bfloat16);
                Round(leftBits, left, 16, bfloat16);
                Round(rightBits, right, 0, bfloat16);
                LoadFours(right, 0, shared.SubView(used).Cast<FloatX4>(), firstColumn, k, 1, blockColumns, layoutB);
                MultiplyHalf(sums, leftBits, rightBits, 0, bfloat16);
                Round(rightBits, right, 0, bfloat16);
                if (k == (TensorDepth / 16) - 1)
                {
                    // The next stage has arrived when only the batches behind it are under way; all reads of this one are over.
                    PtxAsyncCopy.WaitAllBut1();
                    Group.Barrier();
                    Fill(
                        shared.SubView(used), a, b, sizes, place, (block + TensorStages) * TensorDepth, blockRows, blockColumns, layoutA, layoutB);
                    LoadFours(left, 0, shared.SubView(next).Cast<FloatX4>(), firstRow, 0, 0, blockRows, layoutA);
                    LoadFours(left, 16, shared.SubView(next).Cast<FloatX4>(), firstRow, 0, 1, blockRows, layoutA);
                    LoadFours(right, 0, shared.SubView(next).Cast<FloatX4>(), firstColumn, 0, 0, blockColumns, layoutB);
                }
                else
                {
                    LoadFours(left, 0, shared.SubView(used).Cast<FloatX4>(), firstRow, k + 1, 0, blockRows, layoutA);
                    LoadFours(left, 16, shared.SubView(used).Cast<FloatX4>(), firstRow, k + 1, 1, blockRows, layoutA);
                    LoadFours(right, 0, shared.SubView(used).Cast<FloatX4>(), firstColumn, k + 1, 0, blockColumns, layoutB);
                }

                MultiplyHalf(sums, leftBits, rightBits, 1, bfloat16);
            }

            used = next;
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

    /// <summary>What the runs of four lanes of a step are exchanged by: pairs of runs, by which of four steps a thread's it is.</summary>
    private static int StepKey(int step) => 2 * ((step >> 2) & 3);

    /// <summary>Reads 4 lanes of a half of 32 by 4 steps of the k-th 16 steps into registers, as [lane][step].</summary>
    private static void LoadFours(
        ArrayView<float> registers, int at, ArrayView<FloatX4> shared, int first, int k, int half, int block, int layout)
    {
        for (int i = 0; i < 4; i++)
        {
            if (layout == LanesAdjoin)
            {
                // i counts steps; four lanes come at a time.
                FloatX4 four = shared[first + (((16 * k) + i) * (block / 4)) + (8 * half)];
                registers[at + i] = four.X;
                registers[at + i + 4] = four.Y;
                registers[at + i + 8] = four.Z;
                registers[at + i + 12] = four.W;
            }
            else
            {
                // i counts lanes; four steps come at a time.
                Spread(registers, at + (4 * i), shared[(first ^ (4 * k)) + (((32 * half) + i) * (TensorDepth / 4))]);
            }
        }
    }

    /// <summary>
    /// Rounds 16 registers to TF32, or to 8 pairs of bfloat16. The conversion to TF32 becomes two instructions and copies of registers, and what
    /// issues them issues the products; one multiplication, after which the tensor core cuts off, does as well. See <see cref="Tf32Rounding"/>.
    /// </summary>
    private static void Round(ArrayView<int> bits, ArrayView<float> registers, int at, int bfloat16)
    {
        if (bfloat16 != 0)
        {
            for (int i = 0; i < 8; i++)
            {
                PtxConvert.RoundBfloat16Pair(ref bits[(at / 2) + i], registers[at + (2 * i) + 1], registers[at + (2 * i)]);
            }
        }
        else
        {
            for (int i = 0; i < 16; i++)
            {
                bits[at + i] = Interop.FloatAsInt(registers[at + i] * Tf32Rounding);
            }
        }
    }

    /// <summary>Adds the products of 8 lanes of a and 4 of b, a half of the thread's columns, over 16 steps.</summary>
    private static void MultiplyHalf(ArrayView<float> sums, ArrayView<int> a, ArrayView<int> b, int half, int bfloat16)
    {
        if (bfloat16 != 0)
        {
            for (int i = 0; i < 4; i++)
            {
                int x = 4 * i;
                for (int j = 0; j < 4; j++)
                {
                    int y = 2 * j;
                    int d = (32 * i) + (16 * half) + (4 * j);
                    PtxMatrix.MultiplyBfloat16(
                        ref sums[d], ref sums[d + 1], ref sums[d + 2], ref sums[d + 3], a[x], a[x + 2], a[x + 1], a[x + 3], b[y], b[y + 1]);
                }
            }
        }
        else
        {
            for (int pair = 0; pair < 2; pair++)
            {
                for (int i = 0; i < 4; i++)
                {
                    int x = (8 * i) + (2 * pair);
                    for (int j = 0; j < 4; j++)
                    {
                        int y = (4 * j) + (2 * pair);
                        int d = (32 * i) + (16 * half) + (4 * j);
                        PtxMatrix.MultiplyTf32(
                            ref sums[d], ref sums[d + 1], ref sums[d + 2], ref sums[d + 3], a[x], a[x + 4], a[x + 1], a[x + 5], b[y], b[y + 1]);
                    }
                }
            }
        }
    }

    /// <summary>Starts the copies of a stage, if there is such a block, and closes them into a batch.</summary>
    private static void Fill(
        ArrayView<float> stage,
        ReadOnlyView<float> a,
        ReadOnlyView<float> b,
        GemmSizes sizes,
        GemmPlace place,
        int step,
        int blockRows,
        int blockColumns,
        int layoutA,
        int layoutB)
    {
        if (step < place.Depth)
        {
            int threads = blockRows * blockColumns / 128;
            long rowsFrom = place.A + (place.Row * sizes.ARow) + (step * sizes.AStep);
            long columnsFrom = place.B + (place.Column * sizes.BColumn) + (step * sizes.BStep);
            CopyBlock(stage, a, rowsFrom, sizes.ARow, sizes.AStep, sizes.Rows - place.Row, place.Depth - step, blockRows, threads, layoutA);
            CopyBlock(
                stage.SubView(TensorDepth * blockRows),
                b,
                columnsFrom,
                sizes.BColumn,
                sizes.BStep,
                sizes.Columns - place.Column,
                place.Depth - step,
                blockColumns,
                threads,
                layoutB);
        }

        PtxAsyncCopy.Commit();
    }

    /// <summary>Starts the copies of a block of an operand.</summary>
    private static void CopyBlock(
        ArrayView<float> shared, ReadOnlyView<float> x, long from, long laneStride, long stepStride, int lanes, int steps, int block, int threads, int layout)
    {
        if (layout == StepsAdjoin)
        {
            CopySteps(shared, x, from, laneStride, lanes, steps, block, threads / (TensorDepth / 4));
        }
        else if (layout == LanesAdjoin)
        {
            CopyLanes(shared, x, from, stepStride, lanes, steps, block, threads / (block / 4));
        }
        else
        {
            CopyScattered(shared, x, from, laneStride, stepStride, lanes, steps, block, threads / 8);
        }
    }

    /// <summary>Copies a block as [lane][32 steps], 16 bytes at a time. Exchanging runs of four by a key commutes with the passes, whose lanes share no bit with the first.</summary>
    private static void CopySteps(
        ArrayView<float> shared, ReadOnlyView<float> x, long from, long laneStride, int lanes, int steps, int block, int lanesPerPass)
    {
        int four = Group.IdxX % (TensorDepth / 4);
        int first = Group.IdxX / (TensorDepth / 4);
        int target = (first * TensorDepth) + (4 * (four ^ LaneKey(first)));
        long source = from + (4 * four) + (first * laneStride);
        if (lanes >= block && steps >= TensorDepth)
        {
            for (int i = 0; i < block / lanesPerPass; i++)
            {
                int at = (target ^ (4 * LaneKey(i * lanesPerPass))) + (i * lanesPerPass * TensorDepth);
                PtxAsyncCopy.Copy16(shared.SubView(at), x.SubView(source + (i * lanesPerPass * laneStride)));
            }

            return;
        }

        int bytes = 4 * XMath.Max(0, XMath.Min(4, steps - (4 * four)));
        for (int i = 0; i < block / lanesPerPass; i++)
        {
            int at = (target ^ (4 * LaneKey(i * lanesPerPass))) + (i * lanesPerPass * TensorDepth);
            int taken = first + (i * lanesPerPass) < lanes ? bytes : 0;
            long element = taken > 0 ? source + (i * lanesPerPass * laneStride) : 0;
            PtxAsyncCopy.Copy16(shared.SubView(at), x.SubView(element), taken);
        }
    }

    /// <summary>Copies a block as [32 steps][lanes], 16 bytes at a time.</summary>
    private static void CopyLanes(
        ArrayView<float> shared, ReadOnlyView<float> x, long from, long stepStride, int lanes, int steps, int block, int stepsPerPass)
    {
        int four = Group.IdxX % (block / 4);
        int first = Group.IdxX / (block / 4);
        int target = (first * block) + (4 * (four ^ StepKey(first)));
        long source = from + (4 * four) + (first * stepStride);
        if (lanes >= block && steps >= TensorDepth)
        {
            for (int i = 0; i < TensorDepth / stepsPerPass; i++)
            {
                int at = (target ^ (4 * StepKey(i * stepsPerPass))) + (i * stepsPerPass * block);
                PtxAsyncCopy.Copy16(shared.SubView(at), x.SubView(source + (i * stepsPerPass * stepStride)));
            }

            return;
        }

        int bytes = 4 * XMath.Max(0, XMath.Min(4, lanes - (4 * four)));
        for (int i = 0; i < TensorDepth / stepsPerPass; i++)
        {
            int at = (target ^ (4 * StepKey(i * stepsPerPass))) + (i * stepsPerPass * block);
            int taken = first + (i * stepsPerPass) < steps ? bytes : 0;
            long element = taken > 0 ? source + (i * stepsPerPass * stepStride) : 0;
            PtxAsyncCopy.Copy16(shared.SubView(at), x.SubView(element), taken);
        }
    }

    /// <summary>Copies a block of any strides as [lane][32 steps], 4 bytes at a time; neighbours in memory go to neighbouring threads.</summary>
    private static void CopyScattered(
        ArrayView<float> shared, ReadOnlyView<float> x, long from, long laneStride, long stepStride, int lanes, int steps, int block, int lanesPerPass)
    {
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
                long element = inside ? source + (i * lanesPerPass * laneStride) + (8 * j * stepStride) : 0;
                int four = (step >> 2) ^ LaneKey(lane);
                PtxAsyncCopy.Copy4(shared.SubView((lane * TensorDepth) + (4 * four) + (step & 3)), x.SubView(element), inside ? 4 : 0);
            }
        }
    }
}
