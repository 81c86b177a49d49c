namespace Thor.Kernels.Kernels;

/// <summary>Indices of the largest elements of rows, the first of equals; NaN counts as largest.</summary>
/// <remarks>
/// GPU: groups of 256 threads, a power of two of them (x) per row, then a tree over shared memory (2 KiB). Processor: groups of one thread that
/// takes whole rows. Memory bounds them.
/// </remarks>
internal static partial class ArgMaxKernels
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>y[i] = index of the largest of row i.</summary>
    /// <param name="x">rows by n.</param>
    /// <param name="y">Indices.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="integer">1 for ints, 0 for floats.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0), KernelVariants(1)]
    public static void Rows(ReadOnlyView<int> x, ArrayView<int> y, int rows, int n, SpecializedValue<int> integer)
    {
        ArrayView<int> words = SharedMemory.Allocate<int>(GroupSize);
        ArrayView<int> indices = SharedMemory.Allocate<int>(GroupSize);
        int lanes = Group.DimX;
        int place = (Group.IdxY * lanes) + Group.IdxX;
        int row = (Grid.IdxX * Group.DimY) + Group.IdxY;

        // No element: an index behind all.
        int best = int.MinValue;
        int at = int.MaxValue;
        if (row < rows)
        {
            ReadOnlyView<int> from = x.SubView((long)row * n);
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                int word = Order(integer.Value, from[i]);
                bool ahead = word > best || at == int.MaxValue;
                best = ahead ? word : best;
                at = ahead ? i : at;
            }
        }

        words[place] = best;
        indices[place] = at;
        for (int half = lanes / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                int word = words[place + half];
                int other = indices[place + half];
                if (word > words[place] || (word == words[place] && other < indices[place]))
                {
                    words[place] = word;
                    indices[place] = other;
                }
            }
        }

        if (Group.IdxX == 0 && row < rows)
        {
            y[row] = indices[place];
        }
    }

    /// <summary>The same by a processor's thread, which takes a run of rows.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void RowsAlong(ReadOnlyView<int> x, ArrayView<int> y, int rows, int n, int run, SpecializedValue<int> integer)
    {
        int first = Grid.IdxX * run;
        int last = XMath.Min(rows, first + run);
        for (int row = first; row < last; row++)
        {
            ReadOnlyView<int> from = x.SubView((long)row * n);
            int largest = int.MinValue;
            for (int i = 0; i < n; i++)
            {
                largest = XMath.Max(largest, Order(integer.Value, from[i]));
            }

            int at = n;
            for (int i = 0; i < n; i++)
            {
                at = XMath.Min(at, Order(integer.Value, from[i]) == largest ? i : n);
            }

            y[row] = at;
        }
    }

    /// <summary>An int that is ordered as the word is, with NaN as the largest and one zero.</summary>
    private static int Order(int integer, int word) =>
        integer == 1 ? word : ReduceMath.Order(Interop.FloatAsInt(Interop.IntAsFloat(word) + 0f), int.MaxValue);
}
