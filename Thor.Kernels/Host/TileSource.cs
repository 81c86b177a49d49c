namespace Thor.Kernels.Host;

/// <summary>Columns of rows that lie in memory.</summary>
/// <param name="x">First element.</param>
/// <param name="stride">Elements from one row to the next.</param>
/// <param name="columns">Columns; 0 where there are none.</param>
internal readonly unsafe struct TileSource<T>(T* x, nint stride, int columns)
    where T : unmanaged
{
    public T* X => x;

    public nint Stride => stride;

    public int Columns => columns;
}
