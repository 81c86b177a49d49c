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
        int best = 0;
        int at = int.MaxValue;
        if (row < rows)
        {
            ReadOnlyView<int> from = x.SubView((long)row * n);
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                int word = from[i];
                if (at == int.MaxValue || IsAhead(integer.Value, word, best))
                {
                    best = word;
                    at = i;
                }
            }
        }

        words[place] = best;
        indices[place] = at;
        for (int half = lanes / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                int other = indices[place + half];
                int own = indices[place];
                int word = words[place + half];
                bool later = other > own;
                bool replaces = later ? IsAhead(integer.Value, word, words[place]) : !IsAhead(integer.Value, words[place], word);
                if (other != int.MaxValue && (own == int.MaxValue || replaces))
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
            int best = from[0];
            int at = 0;
            for (int i = 1; i < n; i++)
            {
                int word = from[i];
                bool ahead = IsAhead(integer.Value, word, best);
                best = ahead ? word : best;
                at = ahead ? i : at;
            }

            y[row] = at;
        }
    }

    /// <summary>True if a word is larger than another, or NaN where that is not.</summary>
    private static bool IsAhead(int integer, int word, int than)
    {
        bool ahead;
        if (integer == 1)
        {
            ahead = word > than;
        }
        else
        {
            float a = Interop.IntAsFloat(word);
            float b = Interop.IntAsFloat(than);
            ahead = a > b || (XMath.IsNaN(a) && !XMath.IsNaN(b));
        }

        return ahead;
    }
}
