using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Rows that are needed next, fetched or copied from memory, line by line, while blocks work on others.</summary>
/// <remarks>
/// Blocks take some rows each (<see cref="Take"/>) and a line every other step: asking for many lines at once would keep the blocks from the second
/// cache. Fetching costs less than copying, but rows that lie whole pages apart fall into so few sets of the caches that they
/// do not stay there; they are copied, a few rows after they have been asked for.
/// </remarks>
internal unsafe struct TileCopy
{
    private const int Line = 16;
    private const int PageBytes = 4096;

    // Rows between what is asked for and what is copied: enough for the time that memory takes to answer.
    private const int Distance = 16;

    private readonly float* _x;
    private readonly nint _xStride;
    private readonly float* _strip;
    private readonly nint _stride;
    private readonly int _rows;
    private readonly int _lines;
    private int _taken;
    private float* _later;
    private nint _laterStride;
    private int _laterRows;
    private int _laterLines;

    /// <summary>Nothing happens to rows until they are taken.</summary>
    /// <param name="x">First element.</param>
    /// <param name="xStride">Elements from one row to the next.</param>
    /// <param name="strip">Where rows go, if they are copied.</param>
    /// <param name="stride">Elements from one row there to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns: a multiple of 16.</param>
    public TileCopy(float* x, nint xStride, float* strip, nint stride, int rows, int columns)
    {
        Copies = xStride * sizeof(float) % PageBytes == 0;
        _x = x;
        _xStride = xStride;
        _strip = strip;
        _stride = stride;
        _rows = rows;
        _lines = columns / Line;
    }

    /// <summary>Whether rows are copied, not only fetched.</summary>
    public bool Copies { get; }

    /// <summary>Rows that are only fetched, and after all others.</summary>
    /// <param name="x">First element.</param>
    /// <param name="xStride">Elements from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public void Later(float* x, nint xStride, int rows, int columns)
    {
        _later = x;
        _laterStride = xStride;
        _laterRows = rows;
        _laterLines = (columns + Line - 1) / Line;
    }

    /// <summary>Takes as many rows as there is time for.</summary>
    /// <param name="lines">Lines that there is time for.</param>
    /// <param name="idle">A line of no meaning, which is fetched when all rows have been.</param>
    public Share Take(int lines, float* idle)
    {
        int count = _lines == 0 ? 0 : Math.Min(lines / _lines, _rows - _taken);
        if (count > 0)
        {
            float* x = _x + (_taken * _xStride);
            float* to = Copies ? _strip + (_taken * _stride) : null;
            _taken += count;
            return new Share(x, _xStride, _lines, count, to, _stride, Copies ? Distance * _xStride : 0, idle);
        }

        count = _laterLines == 0 ? 0 : Math.Min(lines / _laterLines, _laterRows);
        if (count > 0)
        {
            float* x = _later;
            _later += count * _laterStride;
            _laterRows -= count;
            return new Share(x, _laterStride, _laterLines, count, null, 0, 0, idle);
        }

        return new Share(idle, 0, 1, 0, null, 0, 0, idle);
    }

    /// <summary>Copies what has not been taken, if rows are copied.</summary>
    public void Finish()
    {
        if (Copies)
        {
            float* idle = stackalloc float[Line];
            int left = _rows - _taken;
            Take(left * _lines, idle).Run(left);
        }
    }

    /// <summary>Some of the rows.</summary>
    internal struct Share
    {
        private readonly nint _ahead;
        private readonly nint _fromSkip;
        private readonly nint _toSkip;
        private readonly float* _idle;
        private float* _from;
        private float* _to;
        private nint _step;
        private int _rows;

        public Share(float* from, nint fromStride, int lines, int rows, float* to, nint toStride, nint ahead, float* idle)
        {
            Lines = lines;
            _ahead = ahead;
            _fromSkip = fromStride - (lines * Line);
            _toSkip = toStride - (lines * Line);
            _idle = idle;
            _from = from;
            _to = to;
            _step = rows == 0 ? 0 : Line;
            _rows = rows;
        }

        /// <summary>Lines of a row.</summary>
        public int Lines { get; }

        /// <summary>Fetches a line, and copies that which was fetched long ago.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Next()
        {
            Sse.Prefetch1(_from + _ahead);
            if (_to != null)
            {
                Vector512.Load(_from).Store(_to);
                _to += Line;
            }

            _from += _step;
        }

        /// <summary>Goes on to the next row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void NextRow()
        {
            _rows--;
            if (_rows <= 0)
            {
                _from = _idle;
                _step = 0;
                _to = null;
            }
            else
            {
                _from += _fromSkip;
                _to += _to == null ? 0 : _toSkip;
            }
        }

        /// <summary>Does so many rows at once.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int rows)
        {
            Share share = this;
            for (; rows > 0; rows--)
            {
                for (int line = share.Lines; line > 0; line--)
                {
                    share.Next();
                }

                share.NextRow();
            }
        }
    }
}
