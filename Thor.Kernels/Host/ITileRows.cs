namespace Thor.Kernels.Host;

/// <summary>Rows of a tall matrix that may never have been written down.</summary>
internal unsafe interface ITileRows<T>
    where T : unmanaged
{
    /// <summary>Number of rows.</summary>
    long Count { get; }

    /// <summary>Scratch elements that <see cref="Gather"/> needs for so many rows and columns.</summary>
    long SpareElements(int rows, int columns);

    /// <summary>Where rows lie from a column on; null if they lie nowhere or not as they are to be copied.</summary>
    T* Find(int column, long row, out nint stride);

    /// <summary>Writes a range of columns of consecutive rows, row-major.</summary>
    void Gather(int column, int columns, long row, int rows, T* strip, nint stride, T* spare);
}
