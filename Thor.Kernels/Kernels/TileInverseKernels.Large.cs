namespace Thor.Kernels.Kernels;

/// <content>
/// Tiles too large for the registers of a group: the same sweeps over blocks that lie in device memory, block after block in 64 elements
/// each. One group of up to 256 threads for each tile; a thread updates every 256th block. Shared memory: X, bookkeeping and one panel, 17.6 KiB for a tile of 512. Per step and block 512
/// multiply-adds for 512 bytes of device memory, which for most tiles is the second cache.
/// </content>
public static partial class TileInverseKernels
{
    /// <summary>Most threads of a group of <see cref="SweepLarge"/>.</summary>
    public const int LargeThreads = 256;

    private const int LargeMaxima = Reciprocals + Block;
    private const int LargeFlags = LargeMaxima + (TileLayout.MaximumDimension / Block);
    private const int LargePanel = LargeFlags + 16;

    /// <summary>Inverts tiles of any dimension, one group each.</summary>
    /// <param name="jobs">The tiles.</param>
    /// <param name="source">Packed tiles.</param>
    /// <param name="destination">Packed tiles, may be the source.</param>
    /// <param name="status">Per slot.</param>
    /// <param name="used">Per slot, the damping of the last attempt, if wanted; else any view.</param>
    /// <param name="attempts">How often a tile is tried.</param>
    /// <param name="scratch">Blocks of each group.</param>
    /// <param name="scratchPerGroup">Elements of scratch of a group.</param>
    /// <param name="wide">Not 0 if both runs begin at multiples of 16 bytes.</param>
    [Kernel(MaxGroupSize = LargeThreads, MinGroupsPerMultiprocessor = 2)]
    public static void SweepLarge(
        ReadOnlyView<TileJob> jobs,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        ArrayView<float> scratch,
        int scratchPerGroup,
        int wide)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<float> own = LocalMemory.Allocate<float>(BlockElements);
        ArrayView<int> flags = shared.Cast<int>().SubView(LargeFlags, 4);
        ArrayView<FloatX4> panels = shared.Cast<FloatX4>();
        ArrayView<FloatX4> blocks = scratch.Cast<FloatX4>().SubView((long)Grid.IdxX * (scratchPerGroup / 4), scratchPerGroup / 4);
        TileJob job = jobs[Grid.IdxX];
        int attempt = 0;
        bool again = true;
        while (Group.Uniform(again))
        {
            AttemptLarge(job, source, destination, shared, flags, panels, blocks, wide, own);
            Group.Barrier();
            again = attempt < attempts.Retries && IsWorthAnother(flags[Word]);
            if (again)
            {
                attempt++;
                job.Damping *= attempts.Factor;
            }
        }

