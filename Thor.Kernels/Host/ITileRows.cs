namespace Thor.Kernels.Host;

/// <summary>Rows of a tall matrix that may never have been written down.</summary>
internal unsafe interface ITileRows<T>
    where T : unmanaged
{
    /// <summary>Number of rows.</summary>
    long Count { get; }

    /// <summary>Scratch elements that <see cref="Gather"/> needs for so many rows and columns.</summary>
    static abstract long SpareElements(int rows, int columns);

    /// <summary>Writes a range of columns of consecutive rows, row-major.</summary>
    void Gather(int column, int columns, long row, int rows, T* strip, nint stride, T* spare);

    /// <summary>The same with rows interleaved by twos, element by element; a row of zeros goes with a last one without partner.</summary>
    void GatherPairs(int column, int columns, long row, int rows, T* strip, nint stride, T* spare);
}
