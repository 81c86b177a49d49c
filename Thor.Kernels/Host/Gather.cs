using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Rows of a table by index; ids were checked before.</summary>
public static unsafe class Gather
{
    /// <summary>y[i, :] = table[ids[i], :], of any element type.</summary>
    public static void Rows<T>(T* table, int* ids, T* y, int count, int width)
        where T : unmanaged
    {
        int pieces = Math.Min(count, Widest.Pieces((long)count * width, RowPlan.CheapGrain));
        WorkerPool.For(pieces, new GatherBody<T>(table, ids, y, count, width, pieces));
    }

    /// <summary>
    /// table[ids[i], :] += x[i, :] in the order of i for each row. Every piece reads all ids and adds those that fall into its
    /// range of the table, so that no two pieces write to one row.
    /// </summary>
    public static void AddRows<T>(T* table, int rows, int* ids, T* x, int count, int width)
        where T : unmanaged, INumber<T>
    {
        int pieces = (int)Math.Clamp((long)count * width / RowPlan.CheapGrain, 1, Math.Min(16, Math.Max(1, rows)));
        Widest.For<ScatterBody<T>, T>(pieces, new ScatterBody<T>(table, rows, ids, x, count, width, pieces));
    }

    /// <summary>y[i, ids[i]] = 1 and else 0; a row whose id is outside [0, classes) is all 0.</summary>
    public static void OneHot<T>(int* ids, T* y, long count, int classes)
        where T : unmanaged, INumber<T>
    {
        for (long i = 0; i < count; i++)
        {
            Span<T> row = new(y + (i * classes), classes);
            row.Clear();
            if ((uint)ids[i] < (uint)classes)
            {
                row[ids[i]] = T.One;
            }
        }
    }

    private readonly struct GatherBody<T>(T* table, int* ids, T* y, int count, int width, int pieces) : IParallelBody
        where T : unmanaged
    {
        private readonly T* _table = table;
        private readonly int* _ids = ids;
        private readonly T* _y = y;

        public void Invoke(int index)
        {
            int last = (int)Widest.Start(count, pieces, index + 1);
            for (int i = (int)Widest.Start(count, pieces, index); i < last; i++)
            {
                new ReadOnlySpan<T>(_table + ((long)_ids[i] * width), width).CopyTo(new Span<T>(_y + ((long)i * width), width));
            }
        }
    }

    private readonly struct ScatterBody<T>(T* table, int rows, int* ids, T* x, int count, int width, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _table = table;
        private readonly int* _ids = ids;
        private readonly T* _x = x;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            int first = (int)Widest.Start(rows, pieces, index);
            uint range = (uint)(Widest.Start(rows, pieces, index + 1) - first);
            for (int i = 0; i < count; i++)
            {
                if ((uint)(_ids[i] - first) >= range)
                {
                    continue;
                }

                T* row = _table + ((long)_ids[i] * width);
                T* added = _x + ((long)i * width);
                int j = 0;
                for (; j <= width - TLane.Count; j += TLane.Count)
                {
                    (TLane.Load(row + j) + TLane.Load(added + j)).Store(row + j);
                }

                for (; j < width; j++)
                {
                    row[j] = unchecked(row[j] + added[j]);
                }
            }
        }
    }
}