        if (Group.IdxX == 0)
        {
            status[job.Slot] = flags[Word];
            if (attempts.Reported != 0)
            {
                used[job.Slot] = job.Damping;
            }
        }
    }

    /// <summary>Words of shared memory of <see cref="SweepLarge"/>.</summary>
    internal static int LargeWords(int blockRows) => LargePanel + Math.Max(2 * Block * TileRegisters.RowWords(TileRegisters.HalfRow(blockRows)), 2 * LargeThreads);

    private static void AttemptLarge(
        TileJob job,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<float> shared,
        ArrayView<int> flags,
        ArrayView<FloatX4> panels,
        ArrayView<FloatX4> blocks,
        int wide,
        ArrayView<float> own)
    {
        int n = job.Dimension;
        int blockRows = Group.Uniform((n + Block - 1) / Block);
        int half = TileRegisters.HalfRow(blockRows);
        int pitch = TileRegisters.RowWords(half);
        int thread = Group.IdxX;
        if (thread == 0)
        {
            flags[BadMinor] = 0;
            flags[NotFinite] = 0;
        }

        // The diagonal first: its largest element scales all others.
        for (int row = thread; row < blockRows; row += Group.DimX)
        {
            Load(source, job.Offset, n, row, row, wide != 0, own);
            shared[LargeMaxima + row] = HalfOfLargest(own, n - (Block * row), job.Damping);
        }

        Group.Barrier();
        float halfLargest = 0f;
        for (int row = 0; row < blockRows; row++)
        {
            halfLargest = XMath.Max(halfLargest, shared[LargeMaxima + row]);
        }

        float scale = Scale(halfLargest);
        float finite = halfLargest > float.MaxValue ? float.NaN : 0f;
        int i = 0;
        int j = thread;
        for (int block = thread; block < blockRows * (blockRows + 1) / 2; block += Group.DimX)
        {
            while (j >= blockRows)
            {
                i++;
                j -= blockRows - i;
            }

            Load(source, job.Offset, n, i, j, wide != 0, own);
            for (int e = 0; e < BlockElements; e++)
            {
                finite = Fused.MultiplyAdd(own[e], 0f, finite);
            }

            Negate(own, scale, job.Damping * scale, i == j, n - (Block * i));
            StoreBlock(blocks, block, own);
            j += Group.DimX;
        }

        if (finite != 0f)
        {
            flags[NotFinite] = 1;
        }

        for (int k = 0; k < blockRows; k++)
        {
            // Block row k has been updated, and the panel been read.
            Group.Barrier();
            for (int other = thread; other < blockRows; other += Group.DimX)
            {
                SendPivotRow(blocks, panels, flags, blockRows, half, k, other, own);
            }

            Group.Barrier();
            for (int column = thread; column < blockRows * Block; column += Group.DimX)
            {
                int at = LargePanel + TileRegisters.Place(column, half);
                Solve(HalfColumn(shared, at, pitch), HalfColumn(shared, at + (4 * pitch), pitch), shared, panels, 0, at, pitch, Block * pitch);
            }

            Group.Barrier();
            i = 0;
            j = thread;
            for (int block = thread; block < blockRows * (blockRows + 1) / 2; block += Group.DimX)
            {
                while (j >= blockRows)
                {
                    i++;
                    j -= blockRows - i;
                }

                if (i == k || j == k)
                {
                    TileRegisters.Clear(own);
                }
                else
                {
                    LoadBlock(blocks, block, own);
                }

                int left = (LargePanel / 4) + i;
                int right = ((LargePanel + (Block * pitch)) / 4) + j;
                TileRegisters.Accumulate(panels, left, pitch / 4, half / 4, right, pitch / 4, half / 4, own);
                if (i == j)
                {
                    // Of a product of two different panels both halves agree to rounding only.
                    TileRegisters.Mirror(own);
                }

                StoreBlock(blocks, block, own);
                j += Group.DimX;
            }
        }

        // From here on threads read the blocks of others.
        Group.Barrier();
        for (int row = thread; row < blockRows; row += Group.DimX)
        {
            LoadBlock(blocks, FirstOfRow(row, blockRows), own);
            shared[LargeMaxima + row] = Top(own, n - (Block * row));
        }

        Group.Barrier();
        float top = 0f;
        for (int row = 0; row < blockRows; row++)
        {
            top = XMath.Max(top, shared[LargeMaxima + row]);
        }

        int word = flags[NotFinite] != 0 ? -1 : flags[BadMinor];
        if (word == 0 && !(top * scale <= float.MaxValue))
        {
            word = -2;
        }

        bool close = word == 0 && !((float)n * n * (halfLargest * scale * 2f) * top * Roundoff <= ConditionLimit);
        if (close)
        {
            float inverse = 0f;
            float damped = 0f;
            for (int column = thread; column < n; column += Group.DimX)
            {
                inverse = XMath.Max(inverse, StoredColumnNorm(blocks, blockRows, n, column));
                damped = XMath.Max(damped, DampedColumnNorm(source, job, column, scale));
            }

            shared[LargePanel + thread] = inverse;
            shared[LargePanel + LargeThreads + thread] = damped;
        }

        // Also because source and destination may be one, and norms read the source.
        Group.Barrier();
        if (close && !(Largest(shared, LargePanel) * Largest(shared, LargePanel + LargeThreads) * Roundoff <= ConditionLimit))
        {
            word = -2;
        }

        i = 0;
        j = thread;
        for (int block = thread; word == 0 && block < blockRows * (blockRows + 1) / 2; block += Group.DimX)
        {
            while (j >= blockRows)
            {
                i++;
                j -= blockRows - i;
            }

            LoadBlock(blocks, block, own);
            Store(destination, job.Offset, n, i, j, wide != 0, own, scale, top * InverseFloor);
            j += Group.DimX;
        }

        if (thread == 0)
        {
            flags[Word] = word;
        }
    }

    /// <summary>Number of the block on the diagonal, row by row.</summary>
    private static int FirstOfRow(int row, int blockRows) => (row * blockRows) - (row * (row - 1) / 2);

    /// <summary>Puts one block of block row k into the panel; of the block on the diagonal the inverse factor is taken.</summary>
    private static void SendPivotRow(
        ArrayView<FloatX4> blocks,
        ArrayView<FloatX4> panels,
        ArrayView<int> flags,
        int blockRows,
        int half,
        int k,
        int other,
        ArrayView<float> own)
    {
        if (other < k)
        {
            LoadBlock(blocks, FirstOfRow(other, blockRows) + k - other, own);
            StoreColumns(panels, (LargePanel / 4) + other, TileRegisters.RowWords(half) / 4, half / 4, own);
        }
        else
        {
            LoadBlock(blocks, FirstOfRow(k, blockRows) + other - k, own);
            if (other > k)
            {
                StoreRows(panels, (LargePanel / 4) + other, TileRegisters.RowWords(half) / 4, half / 4, own);
            }
            else
            {
                int bad = Pivot(own, panels, 0);
                if (bad != 0 && flags[BadMinor] == 0)
                {
                    flags[BadMinor] = (k * Block) + bad;
                }

                StoreIdentity(panels, (LargePanel / 4) + k, TileRegisters.RowWords(half) / 4, half / 4);
            }
        }
    }

    /// <summary>A block of the pivot's column: mirrored, that is columns of the panel.</summary>
    private static void StoreColumns(ArrayView<FloatX4> panels, int at, int pitch, int half, ArrayView<float> own)
    {
        for (int r = 0; r < Block; r++)
        {
            panels[at + (r * pitch)] = new FloatX4(own[r], own[8 + r], own[16 + r], own[24 + r]);
            panels[at + (r * pitch) + half] = new FloatX4(own[32 + r], own[40 + r], own[48 + r], own[56 + r]);
        }
    }

    /// <summary>What X makes itself of: the pivot's columns of the panel.</summary>
    private static void StoreIdentity(ArrayView<FloatX4> panels, int at, int pitch, int half)
    {
        for (int r = 0; r < Block; r++)
        {
            panels[at + (r * pitch)] = new FloatX4(r == 0 ? 1f : 0f, r == 1 ? 1f : 0f, r == 2 ? 1f : 0f, r == 3 ? 1f : 0f);
            panels[at + (r * pitch) + half] = new FloatX4(r == 4 ? 1f : 0f, r == 5 ? 1f : 0f, r == 6 ? 1f : 0f, r == 7 ? 1f : 0f);
        }
    }

    private static void LoadBlock(ArrayView<FloatX4> blocks, int block, ArrayView<float> own)
    {
        for (int q = 0; q < BlockElements / 4; q++)
        {
            FloatX4 quad = blocks[(block * (BlockElements / 4)) + q];
            own[4 * q] = quad.X;
            own[(4 * q) + 1] = quad.Y;
            own[(4 * q) + 2] = quad.Z;
            own[(4 * q) + 3] = quad.W;
        }
    }

    private static void StoreBlock(ArrayView<FloatX4> blocks, int block, ArrayView<float> own)
    {
        for (int q = 0; q < BlockElements / 4; q++)
        {
            blocks[(block * (BlockElements / 4)) + q] = new FloatX4(own[4 * q], own[(4 * q) + 1], own[(4 * q) + 2], own[(4 * q) + 3]);
        }
    }

    /// <summary>Sum of the magnitudes of a column of the inverse in blocks.</summary>
    private static float StoredColumnNorm(ArrayView<FloatX4> blocks, int blockRows, int n, int column)
    {
        ArrayView<float> elements = blocks.Cast<float>();
        int j = column / Block;
        float sum = 0f;
        for (int row = 0; row < n; row++)
        {
            int i = row / Block;
            int low = XMath.Min(i, j);
            int inner = i <= j ? ((row % Block) * Block) + (column % Block) : ((column % Block) * Block) + (row % Block);
            int block = FirstOfRow(low, blockRows) + XMath.Max(i, j) - low;
            sum += XMath.Abs(elements[(block * BlockElements) + inner]);
        }

        return sum;
    }

    /// <summary>The largest of a number from each thread of the group.</summary>
    private static float Largest(ArrayView<float> shared, int at)
    {
        float largest = 0f;
        for (int thread = 0; thread < Group.DimX; thread++)
        {
            largest = XMath.Max(largest, shared[at + thread]);
        }

        return largest;
    }
}
