using System.Numerics;
using static Thor.Kernels.Host.LaneFunctions;

namespace Thor.Kernels.Host;

/// <summary>Softmax and its logarithm over contiguous rows of float or double, and their first-order gradients. Results may overwrite operands.</summary>
public static unsafe class Softmax
{
    private enum Kind
    {
        Softmax,
        LogSoftmax,
        SoftmaxGradient,
        LogSoftmaxGradient,
    }

    /// <summary>y = e^(x - max) / sum(e^(x - max)) of each row.</summary>
    public static void Rows<T>(T* x, T* y, long rows, int n)
        where T : unmanaged, INumber<T> => Run(Kind.Softmax, x, null, y, rows, n);

    /// <summary>y = x - max - log(sum(e^(x - max))) of each row.</summary>
    public static void LogRows<T>(T* x, T* y, long rows, int n)
        where T : unmanaged, INumber<T> => Run(Kind.LogSoftmax, x, null, y, rows, n);

    /// <summary>dx = y (g - sum(g y)) of each row.</summary>
    public static void Gradient<T>(T* y, T* g, T* dx, long rows, int n)
        where T : unmanaged, INumber<T> => Run(Kind.SoftmaxGradient, y, g, dx, rows, n);

    /// <summary>dx = g - e^y sum(g) of each row.</summary>
    public static void LogGradient<T>(T* y, T* g, T* dx, long rows, int n)
        where T : unmanaged, INumber<T> => Run(Kind.LogSoftmaxGradient, y, g, dx, rows, n);

    private static void Run<T>(Kind kind, T* x, T* g, T* y, long rows, int n)
        where T : unmanaged, INumber<T>
    {
        int pieces = n == 0 ? 0 : (int)Math.Min(rows, Widest.Pieces(rows * n, RowPlan.CostlyGrain));
        Widest.For<Body<T>, T>(pieces, new Body<T>(kind, x, g, y, rows, n, pieces));
    }

    private readonly struct Body<T>(Kind kind, T* x, T* g, T* y, long rows, int n, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _x = x;
        private readonly T* _g = g;
        private readonly T* _y = y;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            long last = Widest.Start(rows, pieces, index + 1);
            for (long row = Widest.Start(rows, pieces, index); row < last; row++)
            {
                T* x = _x + (row * n);
                T* g = _g + (row * n);
                T* y = _y + (row * n);
                switch (kind)
                {
                    case Kind.Softmax:
                        T sum = RowFunctions.SumOfExponentials<TLane, T>(x, n, Reduction.Largest<TLane, T>(x, n), y);
                        RowFunctions.Affine<TLane, T>(y, n, T.One / sum, T.Zero, y);
                        break;
                    case Kind.LogSoftmax:
                        T largest = Reduction.Largest<TLane, T>(x, n);
                        T log = Lane1<T>.Log(Lane1<T>.All(RowFunctions.SumOfExponentials<TLane, T>(x, n, largest, null))).Sum();
                        Shift<TLane>(x, largest, log, y);
                        break;
                    case Kind.SoftmaxGradient:
                        Weighted<TLane>(x, g, RowFunctions.Dot<TLane, T>(x, g, n), y);
                        break;
                    default:
                        Remaining<TLane>(x, g, Reduction.Sum<TLane, T>(g, n), y);
                        break;
                }
            }
        }

        private void Shift<TLane>(T* x, T largest, T log, T* y)
            where TLane : struct, ILane<TLane, T>
        {
            nint i = 0;
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                ((TLane.Load(x + i) - TLane.All(largest)) - TLane.All(log)).Store(y + i);
            }

            for (; i < n; i++)
            {
                y[i] = (x[i] - largest) - log;
            }
        }

        private void Weighted<TLane>(T* y, T* g, T dot, T* dx)
            where TLane : struct, ILane<TLane, T>
        {
            nint i = 0;
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                (TLane.Load(y + i) * (TLane.Load(g + i) - TLane.All(dot))).Store(dx + i);
            }

            for (; i < n; i++)
            {
                dx[i] = y[i] * (g[i] - dot);
            }
        }

        private void Remaining<TLane>(T* y, T* g, T sum, T* dx)
            where TLane : struct, ILane<TLane, T>
        {
            nint i = 0;
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                TLane.Fma(Exp<TLane, T>(TLane.Load(y + i)), TLane.All(-sum), TLane.Load(g + i)).Store(dx + i);
            }

            for (; i < n; i++)
            {
                Lane1<T>.Fma(Exp<Lane1<T>, T>(Lane1<T>.Load(y + i)), Lane1<T>.All(-sum), Lane1<T>.Load(g + i)).Store(dx + i);
            }
        }
    }
}
