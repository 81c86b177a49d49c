using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Host;

/// <summary>Diagonal tiles of X^T X, where X is stored or is what a convolution sees.</summary>
/// <remarks>
/// Rows come in chunks, copied into a strip that stays in the second cache, of float32 two and two interleaved (see
/// <see cref="TilePairs"/>); register blocks on and below the diagonal multiply it with itself and add to a scratch tile, in
/// which even and odd rows are added, and which is scaled, averaged and mirrored, once at the end. Where tiles
/// are few, the rows of each are cut into parts with a scratch tile each. Chunks and parts follow from the shape alone.
/// </remarks>
public static unsafe class TileCovariance
{
    // Long enough to amortise loading and storing sums, short enough that a strip of 512 columns stays in the second cache.
    private const int ChunkRows = 256;
    private const int Tasks = 16;
    private const int PartRows = 2 * ChunkRows;

    /// <summary>tiles = decay * tiles + scale * (diagonal tiles of X^T X); with decay 0 the tiles are not read.</summary>
    /// <typeparam name="T">float or double; sums accumulate in it.</typeparam>
    /// <param name="x">First element of X.</param>
    /// <param name="rowStride">Elements from one row to the next.</param>
    /// <param name="rows">Rows of X.</param>
    /// <param name="dimension">Columns of X.</param>
    /// <param name="tileSize">Tile dimension.</param>
    /// <param name="scale">Factor of the new sums.</param>
    /// <param name="decay">Factor of what the tiles hold.</param>
    /// <param name="tiles">Packed tiles, full and symmetric.</param>
    public static void Accumulate<T>(
        T* x, long rowStride, int rows, int dimension, int tileSize, double scale, double decay, T* tiles)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Accumulate(new TileStoredRows<T>(x, rowStride, rows), dimension, tileSize, scale, decay, tiles);

    /// <summary>The same for the patches of a convolution, of which no more than a strip is ever written down.</summary>
    /// <typeparam name="T">float or double; sums accumulate in it.</typeparam>
    /// <param name="images">(batch, channels, height, width), contiguous.</param>
    /// <param name="patches">Which patches.</param>
    /// <param name="tileSize">Tile dimension.</param>
    /// <param name="scale">Factor of the new sums.</param>
    /// <param name="decay">Factor of what the tiles hold.</param>
    /// <param name="tiles">Packed tiles, full and symmetric.</param>
    public static void Accumulate<T>(T* images, in TilePatches patches, int tileSize, double scale, double decay, T* tiles)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Accumulate(new TilePatchRows<T>(images, patches), patches.Columns, tileSize, scale, decay, tiles);

    private static void Accumulate<T, TRows>(TRows rows, int dimension, int tileSize, double scale, double decay, T* tiles)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TRows : struct, ITileRows<T>
    {
        int count = TileLayout.Count(dimension, tileSize);
        if (count == 0)
        {
            return;
        }

        int parts = (int)Math.Clamp(rows.Count / PartRows, 1, (Tasks + count - 1) / count);
        int padded = Padded(Math.Min(dimension, tileSize));
        int lanes = Lanes<T>();
        Sums<T, TRows> sums = new()
        {
            Rows = rows,
            Dimension = dimension,
            TileSize = tileSize,
            Parts = parts,
            PartElements = (long)padded * padded * lanes,
            Alpha = T.CreateTruncating(scale),
            Beta = T.CreateTruncating(decay),
            Tiles = tiles,
        };
        if (parts == 1)
        {
            WorkerPool.For(count, sums);
            return;
        }

        sums.Partial = (T*)NativeMemory.AlignedAlloc((nuint)(sums.PartElements * parts * count * sizeof(T)), 64);
        try
        {
            WorkerPool.For(count * parts, sums);
            WorkerPool.For(count, new Totals<T, TRows>(sums));
        }
        finally
        {
            NativeMemory.AlignedFree(sums.Partial);
        }
    }

    private static int Padded(int columns) => (columns + 15) & ~15;

    /// <summary>Rows that lie interleaved.</summary>
    private static int Lanes<T>()
        where T : unmanaged => TilePairs.Supports<T>() ? 2 : 1;

