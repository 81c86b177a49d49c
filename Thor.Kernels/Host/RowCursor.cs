namespace Thor.Kernels.Host;

/// <summary>How the rows of a <see cref="StridedLoop"/> are cut into pieces of work: whole rows if they are short, parts of a row if they are long.</summary>
internal readonly struct RowPlan
{
    /// <summary>Elements of a piece of cheap work: what <see cref="WorkerPool.Grain"/> is for.</summary>
    public const int CheapGrain = WorkerPool.Grain;

    /// <summary>Elements of a piece of work with an exponential in it.</summary>
    public const int CostlyGrain = 8192;

    // Parts begin at multiples of a cache line of floats from the row's start.
    private const long PartAlignment = 64;

    private readonly long _rows;
    private readonly long _inner;
    private readonly long _rowsPerPiece;
    private readonly long _part;
    private readonly int _partsPerRow;

    public RowPlan(in StridedLoop loop, long grain)
    {
        _inner = loop.Inner;
        _rows = loop.Length == 0 ? 0 : loop.Length / _inner;
        if (_inner >= 2 * grain)
        {
            long parts = _inner / grain;
            _part = ((_inner + parts - 1) / parts + PartAlignment - 1) / PartAlignment * PartAlignment;
            _partsPerRow = (int)((_inner + _part - 1) / _part);
            _rowsPerPiece = 1;
        }
        else
        {
            _part = _inner;
            _partsPerRow = 1;
            _rowsPerPiece = Math.Max(1, grain / Math.Max(1, _inner));
        }

        Pieces = checked((int)((_rows + _rowsPerPiece - 1) / _rowsPerPiece * _partsPerRow));
    }

    /// <summary>Number of pieces.</summary>
    public int Pieces { get; }

    /// <summary>The rows of a piece, and which part of each.</summary>
    public void Piece(int index, out long firstRow, out long rows, out long start, out nint length)
    {
        (int group, int part) = Math.DivRem(index, _partsPerRow);
        firstRow = group * _rowsPerPiece;
        rows = Math.Min(_rowsPerPiece, _rows - firstRow);
        start = part * _part;
        length = (nint)Math.Min(_part, _inner - start);
    }
}

/// <summary>Walks over the rows of a <see cref="StridedLoop"/> and keeps the offsets of its operands.</summary>
internal unsafe struct RowCursor
{
    private readonly StridedLoop* _loop;
    private fixed long _index[StridedLoop.MaximumRank];

    /// <summary>A cursor on a row; the loop must stay where it is.</summary>
    public RowCursor(StridedLoop* loop, long row)
    {
        _loop = loop;
        for (int axis = loop->Rank - 2; axis >= 0; axis--)
        {
            (row, long at) = Math.DivRem(row, loop->Extent(axis));
            _index[axis] = at;
            First += at * loop->Stride(0, axis);
            Second += at * loop->Stride(1, axis);
            Third += at * loop->Stride(2, axis);
            Fourth += at * loop->Stride(3, axis);
        }
    }

    public long First { get; private set; }

    public long Second { get; private set; }

    public long Third { get; private set; }

    public long Fourth { get; private set; }

    /// <summary>On to the next row; behind the last it is at the first again.</summary>
    public void Next()
    {
        for (int axis = _loop->Rank - 2; axis >= 0; axis--)
        {
            Move(axis, 1);
            if (++_index[axis] < _loop->Extent(axis))
            {
                return;
            }

            Move(axis, -_loop->Extent(axis));
            _index[axis] = 0;
        }
    }

    private void Move(int axis, long steps)
    {
        First += steps * _loop->Stride(0, axis);
        Second += steps * _loop->Stride(1, axis);
        Third += steps * _loop->Stride(2, axis);
        Fourth += steps * _loop->Stride(3, axis);
    }
}
