namespace Thor.Kernels.Kernels;

/// <summary>Which block of which product a group of threads computes.</summary>
internal struct GemmPlace
{
    /// <summary>First row of the block.</summary>
    public int Row;

    /// <summary>First column of the block.</summary>
    public int Column;

    /// <summary>Number of steps of the sums.</summary>
    public int Depth;

    /// <summary>Element (0, first step) of a.</summary>
    public long A;

    /// <summary>Element (first step, 0) of b.</summary>
    public long B;

    /// <summary>Element (0, 0) of c.</summary>
    public long C;
}
