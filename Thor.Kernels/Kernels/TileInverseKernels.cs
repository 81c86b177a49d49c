namespace Thor.Kernels.Kernels;

/// <summary>
/// (tile + damping I)^-1 on GPUs by block symmetric sweeps in Cholesky form: damping, factorisation and inverse in one pass over memory.
/// </summary>
/// <remarks>
/// A tile is cut into blocks of 8; of the blocks on and above the diagonal each thread owns one, all of whose 64 elements stay in its
/// registers from the first load to the last store. With B = -A, step K of as many steps as there are block rows does
/// X = L^-1 for -B_KK = L L^T;  S = X B_K:, and S_K = X;  B_K: = 0, B_:K = 0;  B_ij += S_i^T S_j for all i, j.
/// In the end B is the inverse. The pivots are those of Cholesky's factorisation, every step is the same work, both halves of a diagonal
/// block see the same operations, and nothing is written until the last pivot has passed.
/// <para>
/// Group: up to 160 threads (136 own the blocks of a tile of 128), or as many as several smaller tiles of one number of block rows take; such a set
/// of threads is a team. Shared memory of a team: X, 32 words of bookkeeping, two panels of 8 rows, in which block row K becomes S, and
/// a place for the blocks of block column K, whose rows are columns of the panel; 15.4 KiB for a tile of 128. A row of a panel is two half
/// rows, the left and the right 4 columns of every block, so that neighbours read neighbouring 16 bytes. Two barriers per step; 512
/// multiply-adds of a thread per 32 loads of 16 bytes from shared memory.
/// </para>
/// </remarks>
public static partial class TileInverseKernels
{
    /// <summary>Most threads of a group of <see cref="Sweep"/>.</summary>
    public const int GroupThreads = 160;

    /// <summary>Largest dimension that fits the registers of a group.</summary>
    public const int MaximumDimension = 128;

    private const int Warp = 32;
    private const int Block = TileRegisters.Block;
    private const int BlockElements = TileRegisters.BlockElements;

    // Words of a team's shared memory before its panels: X, reciprocal pivots, a number for each block row, and flags.
    private const int Reciprocals = BlockElements;
    private const int Maxima = Reciprocals + Block;
    private const int Flags = Maxima + 16;
    private const int Norms = Flags + 8;
    private const int ScaleOfTeam = Norms + 2;
    private const int DampingOfTeam = ScaleOfTeam + 1;
    private const int HalfLargestOfTeam = DampingOfTeam + 1;
    private const int OffsetOfTeam = Flags + 14;
    private const int Panels = Flags + 16;

    // Panels of the largest tiles, of which there is one in a group.
    internal const int WidestHalf = 80;

    private const int BadMinor = 0;
    private const int NotFinite = 1;
    private const int Word = 2;
    private const int Dimension = 3;
    private const int Slot = 4;

    // 2^-48 and 2^-72: the squared and the cubed roundoff.
    private const float SourceFloor = 3.5527136788005009e-15f;
    private const float InverseFloor = 2.1175823681357508e-22f;
    private const float Roundoff = 5.9604644775390625e-8f;
    private const float ConditionLimit = 4f;

    /// <summary>Inverts tiles of dimension at most 128, teams of one group one tile each.</summary>
    /// <param name="jobs">The tiles, those of one number of block rows together.</param>
    /// <param name="firsts">First tile of each group, and the number of tiles.</param>
    /// <param name="source">Packed tiles.</param>
    /// <param name="destination">Packed tiles, may be the source.</param>
    /// <param name="status">Per slot.</param>
    /// <param name="used">Per slot, the damping of the last attempt, if wanted; else any view.</param>
    /// <param name="attempts">How often a tile is tried.</param>
    /// <param name="wide">Not 0 if both runs begin at multiples of 16 bytes.</param>
    /// <param name="half">Words of a half row of a panel, see <see cref="HalfOf"/>; a constant, so that addresses are.</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 3)]
    [KernelVariants(8)]
    [KernelVariants(16)]
    [KernelVariants(48)]
    [KernelVariants(80)]
    public static void Sweep(
        ReadOnlyView<TileJob> jobs,
        ReadOnlyView<int> firsts,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        int wide,
        SpecializedValue<int> half)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<float> own = LocalMemory.Allocate<float>(BlockElements);
        int first = firsts[Grid.IdxX];
        int teams = half == WidestHalf ? 1 : firsts[Grid.IdxX + 1] - first;
        int blockRows = Group.Uniform((jobs[first].Dimension + Block - 1) / Block);
        int words = TeamWords(half);
        int thread = Group.IdxX;
        int above = blockRows * (blockRows - 1) / 2;
        int diagonals = FirstDiagonal(blockRows, teams);
        bool diagonal = thread >= diagonals;
        int number = diagonal ? thread - diagonals : thread;
        int each = diagonal ? blockRows : XMath.Max(1, above);
        int team = number / each;
        bool active = team < teams;
        team = active ? team : 0;
        int i = 0;
        int j = number % each;
        if (diagonal)
        {
            i = j;
        }
        else
        {
            while (j >= blockRows - 1 - i)
            {
                j -= blockRows - 1 - i;
                i++;
            }

            j += i + 1;
        }

