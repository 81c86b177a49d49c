using System.Numerics;
using System.Runtime.Intrinsics;

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
    // Measured on a core with 48 KiB of first and 2 MiB of second level cache: a strip of a takes a third of the first,
    // a panel of b half of the second.
    private const int StepsPerBlock = 384;
    private const int PanelBytes = 1 << 20;
    private const int StripsPerGroup = 8;

    // Where copying an operand begins to cost less than reading it where it is.
    private const int FewRows = 48;
    private const int FewColumns = 32;
    private const int ManyColumns = 256;
    private const int FarBytes = 1024;

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
        _packsA = PacksA(a, n);
        _packsB = b.ColumnStride != 1 || m > FewRows;
    }

    /// <summary>Rows of a tile.</summary>
    private static int Rows => Math.Min(TLanes.Rows, GemmTile.LargestRows);

    /// <summary>Columns of a tile.</summary>
    private static int Width => 2 * TLanes.Count;

    /// <summary>Computes the product on this thread.</summary>
    public void Serial() => Compute(1);

    /// <summary>Computes the product on the threads of the pool.</summary>
    public void Parallel() => Compute(WorkerPool.Shared.Threads);

    /// <summary>
    /// Whether reading a in order once for all columns pays for the copy. Rows are followed well where they are; columns
    /// of a wide matrix lie on as many pages as there are steps.
    /// </summary>
    private static bool PacksA(in MatrixView<T> a, int n)
    {
        bool follows = a.ColumnStride == 1 || (a.RowStride == 1 && a.ColumnStride * sizeof(T) < FarBytes);
        return n > ManyColumns || (n > FewColumns && !follows);
    }

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
            int pieces = Math.Min(pass.Slivers, WorkerPool.Pieces((long)pass.Slivers * Width * pass.Steps));
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

        public int Steps => steps;

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

        /// <summary>
        /// Computes the tiles of some strips of rows and slivers of columns. A strip of a stays in the first level cache
        /// while the slivers of b, which the second level holds, go by; c is written along its rows.
        /// </summary>
        public void Tiles(int firstStrip, int endStrip, int firstSliver, int endSliver)
        {
            Arena arena = Arena.ForStrips();

            // Rows that are neighbours in memory are packed some strips at a time, to use whole cache lines.
            int group = product._a.RowStride == 1 ? StripsPerGroup : 1;
            T* strips = product._packsA ? arena.Take<T>((group * Rows * (long)steps) + GemmPacking.Slack) : null;
            bool ragged = endSliver * Width > columns;
            T* edge = null;
            if (ragged && _packed == null)
            {
                edge = arena.Take<T>((long)Width * steps);
                PackSliver(endSliver - 1, edge);
            }

            Spare spare = new(arena);
            for (int begin = firstStrip; begin < endStrip; begin += group)
            {
                int end = Math.Min(begin + group, endStrip);
                if (product._packsA)
                {
                    PackA(begin, end, strips);
                }

                T* packedA = strips;
                for (int strip = begin; strip < end; strip++)
                {
                    int rows = RowOf(strip + 1) - RowOf(strip);
                    Strip(RowOf(strip), rows, firstSliver, endSliver, packedA, edge, spare);
                    packedA += (long)rows * steps;
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
            if (product._a.RowStride == 1 && Vector256.IsHardwareAccelerated && RowOf(end) - RowOf(begin) >= (end - begin) * Vector256<T>.Count)
            {
                PackSideBySide(begin, end, target);
                return;
            }

            for (int strip = begin; strip < end; strip++)
            {
                int row = RowOf(strip);
                int rows = RowOf(strip + 1) - row;
                MatrixView<T> part = product._a.Part(row, from);
                GemmPacking.Pack(part.Data, part.RowStride, part.ColumnStride, rows, steps, target, rows);
                target += (long)rows * steps;
            }
        }

        /// <summary>Packs strips of at least a vector of rows that are neighbours in memory, step by step across all of them.</summary>
        private void PackSideBySide(int begin, int end, T* target)
        {
            int start = RowOf(begin);
            int* rows = stackalloc int[StripsPerGroup];
            for (int strip = begin; strip < end; strip++)
            {
                rows[strip - begin] = RowOf(strip + 1) - RowOf(strip);
            }

            GemmPacking.PackSideBySide(product._a.Part(start, from).Data, product._a.ColumnStride, rows, end - begin, steps, target);
        }

        private void Strip(int row, int rows, int firstSliver, int endSliver, T* packedA, T* edge, Spare spare)
        {
            GemmTileArguments<T> tile = new()
            {
                K = steps,
                ARow = product._packsA ? 1 : (nint)product._a.RowStride,
                AStep = product._packsA ? rows : (nint)product._a.ColumnStride,
                BStep = _packed != null ? Width : (nint)product._b.RowStride,
                CRow = (nint)product._c.RowStride,
                Alpha = product._alpha,
                Beta = from == 0 ? product._beta : T.One,
            };
            T* a = product._packsA ? packedA : product._a.Part(row, from).Data;
            T* bias = from == 0 ? product._bias : null;
            for (int sliver = firstSliver; sliver < endSliver; sliver++)
            {
                int at = column + (sliver * Width);
                int left = columns - (sliver * Width);
                tile.B = _packed != null ? _packed + ((long)sliver * Width * steps) : product._b.Part(from, at).Data;
                tile.Bias = bias == null ? null : bias + at;
                T* c = product._c.Part(row, at).Data;
                if (left >= Width)
                {
                    GemmTile.Run<T, TVector, TLanes>(rows, 2, a, c, &tile);
                    continue;
                }

                if (edge != null)
                {
                    tile.B = edge;
                    tile.BStep = Width;
                }

                Ragged(rows, left, a, c, tile, spare);
            }
        }

        /// <summary>A tile that sticks out of c is computed beside it, by the same instructions.</summary>
        private static void Ragged(int rows, int left, T* a, T* c, GemmTileArguments<T> tile, Spare spare)
        {
            nint cRow = tile.CRow;
            if (tile.Bias != null)
            {
                new Span<T>(spare.Bias, Width).Clear();
                new Span<T>(tile.Bias, left).CopyTo(new Span<T>(spare.Bias, Width));
                tile.Bias = spare.Bias;
            }

            if (tile.Beta != T.Zero)
            {
                for (int i = 0; i < rows; i++)
                {
                    new Span<T>(c + (i * cRow), left).CopyTo(new Span<T>(spare.Tile + (i * Width), left));
                }
            }

            tile.CRow = Width;
            GemmTile.Run<T, TVector, TLanes>(rows, left <= Width / 2 ? 1 : 2, a, spare.Tile, &tile);
            for (int i = 0; i < rows; i++)
            {
                new Span<T>(spare.Tile + (i * Width), left).CopyTo(new Span<T>(c + (i * cRow), left));
            }
        }
    }

    /// <summary>Room for one tile and one row of bias.</summary>
    private readonly struct Spare(Arena arena)
    {
        public readonly T* Tile = arena.Take<T>(GemmTile.LargestRows * Width);
        public readonly T* Bias = arena.Take<T>(Width);
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
