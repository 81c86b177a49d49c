namespace Thor.Kernels.Kernels;

/// <summary>
/// Reductions over the threads that share a row: groups are (threads of a row, rows), with a power of two of threads per row. Trees over
/// shared memory, so that the order of additions is a function of the shape alone.
/// </summary>
internal static partial class RowReduction
{
    /// <summary>Threads of a group of the row kernels, and elements of their shared array.</summary>
    public const int GroupSize = 256;

    /// <summary>Threads that share a row of n elements: enough to keep them busy, few enough not to leave most idle.</summary>
    public static int Lanes(int n) => n <= 32 ? 8 : n <= 512 ? 32 : GroupSize;

    /// <summary>Leaves the sum of each row's values at the row's first place. Every thread has written its own place.</summary>
    public static void Sum(ArrayView<float> shared, int lanes)
    {
        int place = (Group.IdxY * lanes) + Group.IdxX;
        for (int half = lanes / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                shared[place] += shared[place + half];
            }
        }

        Group.Barrier();
    }

    /// <summary>Leaves the largest of each row's values at the row's first place; NaN if there is one.</summary>
    public static void Largest(ArrayView<float> shared, int lanes)
    {
        int place = (Group.IdxY * lanes) + Group.IdxX;
        for (int half = lanes / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                shared[place] = XMath.Max(shared[place], shared[place + half]);
            }
        }

        Group.Barrier();
    }
}