    private static void Finish<T>(T* sums, int stride, int n, T alpha, T beta, T* tile)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < n; i++)
        {
            Span<T> target = new(tile + ((long)i * n), i + 1);
            T* place = sums + ((long)i * stride);
            if (TilePairs.Supports<T>())
            {
                TilePairs.Fold(place, place, i + 1);
            }

            ReadOnlySpan<T> row = new(place, i + 1);
            if (beta == T.Zero)
            {
                TensorPrimitives.Multiply(row, alpha, target);
            }
            else
            {
                TensorPrimitives.Multiply(target, beta, target);
                TensorPrimitives.MultiplyAdd(row, alpha, target, target);
            }
        }

        TileTranspose.MirrorLower(tile, n, n);
    }

    /// <summary>One part of the rows of one tile.</summary>
    private struct Sums<T, TRows> : IParallelBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TRows : struct, ITileRows<T>
    {
        public TRows Rows;
        public int Dimension;
        public int TileSize;
        public int Parts;
        public long PartElements;
        public T Alpha;
        public T Beta;
        public T* Tiles;
        public T* Partial;

        public readonly void Invoke(int index)
        {
            int tile = index / Parts;
            int n = TileLayout.Dimension(Dimension, TileSize, tile);
            int padded = Padded(n);
            int lanes = Lanes<T>();
            int width = padded * lanes;
            int stride = TileScratch.Stride(width);
            long strip = (long)ChunkRows / lanes * stride;
            long square = Parts == 1 ? (long)padded * width : 0;
            T* scratch = TileScratch.Get<T>(strip + square + TRows.SpareElements(ChunkRows, n));
            T* sums = Parts == 1 ? scratch + strip : Partial + (index * PartElements);

            // Whole chunks to each part, the rest to the last.
            long chunks = (Rows.Count + ChunkRows - 1) / ChunkRows;
            long first = chunks * (index % Parts) / Parts;
            long end = chunks * ((index % Parts) + 1) / Parts;
            if (first == end)
            {
                new Span<T>(sums, padded * width).Clear();
            }

            if (n < padded)
            {
                // Sums over columns beyond the tile are not read, but should not be slow.
                new Span<T>(scratch, (int)strip).Clear();
            }

            for (long chunk = first; chunk < end; chunk++)
            {
                long row = chunk * ChunkRows;
                int count = (int)Math.Min(ChunkRows, Rows.Count - row);
                T* spare = scratch + strip + square;
                if (lanes == 2)
                {
                    Rows.GatherPairs(tile * TileSize, n, row, count, scratch, stride, spare);
                    for (int i = 0; i < padded; i += 8)
                    {
                        TilePairs.Multiply(
                            scratch + (2 * i), stride, scratch, stride, sums + ((long)i * width), width, 8, 2 * (i + 8), (count + 1) / 2, accumulate: chunk > first);
                    }
                }
                else
                {
                    Rows.Gather(tile * TileSize, n, row, count, scratch, stride, spare);
                    for (int i = 0; i < padded; i += 16)
                    {
                        TileMultiply.Run(
                            scratch + i, stride, scratch, stride, sums + ((long)i * width), width, 16, i + 16, count, accumulate: chunk > first);
                    }
                }
            }

            if (Parts == 1)
            {
                Finish(sums, width, n, Alpha, Beta, Tiles + TileLayout.Offset(TileSize, tile));
            }
        }
    }

    /// <summary>Adds up the parts of one tile.</summary>
    private readonly struct Totals<T, TRows>(Sums<T, TRows> sums) : IParallelBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TRows : struct, ITileRows<T>
    {
        public void Invoke(int index)
        {
            int n = TileLayout.Dimension(sums.Dimension, sums.TileSize, index);
            int padded = Padded(n);
            int width = padded * Lanes<T>();
            T* first = sums.Partial + (index * sums.Parts * sums.PartElements);
            Span<T> total = new(first, padded * width);
            for (int part = 1; part < sums.Parts; part++)
            {
                TensorPrimitives.Add(total, new ReadOnlySpan<T>(first + (part * sums.PartElements), padded * width), total);
            }

            Finish(first, width, n, sums.Alpha, sums.Beta, sums.Tiles + TileLayout.Offset(sums.TileSize, index));
        }
    }
}
