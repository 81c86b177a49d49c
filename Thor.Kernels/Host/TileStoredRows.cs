using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Rows that lie in memory.</summary>
internal readonly unsafe struct TileStoredRows<T>(T* x, long rowStride, int rows) : ITileRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public long Count => rows;

    public long SpareElements(int rows, int columns) => 0;

    public T* Find(int column, long row, out nint stride)
    {
        stride = (nint)rowStride;
        return x + (row * rowStride) + column;
    }

    public void Gather(int column, int columns, long row, int rows, T* strip, nint stride, T* spare)
    {
        T* source = x + (row * rowStride) + column;
        for (int i = 0; i < rows; i++)
        {
            new ReadOnlySpan<T>(source, columns).CopyTo(new Span<T>(strip, columns));
            source += rowStride;
            strip += stride;
        }
    }
}
