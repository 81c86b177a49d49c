using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>The lower triangle of X^T X, in squares on the diagonal and register blocks below them.</summary>
internal static unsafe class TileTriangle
{
    // Squares side by side that fill the registers; those below read them again and again.
    private const int Group = 3;

    /// <summary>Adds the products of a strip's rows with themselves to sums, in which squares on the diagonal stay folded until <see cref="Finish"/>.</summary>
    /// <param name="strip">The rows.</param>
    /// <param name="stride">Elements from one of them to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="source">Columns that are yet to be copied into the strip, which is done only where <see cref="TileDiagonal.Supports"/>.</param>
    /// <param name="sums">(width, width), of which squares above the diagonal are left alone.</param>
    /// <param name="width">Columns: a multiple of 16.</param>
    /// <param name="accumulate">Whether sums go on from what is there.</param>
    /// <param name="copy">Rows that are fetched meanwhile, as far as there is time.</param>
    public static void Multiply<T>(T* strip, nint stride, int rows, TileSource<T> source, T* sums, int width, bool accumulate, ref TileCopy copy)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (TileDiagonal.Supports<T>())
        {
            TileSource<float> columns = new((float*)source.X, source.Stride, source.Columns);
            Multiply((float*)strip, stride, rows, columns, (float*)sums, width, accumulate, ref copy);
            return;
        }

        const int Square = 8;
        for (int left = 0; left < width; left += Group * Square)
        {
            for (int row = left; row < width; row += Square)
            {
                int columns = Math.Min(row + Square - left, Group * Square);
                TileMultiply.Run(strip + row, stride, strip + left, stride, sums + ((nint)row * width) + left, width, Square, columns, rows, accumulate);
            }
        }
    }

    /// <summary>Adds sums to sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T* sums, T* total, nint width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint row = 0; row < width; row++)
        {
            T* from = sums + (row * width);
            T* to = total + (row * width);
            for (nint i = 0; i < (row & ~(nint)(TileDiagonal.Size - 1)) + TileDiagonal.Size; i += Vector<T>.Count)
            {
                *(Vector<T>*)(to + i) += *(Vector<T>*)(from + i);
            }
        }
    }

    /// <summary>tile = beta * tile + alpha * sums, full and symmetric; with beta 0 the tile is not read. Sums are used up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Finish<T>(T* sums, nint width, int n, T alpha, T beta, T* tile)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int band = 0; band < n; band += TileDiagonal.Size)
        {
            if (TileDiagonal.Supports<T>())
            {
                TileDiagonal.Unfold((float*)sums + (band * width) + band, width);
            }

            // As many columns for every row of a band: what lies beyond the diagonal is overwritten by the mirror.
            int end = Math.Min(band + TileDiagonal.Size, n);
            for (int row = band; row < end; row++)
            {
                Scale(sums + (row * width), tile + ((nint)row * n), end, alpha, beta);
            }

            TileTranspose.MirrorLower(tile, n, band, end);
        }
    }

    private static void Multiply(
        float* strip, nint stride, int rows, TileSource<float> source, float* sums, int width, bool accumulate, ref TileCopy copy)
    {
        const int Square = TileDiagonal.Size;
        for (int j = 0; j < width; j += Square)
        {
            float* square = sums + ((nint)j * width) + j;
            bool isCopied = j >= source.Columns;
            TileDiagonal.Multiply(
                isCopied ? strip + j : source.X + j, isCopied ? stride : source.Stride, rows, strip + j, stride, square, width, accumulate);
        }

        for (int left = 0; left < width; left += Group * Square)
        {
            int row = left + Square;
            while (row < width)
            {
                int registers = Math.Min((row - left) / Square, Group);
                row += TileStripBlocks.Multiply(
                    strip + row, strip + left, stride, registers, rows, sums + ((nint)row * width) + left, width, accumulate, ref copy);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<T>(T* sums, T* tile, int count, T alpha, T beta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector<T> factor = new(alpha);
        Vector<T> share = new(beta);
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<T> wideFactor = Vector512.Create(alpha);
            Vector512<T> wideShare = Vector512.Create(beta);
            for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
            {
                Vector512<T> value = wideFactor * Vector512.Load(sums + i);
                (beta == T.Zero ? value : value + (wideShare * Vector512.Load(tile + i))).Store(tile + i);
            }
        }

        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> value = factor * *(Vector<T>*)(sums + i);
            *(Vector<T>*)(tile + i) = beta == T.Zero ? value : value + (share * *(Vector<T>*)(tile + i));
        }

        for (; i < count; i++)
        {
            T value = alpha * sums[i];
            tile[i] = beta == T.Zero ? value : value + (beta * tile[i]);
        }
    }
}
