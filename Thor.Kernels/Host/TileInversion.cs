using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>The inversion of one or two tiles of one dimension, in scratch memory of the calling thread.</summary>
/// <remarks>
/// Two tiles lie interleaved, element by element, so that a register holds half as many columns of both: less of it is wasted
/// at the diagonal, and the serial chain of pivots is shared. One square of scratch S, padded with ones on the diagonal to
/// whole blocks of 8, goes through three states, block row by block row, and every product is c (+)= P^T Q with both operands
/// row-major:
/// 1. minus the scaled, damped tile on and above the diagonal;
/// 2. above the diagonal U of the factorisation U^T U, on and below it X = (U^T)^-1. Block row K becomes, in both parts,
///    -X_KK (S_KJ + sum over k above K of S_kK^T S_kJ), where S_KJ counts as 0 left of the diagonal;
/// 3. the inverse X^T X on and below the diagonal, whose block row I needs rows of X from I on.
/// The scale is a power of two, thus exact, and keeps squares and reciprocals in range. Elements that are far below the
/// rounding error of the largest, as late in training the products of vanishing gradients are, become zeros: as subnormal
/// numbers they and what is multiplied by them would cost a hundred cycles each.
/// Every element goes through the same operations in the same order, whatever the registers' width and number of tiles.
/// </remarks>
internal readonly unsafe partial struct TileInversion<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Block = TilePivot<TLanes, TVector, T>.Size;
    private static readonly double Roundoff = double.CreateTruncating(T.BitIncrement(T.One) - T.One) / 2;
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

    public TileInversion(int n, TileInversionTile<T>* tiles)
    {
        _n = n;
        _tiles = tiles;
        _padded = (n + Block - 1) & ~(Block - 1);

        // Rows are loaded in whole registers.
        int columns = (n + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
        _stride = TileScratch.Stride(Math.Max(_padded, columns) * TLanes.Tiles);
        int row = _padded * TLanes.Tiles;
        _s = TileScratch.Get<T>(((long)(_padded + Block) * _stride) + (Block * Width) + (2 * row) + (2 * TLanes.Count));
        _result = _s + ((long)_padded * _stride);
        _pivot = _result + ((long)Block * _stride);
        _norms = _pivot + (Block * Width);
        _pivots = _norms + row;
        _chunk = _pivots + row;
    }

    /// <summary>Elements of a row of a block.</summary>
    private static int Width => Block * TLanes.Tiles;

    /// <summary>Columns that one pass over the rows above takes, in elements: at least those of a block.</summary>
    private static int Strip => Math.Max(3 * TLanes.Count, Width);

    /// <summary>Writes inverses and sets every tile's status; a tile whose status is not 0 is not written.</summary>
    public void Run()
    {
        if (!Prepare())
        {
            return;
        }

        new Span<T>(_norms, _padded * TLanes.Tiles).Clear();
        for (int row = 0; row < _padded; row += Block)
        {
            Load(row);
            Factor(row);
        }

        if (Judge())
        {
            for (int row = 0; row < _padded; row += Block)
            {
                Square(row, _result);
                Save(row, _result);
            }

            return;
        }

        // A tile is in doubt, so that all of its inverse must be known before any is written.
        for (int row = 0; row < _padded; row += Block)
        {
            Square(row, _s + ((long)row * _stride));
        }

        JudgeNorms();
        for (int row = 0; row < _padded; row += Block)
        {
            Save(row, _s + ((long)row * _stride));
        }
    }

    /// <summary>Takes the block row that starts here to its second state.</summary>
    private void Factor(int first)
    {
        T* panel = _s + ((long)first * _stride);
        int diagonal = first * TLanes.Tiles;
        int end = _padded * TLanes.Tiles;
        for (int column = diagonal; column < end; column += Strip)
        {
            int width = Math.Min(Strip, end - column);
            if (first > 0)
            {
                TileBlocks<TLanes, TVector, T>.Multiply(
                    _s + diagonal, _stride, _s + column, _stride, panel + column, _stride, Block, width, first, accumulate: true);
            }

            int solved = 0;
            if (column == diagonal)
            {
                TilePivot<TLanes, TVector, T>.Run(panel + diagonal, _stride, _pivot, _pivots + diagonal);
                solved = Width;
            }

            TileSolve<TLanes, TVector, T>.Run(_pivot, panel + column + solved, _stride, width - solved);
        }

        // Left of the diagonal X begins, in strips whose sums start with the row of their first column.
        for (int column = 0; column < diagonal; column += Strip)
        {
            int width = Math.Min(Strip, diagonal - column);
            int start = column / TLanes.Tiles;
            T* rows = _s + ((long)start * _stride);
            TileBlocks<TLanes, TVector, T>.Multiply(
                rows + diagonal, _stride, rows + column, _stride, panel + column, _stride, Block, width, first - start);
            TileSolve<TLanes, TVector, T>.Run(_pivot, panel + column, _stride, width);
        }

        // Those strips of later rows reach over U, right of the diagonal, where nobody needs it any more.
        int reach = (Block - 1 + (Strip / TLanes.Tiles) - 1) / Block * Block;
        for (int row = Math.Max(0, first - reach); row < first; row++)
        {
            new Span<T>(_s + ((long)row * _stride) + diagonal, Width).Clear();
        }

        AddNorms(first);
    }

    /// <summary>A block row of the inverse. What it replaces, if in place, no later one needs.</summary>
    private void Square(int first, T* result)
    {
        int height = TileBlocks<TLanes, TVector, T>.Height;
        for (int row = first; row < first + Block; row += height)
        {
            T* rows = _s + ((long)row * _stride);
            TileBlocks<TLanes, TVector, T>.Multiply(
                rows + (row * TLanes.Tiles), _stride, rows, _stride, result, _stride, height, (first + Block) * TLanes.Tiles, _padded - row);
            result += height * (nint)_stride;
        }
    }
}
