using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>How the rows of a matrix are shared out: a function of the shape alone.</summary>
internal readonly struct RowPartition
{
    /// <summary>Elements that make it worth waking another thread of a processor, at a few operations each.</summary>
    public const int CheapGrain = 1 << 14;

    /// <summary>The same, where each element costs an exponential.</summary>
    public const int CostlyGrain = 1 << 11;

    /// <summary>A partition of rows of n elements.</summary>
    public RowPartition(int rows, int n, int grain)
    {
        int lanes = RowReduction.Lanes(n);
        int rowsPerGroup = RowReduction.GroupSize / lanes;
        Lanes = SpecializedValue.New(lanes);
        ByGroups = new KernelConfig((rows + rowsPerGroup - 1) / rowsPerGroup, (lanes, rowsPerGroup));
        RowsPerThread = Math.Max(1, grain / Math.Max(1, n));
        ByThreads = new KernelConfig((rows + RowsPerThread - 1) / RowsPerThread, 1);
    }

    /// <summary>Threads that share a row.</summary>
    public SpecializedValue<int> Lanes { get; }

    /// <summary>The launch whose groups share rows.</summary>
    public KernelConfig ByGroups { get; }

    /// <summary>Rows of a thread of a processor.</summary>
    public int RowsPerThread { get; }

    /// <summary>The launch whose threads have rows of their own.</summary>
    public KernelConfig ByThreads { get; }
}
