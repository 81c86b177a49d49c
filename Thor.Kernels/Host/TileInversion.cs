using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>The inversion of one or two tiles of one dimension, in scratch memory of the calling thread.</summary>
/// <remarks>
/// Two tiles lie interleaved, element by element, so that a register holds half as many columns of both: less of it is wasted
/// at the diagonal, and the serial chain of pivots is shared. One square of scratch S, padded with ones on the diagonal to
/// whole blocks of 8, goes through three states, block row by block row, and every product is c (+)= P^T Q with both operands
/// row-major:
/// 1. minus the scaled, damped tile on and above the diagonal, which blocks of registers read from the tile itself;
/// 2. above the diagonal U of the factorisation U^T U, on and below it X = (U^T)^-1. Block row K becomes, in both parts,
///    -X_KK (S_KJ + sum over k above K of S_kK^T S_kJ), where S_KJ counts as 0 left of the diagonal;
/// 3. the inverse X^T X on and below the diagonal, whose block row I needs rows of X from I on.
/// The scale is a power of two, thus exact, and keeps squares and reciprocals in range. Elements that are far below the
/// rounding error of the largest, as late in training the products of vanishing gradients are, become zeros: as subnormal
/// numbers they and what is multiplied by them would cost a hundred cycles each.
/// Every element goes through the same operations in the same order, whatever the registers' width and number of tiles.
/// </remarks>
internal unsafe partial struct TileInversion<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Block = TilePivot<TLanes, TVector, T>.Size;

    // Rows that are written together: those of whole cache lines of their mirror image.
    private const int Band = TileTranspose.LargestBlock;
    private readonly int _n;
    private readonly int _padded;
    private readonly int _stride;
    private readonly TileInversionTile<T>* _tiles;
    private readonly T* _s;
    private readonly T* _result;
    private readonly T* _pivot;
    private readonly T* _pivots;
    private readonly T* _norms;
    private readonly T* _chunk;
    private TileAhead _ahead;

    /// <summary>Takes scratch memory.</summary>
    /// <param name="n">Dimension of the tiles.</param>
    /// <param name="tiles">As many as lie side by side in a register.</param>
    /// <param name="ahead">What memory is to be asked for on the way.</param>
    public TileInversion(int n, TileInversionTile<T>* tiles, TileAhead ahead = default)
    {
        _ahead = ahead;
        _n = n;
        _tiles = tiles;
        _padded = (n + Block - 1) & ~(Block - 1);
        _stride = TileScratch.Stride(_padded * TLanes.Tiles);
        int row = _padded * TLanes.Tiles;
        _s = TileScratch.Get<T>(((long)(_padded + Band) * _stride) + (Block * Width) + (2 * row) + (2 * TLanes.Count));
        _result = _s + ((long)_padded * _stride);
        _pivot = _result + ((long)Band * _stride);
        _norms = _pivot + (Block * Width);
        _pivots = _norms + row;
        _chunk = _pivots + row;
    }

    private static double Roundoff => double.CreateTruncating(T.BitIncrement(T.One) - T.One) / 2;

    /// <summary>Elements of a row of a block.</summary>
    private static int Width => Block * TLanes.Tiles;

    /// <summary>A register is a row of a block, and there are registers for <see cref="TileStrip{TLanes, TVector, T}"/>.</summary>
    private static bool HasStrips => TLanes.Wide && TLanes.Count == Width;

    /// <summary>Columns that one pass over the rows above takes, in elements: at least those of a block.</summary>
    private static int Strip => Math.Max(3 * TLanes.Count, Width);

    /// <summary>Writes inverses and sets every tile's status; a tile whose status is not 0 is not written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run()
    {
        if (!Prepare())
        {
            return;
        }

        // The largest element of the diagonal is between 1 and 2 after scaling.
        TileInversionSource<TLanes, TVector, T> source = new(
            _tiles->Source,
            _tiles[TLanes.Tiles - 1].Source,
            _n,
            Of(-_tiles->Scale, -_tiles[TLanes.Tiles - 1].Scale),
            TLanes.Broadcast(T.CreateTruncating(Roundoff * Roundoff)));
        new Span<T>(_norms, _padded * TLanes.Tiles).Clear();
        for (int row = 0; row < _padded; row += Block)
        {
            Factor(row, source);
        }

        if (Judge())
        {
            for (int band = 0; band < _padded; band += Band)
            {
                for (int row = band; row < Math.Min(band + Band, _padded); row += Block)
                {
                    Square(row, _result + ((row - band) * (nint)_stride));
                }

                Save(band, _result);
            }

            return;
        }

        // A tile is in doubt, so that all of its inverse must be known before any is written.
        for (int row = 0; row < _padded; row += Block)
        {
            Square(row, _s + ((long)row * _stride));
        }

        JudgeNorms();
        for (int band = 0; band < _padded; band += Band)
        {
            Save(band, _s + ((long)band * _stride));
        }
    }

    /// <summary>Takes the block row that starts here to its second state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Factor(int first, in TileInversionSource<TLanes, TVector, T> source)
    {
        T* panel = _s + ((long)first * _stride);
        int diagonal = first * TLanes.Tiles;
        int end = _padded * TLanes.Tiles;
        int full = first + Block <= _n ? _n * TLanes.Tiles : 0; // what lies within the tiles
        int corner = Math.Min(Strip, end - diagonal);
        Accumulate(source, first, diagonal, corner);
        TilePivot<TLanes, TVector, T>.Run(panel + diagonal, _stride, _pivot, _pivots + diagonal);

        // The products of X do not need the pivots, whose chain the processor works off beside them.
        int left = 0;
        for (; HasStrips && left <= diagonal - Strip; left += Strip)
        {
            int start = left / TLanes.Tiles;
            T* rows = _s + ((long)start * _stride);
            int above = first - start;
            TileStrip<TLanes, TVector, T>.Left(
                rows + diagonal, rows + left, _stride, above, _pivot, panel + left, _norms + left, _ahead.Take(above, _s));
        }

        // Elsewhere X begins in strips whose sums start with the row of their first column.
        int step = HasStrips ? Width : Strip;
        for (int column = left; column < diagonal; column += step)
        {
            int width = Math.Min(step, diagonal - column);
            int start = column / TLanes.Tiles;
            T* rows = _s + ((long)start * _stride);
            TileBlocks<TLanes, TVector, T>.Multiply(
                rows + diagonal, _stride, rows + column, _stride, panel + column, _stride, Block, width, first - start);
            TileSolve<TLanes, TVector, T>.Run(_pivot, panel + column, _stride, width);
        }

        TileSolve<TLanes, TVector, T>.Run(_pivot, panel + diagonal + Width, _stride, corner - Width);
        for (int column = diagonal + Strip; column < end; column += Strip)
        {
            int width = Math.Min(Strip, end - column);
            if (HasStrips && column + Strip <= full)
            {
                nint place = ((nint)first * _n) + (column / TLanes.Tiles);
                TileStrip<TLanes, TVector, T>.Right(
                    source, place, _s + diagonal, _s + column, _stride, first, _pivot, panel + column, _ahead.Take(first, _s));
                continue;
            }

            Accumulate(source, first, column, width);
            TileSolve<TLanes, TVector, T>.Run(_pivot, panel + column, _stride, width);
        }

        // Those strips of later rows reach over U, right of the diagonal, where nobody needs it any more.
        int reach = HasStrips ? 0 : (Block - 1 + (Strip / TLanes.Tiles) - 1) / Block * Block;
        for (int row = Math.Max(0, first - reach); row < first; row++)
        {
            new Span<T>(_s + ((long)row * _stride) + diagonal, Width).Clear();
        }

        AddNorms(first, left);
    }

    /// <summary>Elements of a block row of minus the tiles, and the products of what lies above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Accumulate(in TileInversionSource<TLanes, TVector, T> source, int first, int column, int width)
    {
        Load(source, first, column / TLanes.Tiles, (column + width) / TLanes.Tiles);
        if (first > 0)
        {
            T* target = _s + ((long)first * _stride) + column;
            TileBlocks<TLanes, TVector, T>.Multiply(
                _s + (first * TLanes.Tiles), _stride, _s + column, _stride, target, _stride, Block, width, first, accumulate: true);
        }
    }

    /// <summary>A block row of the inverse. What it replaces, if in place, no later one needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Square(int first, T* result)
    {
        int width = (first + Block) * TLanes.Tiles;
        T* panel = _s + ((long)first * _stride);
        int below = _padded - first;
        int column = 0;
        for (; HasStrips && column <= width - Strip; column += Strip)
        {
            TileStrip<TLanes, TVector, T>.Square(
                panel + (first * TLanes.Tiles), panel + column, _stride, below, result + column, _stride, _ahead.Take(below - Block, _s));
        }

        int height = TileBlocks<TLanes, TVector, T>.Height;
        for (int row = first; row < first + Block && column < width; row += height)
        {
            T* rows = _s + ((long)row * _stride);
            TileBlocks<TLanes, TVector, T>.Multiply(
                rows + (row * TLanes.Tiles), _stride, rows + column, _stride, result + column, _stride, height, width - column, _padded - row);
            result += height * (nint)_stride;
        }
    }
}
