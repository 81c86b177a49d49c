using System.Numerics;
using System.Numerics.Tensors;

namespace Thor.Kernels.Host;

/// <summary>Fills, copies and conversions between any two layouts.</summary>
public static unsafe class StridedCopy
{
    // Two tiles of this many elements squared, four bytes each, stay in the first-level cache.
    private const int Tile = 64;

    /// <summary>y = value; the loop's operand is y.</summary>
    public static void Fill<T>(in StridedLoop loop, T value, T* y)
        where T : unmanaged
    {
        RowPlan plan = new(loop, RowPlan.CheapGrain);
        WorkerPool.For(plan.Pieces, new FillBody<T>(loop, plan, value, y));
    }

    /// <summary>y = x, of one element size; the loop's operands are y and x.</summary>
    public static void Copy<T>(in StridedLoop loop, T* x, T* y)
        where T : unmanaged
    {
        int across = AxisAcross(loop);
        if (across >= 0)
        {
            TransposeBody<T> body = new(loop, across, x, y);
            WorkerPool.For(body.Pieces, body);
            return;
        }

        RowPlan plan = new(loop, RowPlan.CheapGrain);
        WorkerPool.For(plan.Pieces, new CopyBody<T>(loop, plan, x, y));
    }

    /// <summary>y = x converted: float to int truncates toward zero and saturates, NaN becomes 0. The loop's operands are y and x.</summary>
    public static void Convert<TFrom, TTo>(in StridedLoop loop, TFrom* x, TTo* y)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        RowPlan plan = new(loop, RowPlan.CheapGrain);
        WorkerPool.For(plan.Pieces, new ConvertBody<TFrom, TTo>(loop, plan, x, y));
    }

    /// <summary>
    /// The axis along which one operand has neighbours in memory when the other has them along the innermost axis, or -1:
    /// only then does a copy gain from going tile by tile.
    /// </summary>
    private static int AxisAcross(in StridedLoop loop)
    {
        int inner = loop.Rank - 1;
        bool yInner = loop.Stride(0, inner) == 1;
        bool xInner = loop.Stride(1, inner) == 1;
        if (yInner == xInner || loop.Inner < 4)
        {
            return -1;
        }

        for (int axis = inner - 1; axis >= 0; axis--)
        {
            if (loop.Stride(yInner ? 1 : 0, axis) == 1 && loop.Extent(axis) >= 4)
            {
                return axis;
            }
        }

        return -1;
    }

    private readonly struct FillBody<T>(StridedLoop loop, RowPlan plan, T value, T* y) : IParallelBody
        where T : unmanaged
    {
        private readonly T* _y = y;
        private readonly StridedLoop _loop = loop;

        public void Invoke(int index)
        {
            plan.Piece(index, out long first, out long rows, out long start, out nint length);
            nint step = (nint)_loop.InnerStride(0);
            fixed (StridedLoop* loop = &_loop)
            {
                RowCursor cursor = new(loop, first);
                for (long r = 0; r < rows; r++, cursor.Next())
                {
                    T* y = _y + cursor.First + (start * step);
                    if (step == 1)
                    {
                        new Span<T>(y, (int)length).Fill(value);
                        continue;
                    }

                    for (nint i = 0; i < length; i++)
                    {
                        y[i * step] = value;
                    }
                }
            }
        }
    }

    private readonly struct CopyBody<T>(StridedLoop loop, RowPlan plan, T* x, T* y) : IParallelBody
        where T : unmanaged
    {
        private readonly T* _x = x;
        private readonly T* _y = y;
        private readonly StridedLoop _loop = loop;

        public void Invoke(int index)
        {
            plan.Piece(index, out long first, out long rows, out long start, out nint length);
            nint stepY = (nint)_loop.InnerStride(0);
            nint stepX = (nint)_loop.InnerStride(1);
            fixed (StridedLoop* loop = &_loop)
            {
                RowCursor cursor = new(loop, first);
                for (long r = 0; r < rows; r++, cursor.Next())
                {
                    T* y = _y + cursor.First + (start * stepY);
                    T* x = _x + cursor.Second + (start * stepX);
                    if (stepY == 1 && stepX == 1)
                    {
                        new ReadOnlySpan<T>(x, (int)length).CopyTo(new Span<T>(y, (int)length));
                        continue;
                    }

                    if (stepY == 1 && stepX == 0)
                    {
                        new Span<T>(y, (int)length).Fill(*x);
                        continue;
                    }

                    for (nint i = 0; i < length; i++)
                    {
                        y[i * stepY] = x[i * stepX];
                    }
                }
            }
        }
    }

    /// <summary>Tiles over the innermost axis and the axis across; all other axes are looped over outside.</summary>
    private readonly struct TransposeBody<T> : IParallelBody
        where T : unmanaged
    {
        private readonly T* _x;
        private readonly T* _y;
        private readonly StridedLoop _loop;
        private readonly int _across;
        private readonly long _tilesInner;
        private readonly long _tilesAcross;
        private readonly long _tiles;
        private readonly long _perPiece;

        public TransposeBody(in StridedLoop loop, int across, T* x, T* y)
        {
            _loop = loop;
            _across = across;
            _x = x;
            _y = y;
            _tilesInner = (loop.Inner + Tile - 1) / Tile;
            _tilesAcross = (loop.Extent(across) + Tile - 1) / Tile;
            long matrix = loop.Inner * loop.Extent(across);
            _tiles = matrix == 0 ? 0 : loop.Length / matrix * _tilesInner * _tilesAcross;
            long tile = Math.Min(loop.Inner, Tile) * Math.Min(loop.Extent(across), Tile);
            _perPiece = Math.Max(1, RowPlan.CheapGrain / Math.Max(1, tile));
            Pieces = checked((int)((_tiles + _perPiece - 1) / _perPiece));
        }

        public int Pieces { get; }

        public void Invoke(int index)
        {
            long last = Math.Min(_tiles, (index + 1) * _perPiece);
            for (long tile = index * _perPiece; tile < last; tile++)
            {
                (long rest, long innerTile) = Math.DivRem(tile, _tilesInner);
                (rest, long acrossTile) = Math.DivRem(rest, _tilesAcross);
                OneTile(rest, innerTile * Tile, acrossTile * Tile);
            }
        }

        private void OneTile(long matrix, long startInner, long startAcross)
        {
            int inner = _loop.Rank - 1;
            long y = (startInner * _loop.Stride(0, inner)) + (startAcross * _loop.Stride(0, _across));
            long x = (startInner * _loop.Stride(1, inner)) + (startAcross * _loop.Stride(1, _across));
            for (int axis = inner - 1; axis >= 0; axis--)
            {
                if (axis != _across)
                {
                    (matrix, long at) = Math.DivRem(matrix, _loop.Extent(axis));
                    y += at * _loop.Stride(0, axis);
                    x += at * _loop.Stride(1, axis);
                }
            }

            nint extentInner = (nint)Math.Min(Tile, _loop.Inner - startInner);
            nint extentAcross = (nint)Math.Min(Tile, _loop.Extent(_across) - startAcross);
            if (_loop.Stride(0, inner) == 1)
            {
                Transpose.Run(_x + x, _loop.Stride(1, inner), _y + y, _loop.Stride(0, _across), extentInner, extentAcross);
            }
            else
            {
                Transpose.Run(_x + x, _loop.Stride(1, _across), _y + y, _loop.Stride(0, inner), extentAcross, extentInner);
            }
        }
    }

    private readonly struct ConvertBody<TFrom, TTo>(StridedLoop loop, RowPlan plan, TFrom* x, TTo* y) : IParallelBody
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        private readonly TFrom* _x = x;
        private readonly TTo* _y = y;
        private readonly StridedLoop _loop = loop;

        public void Invoke(int index)
        {
            plan.Piece(index, out long first, out long rows, out long start, out nint length);
            nint stepY = (nint)_loop.InnerStride(0);
            nint stepX = (nint)_loop.InnerStride(1);
            fixed (StridedLoop* loop = &_loop)
            {
                RowCursor cursor = new(loop, first);
                for (long r = 0; r < rows; r++, cursor.Next())
                {
                    TTo* y = _y + cursor.First + (start * stepY);
                    TFrom* x = _x + cursor.Second + (start * stepX);
                    if (stepY == 1 && stepX == 1)
                    {
                        TensorPrimitives.ConvertSaturating(new ReadOnlySpan<TFrom>(x, (int)length), new Span<TTo>(y, (int)length));
                        continue;
                    }

                    for (nint i = 0; i < length; i++)
                    {
                        y[i * stepY] = TTo.CreateSaturating(x[i * stepX]);
                    }
                }
            }
        }
    }
}
