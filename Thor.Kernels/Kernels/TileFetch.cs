namespace Thor.Kernels.Kernels;

/// <summary>Lines of two tiles that are asked for on the way, one a step, so that they are there when what is computed now is done.</summary>
internal struct TileFetch
{
    /// <summary>First element of one tile.</summary>
    public long Left;

    /// <summary>First element of the other.</summary>
    public long Right;

    /// <summary>Lines of each.</summary>
    public int Lines;

    /// <summary>How many of both have been asked for.</summary>
    public int Done;

    /// <summary>The whole lines of two tiles.</summary>
    public static TileFetch Of(long left, long right, int dimension)
    {
        TileFetch fetch = default;
        fetch.Left = left;
        fetch.Right = right;
        fetch.Lines = dimension * dimension / ProcessorBlocks.Lanes;
        return fetch;
    }
}
