using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>One matrix product, cut into blocks that fit the caches: strips of a and b are packed, tiles of c computed.</summary>
/// <remarks>
/// An element of c is the sum over k in blocks that depend on k alone, each block in the order of k. How rows and columns are
/// shared out among tiles, tasks and threads changes no bit of it.
/// </remarks>
internal readonly unsafe struct GemmBlocks<T, TVector, TLanes>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : unmanaged
    where TLanes : struct, ILanes<T, TVector>
{
    // Measured on a core with 48 KiB of first and 2 MiB of second level cache: one strip of b and two of a lie in the
    // first, a chunk of packed a in the second, the packed b of all threads in the third.
    private const int StepsPerBlock = 320;
    private const int ChunkBytes = 768 << 10;
    private const int PanelBytes = 8 << 20;

    private readonly int _m;
    private readonly int _n;
    private readonly int _k;
    private readonly MatrixView<T> _a;
    private readonly MatrixView<T> _b;
    private readonly MatrixView<T> _c;
    private readonly T _alpha;
    private readonly T _beta;
    private readonly T* _bias;
    private readonly int _strips;
    private readonly bool _packsA;
    private readonly bool _packsB;

    public GemmBlocks(int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta, T* bias)
    {
        _m = m;
        _n = n;
        _k = k;
        _a = a;
        _b = b;
        _c = c;
        _alpha = alpha;
        _beta = beta;
        _bias = bias;
        _strips = (m + Rows - 1) / Rows;
        _packsA = GemmTuning.PacksA(n, a.RowStride * sizeof(T), a.ColumnStride * sizeof(T));
        _packsB = b.ColumnStride != 1 || GemmTuning.PacksB(m);
    }

    /// <summary>Rows of a tile.</summary>
    private static int Rows => Math.Min(TLanes.Rows, GemmTile.LargestRows);

    /// <summary>Columns of a tile.</summary>
    private static int Width => 2 * TLanes.Count;

    /// <summary>Computes the product on this thread.</summary>
    public void Serial() => Compute(1);

    /// <summary>Computes the product on the threads of the pool.</summary>
    public void Parallel() => Compute(WorkerPool.Shared.Threads);

    private void Compute(int threads)
    {
        int blocks = Math.Max(1, (_k + StepsPerBlock - 1) / StepsPerBlock);
        int steps = (_k + blocks - 1) / blocks;
        int panel = Math.Max(Width, (int)(PanelBytes / ((long)Math.Max(1, steps) * sizeof(T)) / Width * Width));
        T* packed = _packsB ? Arena.ForProduct().Take<T>(((long)Math.Min(panel, (_n + Width - 1) / Width * Width) * steps) + GemmPacking.Slack) : null;
        for (int j = 0; j < _n; j += panel)
        {
            int columns = Math.Min(panel, _n - j);
            for (int block = 0; block < blocks; block++)
            {
                int from = block * steps;
                Pass pass = new(this, j, columns, from, Math.Min(steps, _k - from), packed);
                if (threads == 1)
                {
                    pass.PackB(0, pass.Slivers);
                    pass.Tiles(0, _strips, 0, pass.Slivers);
                }
                else
                {
                    Share(pass, threads);
                }
            }
        }
    }

    private void Share(in Pass pass, int threads)
    {
        if (_packsB)
        {
            int pieces = Math.Min(pass.Slivers, 2 * threads);
            WorkerPool.For(pieces, new PackBody(pass, pieces));
        }

        // By rows as far as there are some, because a packed strip of a is then packed once.
        int wanted = 2 * threads;
        int rows = Math.Min(wanted, _strips);
        int columns = Math.Min(pass.Slivers, (wanted + rows - 1) / rows);
        WorkerPool.For(rows * columns, new TileBody(pass, rows, columns));
    }

    /// <summary>All rows, a panel of columns and a block of k.</summary>
    private readonly struct Pass(GemmBlocks<T, TVector, TLanes> product, int column, int columns, int from, int steps, T* packed)
    {
        private readonly T* _packed = packed;

        public int Strips => product._strips;

        public int Slivers => (columns + Width - 1) / Width;

        /// <summary>Packs slivers of b.</summary>
        public void PackB(int first, int end)
        {
            if (_packed == null)
            {
                return;
            }

            for (int sliver = first; sliver < end; sliver++)
            {
                PackSliver(sliver, _packed + ((long)sliver * Width * steps));
            }
        }

        /// <summary>Computes the tiles of some strips of rows and slivers of columns.</summary>
        public void Tiles(int firstStrip, int endStrip, int firstSliver, int endSliver)
        {
            int perChunk = Math.Max(1, ChunkBytes / (Rows * Math.Max(1, steps) * sizeof(T)));
            int chunks = (endStrip - firstStrip + perChunk - 1) / perChunk;
            bool ragged = _packed == null && endSliver * Width > columns;
            long stripElements = product._packsA ? (long)(Math.Min(perChunk, endStrip - firstStrip) * Rows * (long)steps) + GemmPacking.Slack : 0;
            T* own = Arena.ForStrips().Take<T>(stripElements + (ragged ? (long)Width * steps : 0) + GemmPacking.Slack);
            T* edge = own + ((stripElements + GemmPacking.Slack - 1) / GemmPacking.Slack * GemmPacking.Slack);
            if (ragged)
            {
                PackSliver(endSliver - 1, edge);
            }

            for (int chunk = 0; chunk < chunks; chunk++)
            {
                int begin = firstStrip + (int)((long)(endStrip - firstStrip) * chunk / chunks);
                int end = firstStrip + (int)((long)(endStrip - firstStrip) * (chunk + 1) / chunks);
                if (product._packsA)
                {
                    PackA(begin, end, own);
                }

                for (int sliver = firstSliver; sliver < endSliver; sliver++)
                {
                    bool last = (sliver + 1) * Width > columns;
                    T* b = _packed != null ? _packed + ((long)sliver * Width * steps)
                        : last ? edge
                        : product._b.Part(from, column + (sliver * Width)).Data;
                    nint bStep = _packed != null || last ? Width : (nint)product._b.RowStride;
                    Column(begin, end, sliver, own, b, bStep);
                }
            }
        }

        private int RowOf(int strip) => (int)((long)product._m * strip / product._strips);

        private void PackSliver(int sliver, T* target)
        {
            int lanes = Math.Min(Width, columns - (sliver * Width));
            MatrixView<T> part = product._b.Part(from, column + (sliver * Width));
            GemmPacking.PackPadded(part.Data, part.ColumnStride, part.RowStride, lanes, steps, target, Width);
        }

        private void PackA(int begin, int end, T* target)
        {
            for (int strip = begin; strip < end; strip++)
            {
                int row = RowOf(strip);
                int rows = RowOf(strip + 1) - row;
                MatrixView<T> part = product._a.Part(row, from);
                GemmPacking.Pack(part.Data, part.RowStride, part.ColumnStride, rows, steps, target, rows);
                target += (long)rows * steps;
            }
        }

        /// <summary>The tiles of one sliver: its strip of b stays in the first level cache while those of a go by.</summary>
        private void Column(int begin, int end, int sliver, T* packedA, T* b, nint bStep)
        {
            int left = Math.Min(Width, columns - (sliver * Width));
            int at = column + (sliver * Width);
            T beta = from == 0 ? product._beta : T.One;
            T* bias = from == 0 && product._bias != null ? product._bias + at : null;
            T* spare = stackalloc T[GemmTile.LargestRows * Width];
            T* spareBias = stackalloc T[Width];
            int vectors = left <= Width / 2 ? 1 : 2;
            bool whole = left == Width || left == Width / 2;
            if (!whole && bias != null)
            {
                new Span<T>(spareBias, Width).Clear();
                new Span<T>(bias, left).CopyTo(new Span<T>(spareBias, Width));
                bias = spareBias;
            }

            for (int strip = begin; strip < end; strip++)
            {
                int row = RowOf(strip);
                int rows = RowOf(strip + 1) - row;
                T* a = packedA;
                nint aRow = 1;
                nint aStep = rows;
                if (product._packsA)
                {
                    packedA += (long)rows * steps;
                }
                else
                {
                    a = product._a.Part(row, from).Data;
                    aRow = (nint)product._a.RowStride;
                    aStep = (nint)product._a.ColumnStride;
                }

                T* c = product._c.Part(row, at).Data;
                nint cRow = (nint)product._c.RowStride;
                if (whole)
                {
                    GemmTile.Run<T, TVector, TLanes>(rows, vectors, steps, a, aRow, aStep, b, bStep, c, cRow, product._alpha, beta, bias);
                    continue;
                }

                // A tile that sticks out of c is computed beside it, by the same instructions.
                for (int i = 0; i < rows && beta != T.Zero; i++)
                {
                    new Span<T>(c + (i * cRow), left).CopyTo(new Span<T>(spare + (i * Width), Width));
                }

                GemmTile.Run<T, TVector, TLanes>(rows, vectors, steps, a, aRow, aStep, b, bStep, spare, Width, product._alpha, beta, bias);
                for (int i = 0; i < rows; i++)
                {
                    new Span<T>(spare + (i * Width), left).CopyTo(new Span<T>(c + (i * cRow), left));
                }
            }
        }
    }

    private readonly struct PackBody(Pass pass, int pieces) : IParallelBody
    {
        public void Invoke(int index) =>
            pass.PackB((int)((long)pass.Slivers * index / pieces), (int)((long)pass.Slivers * (index + 1) / pieces));
    }

    private readonly struct TileBody(Pass pass, int rows, int columns) : IParallelBody
    {
        public void Invoke(int index)
        {
            int row = index / columns;
            int column = index % columns;
            pass.Tiles(
                (int)((long)pass.Strips * row / rows),
                (int)((long)pass.Strips * (row + 1) / rows),
                (int)((long)pass.Slivers * column / columns),
                (int)((long)pass.Slivers * (column + 1) / columns));
        }
    }
}
