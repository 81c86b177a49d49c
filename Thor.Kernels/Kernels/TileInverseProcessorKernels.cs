namespace Thor.Kernels.Kernels;

/// <summary>
/// (tile + damping I)^-1 on processors: groups of one thread, which inverts pair after pair of tiles in scratch of its own. Two tiles of one
/// dimension lie interleaved (see <see cref="LanePairs"/>): a register is 8 columns of both, and no lane sees the other tile.
/// </summary>
/// <remarks>
/// The host's algorithm (see <c>TileInversion</c>) in block rows of 8: left-looking, so that sums stay in registers while operands stream past.
/// A square S, padded with ones on the diagonal, goes through the host's three states; in the last it becomes symmetric, and leaves row by row.
/// Scratch is, in registers of 16: S with a register more in every row, so that a column does not fall into a few sets of the first cache;
/// -X of the diagonal block; the three zeros where new sums start; the pivots, negative; the inverse roots of 8 of them.
/// </remarks>
public static partial class TileInverseProcessorKernels
{
    private const int Block = LanePairs.Columns;
    private const int StripRegisters = 3;

    // 2^-48 and 2^-72: the squared and the cubed roundoff.
    private const float SourceFloor = 3.5527136788005009e-15f;
    private const float InverseFloor = 2.1175823681357508e-22f;
    private const float Roundoff = 5.9604644775390625e-8f;
    private const float ConditionLimit = 4f;

    /// <summary>Inverts as many pairs as there are groups apart, from the group's own on, in the group's shared memory.</summary>
    /// <param name="jobs">The tiles, two of one dimension after the other; a tile without a neighbour stands twice.</param>
    /// <param name="source">Packed tiles.</param>
    /// <param name="destination">Packed tiles, may be the source.</param>
    /// <param name="status">Per slot.</param>
    /// <param name="used">Per slot, the damping of the last attempt, if wanted; else any view.</param>
    /// <param name="attempts">How often a tile is tried.</param>
    /// <param name="pairs">Number of pairs.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void InvertShared(
        ReadOnlyView<TileJob> jobs,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        int pairs)
    {
        ArrayView<float> square = SharedMemory.GetDynamic<float>();
        for (int index = Grid.IdxX; index < pairs; index += Grid.DimX)
        {
            int next = index + Grid.DimX < pairs ? index + Grid.DimX : index;
            TryPair(jobs, index, next, source, destination, status, used, attempts, square);
        }
    }

    /// <summary>The same in device memory, for tiles that shared memory does not hold.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void InvertScratch(
        ReadOnlyView<TileJob> jobs,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        int pairs,
        ArrayView<float> scratch,
        int scratchPerGroup)
    {
        ArrayView<float> square = scratch.SubView((long)Grid.IdxX * scratchPerGroup, scratchPerGroup);
        for (int index = Grid.IdxX; index < pairs; index += Grid.DimX)
        {
            int next = index + Grid.DimX < pairs ? index + Grid.DimX : index;
            TryPair(jobs, index, next, source, destination, status, used, attempts, square);
        }
    }

    /// <summary>Elements of scratch for a pair of tiles.</summary>
    internal static int Elements(int dimension)
    {
        int blocks = Blocks(dimension);
        return (Roots(blocks) + 1) * 2 * Block;
    }

    private static int Blocks(int dimension) => (dimension + Block - 1) / Block;

    private static int Pitch(int blocks) => blocks + 1;

    private static int Negative(int blocks) => blocks * Block * Pitch(blocks);

    private static int Zeros(int blocks) => Negative(blocks) + Block;

    private static int Pivots(int blocks) => Zeros(blocks) + StripRegisters;

    private static int Roots(int blocks) => Pivots(blocks) + blocks;

    private static void TryPair(
        ReadOnlyView<TileJob> jobs,
        int index,
        int next,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        ArrayView<float> square)
    {
        TileJob first = jobs[2 * index];
        TileJob second = jobs[(2 * index) + 1];
        bool firstOpen = true;
        bool secondOpen = second.Slot != first.Slot;
        for (int attempt = 0; firstOpen || secondOpen; attempt++)
        {
            // A tile whose neighbour is done goes on beside itself.
            TileLane left = LaneOf(first, source);
            TileLane right = LaneOf(second, source);
            if (!firstOpen)
            {
                left = right;
            }

            if (!secondOpen)
            {
                right = left;
            }

            if (left.Status == 0 || right.Status == 0)
            {
                Invert(ref left, ref right, first.Dimension, jobs[2 * next], jobs[(2 * next) + 1], source, destination, square);
            }

            bool more = attempt < attempts.Retries;
            if (firstOpen)
            {
                firstOpen = Settle(ref first, left.Status, more, status, used, attempts);
            }

            if (secondOpen)
            {
                secondOpen = Settle(ref second, right.Status, more, status, used, attempts);
            }
        }
    }

    /// <summary>Notes what became of a tile.</summary>
    /// <returns>Whether it is to be tried again, with more damping.</returns>
    private static bool Settle(ref TileJob job, int word, bool more, ArrayView<int> status, ArrayView<float> used, TileAttempts attempts)
    {
        if (more && word != 0 && word != -1)
        {
            job.Damping *= attempts.Factor;
            return true;
        }

        status[job.Slot] = word;
        if (attempts.Reported != 0)
        {
            used[job.Slot] = job.Damping;
        }

        return false;
    }

    /// <summary>Writes the inverses of tiles whose status is and stays 0. The next tiles, and where these go, are asked for on the way.</summary>
    private static void Invert(
        ref TileLane left,
        ref TileLane right,
        int n,
        TileJob nextLeft,
        TileJob nextRight,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<float> square)
    {
        ArrayView<FloatX16> lanes = square.Cast<FloatX16>();
        ArrayView<FloatX2> pairs = square.Cast<FloatX2>();
        int blocks = Blocks(n);
        for (int i = 0; i < StripRegisters; i++)
        {
            lanes[Zeros(blocks) + i] = FloatX16.Splat(0f);
        }

        TileFetch ahead = TileFetch.Of(nextLeft.Offset, nextRight.Offset, nextLeft.Dimension);
        for (int block = 0; block < blocks; block++)
        {
            Load(left, right, n, block, source, square);
            Factor(square, pairs, lanes, block, blocks, source, ref ahead);
        }

        FetchRest(source, ref ahead);
        JudgePivots(ref left, ref right, n, source, square);
        if (left.Status == 0 || right.Status == 0)
        {
            ahead = TileFetch.Of(left.Offset, right.Offset, n);
            for (int block = 0; block < blocks; block++)
            {
                Square(pairs, lanes, block, blocks, destination, ref ahead);
            }

            FetchRest(destination, ref ahead);
            JudgeInverses(ref left, ref right, n, source, square);
            Save(left, right, n, destination, square);
        }
    }
}
