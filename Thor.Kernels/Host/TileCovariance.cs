using System.Numerics;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Host;

/// <summary>Diagonal tiles of X^T X, where X is stored or is what a convolution sees.</summary>
/// <remarks>
/// Rows come in chunks, copied into a strip that stays in the second cache, which is multiplied with itself (see
/// <see cref="TileTriangle"/>) and added to a scratch tile; that is scaled, averaged and mirrored once at the end. Where tiles
/// are few, the rows of each are cut into parts with a scratch tile each. Chunks and parts follow from the shape alone.
/// </remarks>
public static unsafe class TileCovariance
{
    // Long enough to amortise loading and storing sums, short enough that a strip of 512 columns stays in the second cache.
    private const int ChunkRows = 256;
    private const int Tasks = 16;
    private const int PartRows = 4 * ChunkRows;
    private const int PiecesPerThread = 8;

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
        int units = count * parts;
        int threads = WorkerPool.Shared.Threads;
        Sums<T, TRows> sums = new()
        {
            Rows = rows,
            Dimension = dimension,
            TileSize = tileSize,
            Width = Padded(Math.Min(dimension, tileSize)),
            Parts = parts,
            Units = units,
            Pieces = threads == 1 ? 1 : Math.Min(units, threads * PiecesPerThread),
            Alpha = T.CreateTruncating(scale),
            Beta = T.CreateTruncating(decay),
            Tiles = tiles,
        };
        if (parts == 1)
        {
            WorkerPool.For(sums.Pieces, sums);
            return;
        }

        sums.Partial = (T*)NativeMemory.AlignedAlloc((nuint)(sums.SquareElements * units * sizeof(T)), 64);
        try
        {
            WorkerPool.For(sums.Pieces, sums);
            WorkerPool.For(count, new Totals<T, TRows>(sums));
        }
        finally
        {
            NativeMemory.AlignedFree(sums.Partial);
        }
    }

    private static int Padded(int columns) => (columns + 15) & ~15;

    /// <summary>Some of the units, which are parts of the rows of a tile.</summary>
    private struct Sums<T, TRows> : IParallelBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TRows : struct, ITileRows<T>
    {
        public TRows Rows;
        public int Dimension;
        public int TileSize;
        public int Width;
        public int Parts;
        public int Units;
        public int Pieces;
        public T Alpha;
        public T Beta;
        public T* Tiles;
        public T* Partial;

        public readonly long SquareElements => (long)Width * Width;

        // No rows are one chunk too.
        private readonly long Chunks => Math.Max(1, (Rows.Count + ChunkRows - 1) / ChunkRows);

        public readonly void Invoke(int index)
        {
            int unit = (int)((long)Units * index / Pieces);
            int end = (int)((long)Units * (index + 1) / Pieces);
            long chunk = FirstChunk(unit);
            TileSource<T> source = Find(unit, chunk);

            // Two strips where the next is filled while one is worked on. Rows that are gathered come in whole blocks, and a few too many.
            int strips = source.Columns == 0 ? 1 : 2;
            int stride = TileScratch.Stride(Width);
            long stripElements = (long)(ChunkRows + TileTranspose.LargestBlock) * stride;
            T* strip = TileScratch.Get<T>((strips * stripElements) + SquareElements + Rows.SpareElements(ChunkRows, Math.Min(Dimension, TileSize)));
            T* other = strip + ((strips - 1) * stripElements);
            T* square = other + stripElements;
            T* spare = square + SquareElements;
            if (((Dimension | TileSize) & 15) != 0)
            {
                // Sums over columns beyond a tile are not read, but should not be slow.
                new Span<T>(strip, checked((int)(strips * stripElements))).Clear();
            }

            bool isCopied = false;
            while (unit < end)
            {
                Gather(unit, chunk, source.Columns, strip, stride, spare);
                bool last = chunk + 1 == FirstChunk(unit) + ChunksOf(unit);
                int nextUnit = last ? unit + 1 : unit;
                long nextChunk = last ? FirstChunk(nextUnit) : chunk + 1;
                TileSource<T> next = nextUnit < end ? Find(nextUnit, nextChunk) : default;
                TileCopy copy = next.Columns == 0 ? default : new((float*)next.X, next.Stride, (float*)other, stride, RowsOf(nextChunk), next.Columns);

                int n = Columns(unit);
                int width = Padded(n);
                if (Parts == 1 && TileDiagonal.Supports<T>())
                {
                    // The tile itself, half of it in each of the last two chunks.
                    long left = FirstChunk(unit) + ChunksOf(unit) - chunk;
                    int half = ChunksOf(unit) == 1 ? n : left > 2 ? 0 : n / 2;
                    T* target = Tiles + TileLayout.Offset(TileSize, unit) + (left == 1 ? (long)(n - half) * n : 0);
                    copy.Later((float*)target, n, half, n);
                }

                T* sums = Parts == 1 ? square : Partial + (unit * SquareElements);
                TileTriangle.Multiply(
                    strip, stride, RowsOf(chunk), isCopied ? default : source, sums, width, accumulate: chunk > FirstChunk(unit), ref copy);
                if (last && Parts == 1)
                {
                    TileTriangle.Finish(sums, width, n, Alpha, Beta, Tiles + TileLayout.Offset(TileSize, unit));
                }

                copy.Finish();
                isCopied = copy.Copies;
                (unit, chunk, source) = (nextUnit, nextChunk, next);
                T* done = strip;
                strip = other;
                other = done;
            }
        }

        /// <summary>What of a chunk need not be gathered.</summary>
        private readonly TileSource<T> Find(int unit, long chunk)
        {
            int columns = Columns(unit) & ~(TileDiagonal.Size - 1);
            nint stride = 0;
            T* x = TileDiagonal.Supports<T>() ? Rows.Find(Column(unit), chunk * ChunkRows, out stride) : null;
            return x == null ? default : new TileSource<T>(x, stride, columns);
        }

        /// <summary>Whole chunks to each part of a tile.</summary>
        private readonly long FirstChunk(int unit) => Chunks * (unit % Parts) / Parts;

        private readonly long ChunksOf(int unit) => (Chunks * ((unit % Parts) + 1) / Parts) - FirstChunk(unit);

        private readonly int RowsOf(long chunk) => (int)Math.Min(ChunkRows, Rows.Count - (chunk * ChunkRows));

        private readonly int Column(int unit) => unit / Parts * TileSize;

        private readonly int Columns(int unit) => TileLayout.Dimension(Dimension, TileSize, unit / Parts);

        private readonly void Gather(int unit, long chunk, int skip, T* strip, nint stride, T* spare)
        {
            if (Columns(unit) > skip && RowsOf(chunk) > 0)
            {
                Rows.Gather(Column(unit) + skip, Columns(unit) - skip, chunk * ChunkRows, RowsOf(chunk), strip + skip, stride, spare);
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
            int width = Padded(n);
            T* first = sums.Partial + (index * sums.Parts * sums.SquareElements);
            for (int part = 1; part < sums.Parts; part++)
            {
                TileTriangle.Add(first + (part * sums.SquareElements), first, width);
            }

            TileTriangle.Finish(first, width, n, sums.Alpha, sums.Beta, sums.Tiles + TileLayout.Offset(sums.TileSize, index));
        }
    }
}
