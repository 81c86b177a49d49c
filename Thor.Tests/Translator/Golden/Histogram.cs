using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Dialect;

namespace Golden;

public static partial class HistogramKernels
{
    /// <summary>Counts words by their leading zeros, and the largest of them by warps.</summary>
    [Kernel(MaxGroupSize = 128)]
    public static void Count(ReadOnlyView<uint> words, ArrayView<int> counts, ArrayView<float> largest)
    {
        ArrayView<int> local = SharedMemory.GetDynamic<int>();
        if (Group.IsFirstThread)
        {
            Clear(local, 33);
        }

        Group.Barrier();
        int best = -1;
        for (int i = (Grid.IdxX * Group.DimX) + Group.IdxX; i < words.IntLength; i += Grid.DimX * Group.DimX)
        {
            int zeros = BitOperations.LeadingZeroCount(words[i]);
            Atomic.Add(ref local[zeros], 1);
            Larger(ref best, zeros, out _);
        }

        MemoryFence.GroupLevel();
        for (int delta = 16; delta > 0; delta >>= 1)
        {
            int other = Warp.ShuffleDown(best, delta);
            best = XMath.Max(best, other);
        }

        Group.Barrier();
        if (Group.IdxX < 33)
        {
            Atomic.Add(ref counts[Group.IdxX], local[Group.IdxX]);
        }

        if (Warp.LaneIdx == 0)
        {
            Atomic.Add(ref largest[0], (float)best);
        }
    }

    private static void Clear(ArrayView<int> view, int length)
    {
        int i = 0;
        do
        {
            view[i] = 0;
            i++;
        }
        while (i < length);
    }

    private static void Larger(ref int best, int candidate, out bool changed)
    {
        changed = candidate > best;
        best = changed ? candidate : best;
    }
}
