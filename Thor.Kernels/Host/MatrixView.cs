namespace Thor.Kernels.Host;

/// <summary>A matrix, or a batch of them, in somebody else's memory.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="data">Element (0, 0) of the first matrix.</param>
/// <param name="rowStride">Distance in elements between rows.</param>
/// <param name="columnStride">Distance in elements between columns.</param>
/// <param name="batchStride">Distance in elements between matrices of a batch; 0 repeats one.</param>
public readonly unsafe struct MatrixView<T>(T* data, long rowStride, long columnStride = 1, long batchStride = 0)
    where T : unmanaged
{
    /// <summary>Element (0, 0) of the first matrix.</summary>
    public T* Data { get; } = data;

    /// <summary>Distance in elements between rows.</summary>
    public long RowStride { get; } = rowStride;

    /// <summary>Distance in elements between columns.</summary>
    public long ColumnStride { get; } = columnStride;

    /// <summary>Distance in elements between matrices of a batch.</summary>
    public long BatchStride { get; } = batchStride;

    /// <summary>The same elements with rows and columns exchanged.</summary>
    public MatrixView<T> Transposed => new(Data, ColumnStride, RowStride, BatchStride);

    /// <summary>One matrix of the batch.</summary>
    public MatrixView<T> Batch(long index) => Offset(index * BatchStride);

    /// <summary>The part that begins at a row and a column.</summary>
    public MatrixView<T> Part(long row, long column) => Offset((row * RowStride) + (column * ColumnStride));

    /// <summary>The same strides from another element on.</summary>
    /// <param name="elements">Distance to that element in memory.</param>
    public MatrixView<T> Offset(long elements) => new(Data + elements, RowStride, ColumnStride, BatchStride);
}