        int start = team * words;
        ArrayView<int> flags = shared.Cast<int>().SubView(start + Flags, 8);
        if (active && j == 0)
        {
            TileJob job = jobs[first + team];
            flags[Dimension] = job.Dimension;
            flags[Slot] = job.Slot;
            shared[start + DampingOfTeam] = job.Damping;
            shared.Cast<long>()[(start + OffsetOfTeam) / 2] = job.Offset;
        }

        int attempt = 0;
        bool again = true;
        while (Group.Uniform(again))
        {
            Group.Barrier();
            Attempt(jobs, first, source, destination, status, used, attempts, wide, half, shared, own, start, words, teams, blockRows, active, i, j);
            Group.Barrier();
            again = false;
            if (attempt < attempts.Retries)
            {
                active = active && IsWorthAnother(flags[Word]);
                attempt++;
                if (active && j == 0)
                {
                    shared[start + DampingOfTeam] *= attempts.Factor;
                }

                for (int other = 0; other < teams; other++)
                {
                    again = again || IsWorthAnother(shared.Cast<int>()[(other * words) + Flags + Word]);
                }
            }
        }
    }

    /// <summary>
    /// Words of a half row of a panel: at least 4 for each block. For large tiles both halves of four neighbouring blocks lie in different
    /// banks; small ones are many and their shared memory is dear. Few values, because each is a compiled variant and a launch of its own.
    /// </summary>
    internal static int HalfOf(int blockRows) => blockRows <= 2 ? 8 : blockRows <= 4 ? 16 : blockRows <= 12 ? 48 : WidestHalf;

    /// <summary>Words of shared memory of a team.</summary>
    internal static int TeamWords(int half) => Panels + (5 * PanelWords(half));

    /// <summary>The first thread that owns a block on the diagonal: pivots take a warp of their own, which need not wait for others' updates.</summary>
    internal static int FirstDiagonal(int blockRows, int teams) => ((teams * blockRows * (blockRows - 1) / 2) + Warp - 1) / Warp * Warp;

    /// <summary>Threads that so many teams take.</summary>
    internal static int ThreadsOf(int blockRows, int teams) => FirstDiagonal(blockRows, teams) + (teams * blockRows);

    /// <summary>Words of shared memory of a group.</summary>
    internal static int GroupWords(int half, int teams) => (teams * TeamWords(half)) + 4;

    private static int PanelWords(int half) => Block * TileRegisters.RowWords(half);

    /// <summary>Whether more damping may help.</summary>
    private static bool IsWorthAnother(int word) => word != 0 && word != -1;

    /// <summary>One attempt of the teams that are active.</summary>
    private static void Attempt(
        ReadOnlyView<TileJob> jobs,
        int first,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        int wide,
        int half,
        ArrayView<float> shared,
        ArrayView<float> own,
        int start,
        int words,
        int teams,
        int blockRows,
        bool active,
        int i,
        int j)
    {
        int thread = Group.IdxX;
        ArrayView<int> flags = shared.Cast<int>().SubView(start + Flags, 8);
        int n = flags[Dimension];
        float damping = shared[start + DampingOfTeam];
        ArrayView<int> asked = shared.Cast<int>().SubView(teams * words, 1);
        ArrayView<FloatX4> panels = shared.Cast<FloatX4>();
        float finite = 0f;
        if (active)
        {
            Load(source, shared.Cast<long>()[(start + OffsetOfTeam) / 2], n, i, j, wide != 0, own);
            for (int e = 0; e < BlockElements; e++)
            {
                // 0, or not a number.
                finite = Fused.MultiplyAdd(own[e], 0f, finite);
            }

            if (i == j)
            {
                shared[start + Maxima + i] = HalfOfLargest(own, n - (Block * i), damping);
                StoreIdentity(panels, ((start + Panels + (4 * PanelWords(half))) / 4) + i, TileRegisters.RowWords(half) / 4, half / 4);
            }

            if (j == 0)
            {
                flags[BadMinor] = 0;
                flags[NotFinite] = 0;
                asked[0] = 0;
            }
        }

        Group.Barrier();
        if (active)
        {
            float largest = 0f;
            for (int other = 0; other < blockRows; other++)
            {
                largest = XMath.Max(largest, shared[start + Maxima + other]);
            }

            float power = Scale(largest);
            Negate(own, power, damping * power, i == j, n - (Block * i));
            if (finite != 0f || largest > float.MaxValue)
            {
                flags[NotFinite] = 1;
            }

            if (j == 0)
            {
                shared[start + ScaleOfTeam] = power;
                shared[start + HalfLargestOfTeam] = largest;
            }
        }

        int row = TileRegisters.RowWords(half);
        int width = blockRows * Block;
        int columns = teams * width;
        int firstSolved = thread / width * (words / 4);
        int firstColumn = thread % width;
        int mirrored = (Panels + (4 * PanelWords(half))) / 4;
        for (int k = 0; k < blockRows; k++)
        {
            int panel = Panels + (k % 2 * 2 * PanelWords(half));
            if (active && (i == k || j == k))
            {
                if (i != j)
                {
                    StoreRows(panels, (start / 4) + (i == k ? (panel / 4) + j : mirrored + i), row / 4, half / 4, own);
                }
                else
                {
                    int bad = Pivot(own, panels, start / 4);
                    if (bad != 0 && flags[BadMinor] == 0)
                    {
                        flags[BadMinor] = (k * Block) + bad;
                    }
                }

                TileRegisters.Clear(own);
            }

            Group.Barrier();
            int solved = firstSolved;
            int column = firstColumn;
            for (int c = thread; c < columns; c += Group.DimX)
            {
                int at = (4 * solved) + panel + TileRegisters.Place(column, half);
                FloatX4 upper;
                FloatX4 lower;
                if (column < (k + 1) * Block)
                {
                    // Columns of block column K as they were sent, and of the identity for the pivot's own.
                    int from = solved + mirrored + (column % Block * (row / 4)) + (column / Block);
                    upper = panels[from];
                    lower = panels[from + (half / 4)];
                }
                else
                {
                    upper = HalfColumn(shared, at, row);
                    lower = HalfColumn(shared, at + (4 * row), row);
                }

                Solve(upper, lower, shared, panels, solved, at, row, PanelWords(half));
                column += Group.DimX;
                while (column >= width)
                {
                    column -= width;
                    solved += words / 4;
                }
            }

            Group.Barrier();
            if (active)
            {
                int left = ((start + panel) / 4) + i;
                int right = ((start + panel + PanelWords(half)) / 4) + j;
                if (i == j)
                {
                    TileRegisters.AccumulateTriangle(panels, left, right, row / 4, half / 4, own);
                }
                else
                {
                    TileRegisters.Accumulate(panels, left, row / 4, half / 4, right, row / 4, half / 4, own);
                }
            }
        }

        if (i == j)
        {
            TileRegisters.Mirror(own);
        }

        if (active && i == j)
        {
            shared[start + Maxima + i] = Top(own, flags[Dimension] - (Block * i));
        }

        // What is known of the tile waits in shared memory while registers are full.
        Group.Barrier();
        n = flags[Dimension];
        float scale = shared[start + ScaleOfTeam];
        float halfLargest = shared[start + HalfLargestOfTeam];
        float top = 0f;
        bool close = false;
        if (active)
        {
            for (int other = 0; other < blockRows; other++)
            {
                top = XMath.Max(top, shared[start + Maxima + other]);
            }

            close = flags[BadMinor] == 0 && flags[NotFinite] == 0 && top * scale <= float.MaxValue
                && !((float)n * n * (halfLargest * scale * 2f) * top * Roundoff <= ConditionLimit);
            if (close)
            {
                asked[0] = 1;
            }
        }

        Group.Barrier();
        bool norms = asked[0] != 0;
        Norm(jobs, first, source, shared, start, words, teams, blockRows, n, active, norms, i, j, own);
        if (norms)
        {
            close = close && !(shared[start + Norms] * shared[start + Norms + 1] * Roundoff <= ConditionLimit);
        }

        if (active)
        {
            int word = flags[NotFinite] != 0 ? -1 : flags[BadMinor] != 0 ? flags[BadMinor] : close || !(top * scale <= float.MaxValue) ? -2 : 0;
            if (word == 0)
            {
                Store(destination, shared.Cast<long>()[(start + OffsetOfTeam) / 2], n, i, j, wide != 0, own, scale, top * InverseFloor);
            }

            if (j == 0)
            {
                flags[Word] = word;
                status[flags[Slot]] = word;
                if (attempts.Reported != 0)
                {
                    used[flags[Slot]] = shared[start + DampingOfTeam];
                }
            }
        }
    }
}
