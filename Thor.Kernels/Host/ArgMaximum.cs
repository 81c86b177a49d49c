using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Positions of largest elements.</summary>
public static unsafe class ArgMaximum
{
    /// <summary>y[i] = index of the largest of row i, the first of equals; the first NaN if there is one. Rows are contiguous, n at least 1.</summary>
    public static void Rows<T>(T* x, int* y, long rows, int n)
        where T : unmanaged, INumber<T>
    {
        int pieces = (int)Math.Min(Math.Max(rows, 0), Widest.Pieces(rows * n, RowPlan.CheapGrain));
        Widest.For<Body<T>, T>(pieces, new Body<T>(x, y, rows, n, pieces));
    }

    private readonly struct Body<T>(T* x, int* y, long rows, int n, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _x = x;
        private readonly int* _y = y;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            long last = Widest.Start(rows, pieces, index + 1);
            for (long row = Widest.Start(rows, pieces, index); row < last; row++)
            {
                T* x = _x + (row * n);
                T largest = Reduction.Largest<TLane, T>(x, n);
                ReadOnlySpan<T> values = new(x, n);
                int at = values.IndexOf(largest);
                for (int i = 0; at < 0; i++)
                {
                    at = T.IsNaN(x[i]) ? i : -1;
                }

                _y[row] = at;
            }
        }
    }
}
