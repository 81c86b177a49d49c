using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Rows that lie in memory.</summary>
internal readonly unsafe struct TileStoredRows<T>(T* x, long rowStride, int rows) : ITileRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public long Count => rows;

    public static long SpareElements(int rows, int columns) => columns;

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

    public void GatherPairs(int column, int columns, long row, int rows, T* strip, nint stride, T* spare)
    {
        T* source = x + (row * rowStride) + column;
        for (int i = 0; i < rows; i += 2)
        {
            T* odd = source + rowStride;
            if (i + 1 == rows)
            {
                new Span<T>(spare, columns).Clear();
                odd = spare;
            }

            TilePairs.Join(source, odd, strip, columns);
            source += 2 * rowStride;
            strip += stride;
        }
    }
}
