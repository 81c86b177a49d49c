using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>
/// Element-wise functions of float, double and int. Results lie with stride 1 along the innermost axis, operands with
/// stride 1 or, where a value repeats, 0. A result may be one of the operands.
/// </summary>
public static unsafe partial class Elementwise
{
    /// <summary>y = op(x), both contiguous.</summary>
    /// <exception cref="NotSupportedException">The operation is not defined for the element type.</exception>
    public static void Map<T>(UnaryOperation operation, T* x, T* y, long n)
        where T : unmanaged, INumber<T>
    {
        int pieces = Widest.Pieces(n, IsCostly(operation) ? RowPlan.CostlyGrain : RowPlan.CheapGrain);
        WorkerPool.For(pieces, new UnaryBody<T>(RowOf<T>(operation), x, y, n, pieces));
    }

    /// <summary>y = op(a, b). The loop's operands are y, a and b.</summary>
    /// <exception cref="NotSupportedException">The operation is not defined for the element type.</exception>
    public static void Map<T>(BinaryOperation operation, in StridedLoop loop, T* a, T* b, T* y)
        where T : unmanaged, INumber<T>
    {
        RowPlan plan = new(loop, operation is BinaryOperation.Power or BinaryOperation.GeluGradient ? RowPlan.CostlyGrain : RowPlan.CheapGrain);
        WorkerPool.For(plan.Pieces, new BinaryBody<T>(RowOf<T>(operation), loop, plan, a, b, y));
    }

    /// <summary>y = op(a, b) with one of the operands the same everywhere (a null pointer and its value).</summary>
    /// <exception cref="NotSupportedException">The operation is not defined for the element type.</exception>
    public static void Map<T>(BinaryOperation operation, T* a, T valueA, T* b, T valueB, T* y, long n)
        where T : unmanaged, INumber<T>
    {
        if (operation == BinaryOperation.Power && b == null && PowerAsUnary(valueB) is UnaryOperation simple)
        {
            Map(simple, a, y, n);
            return;
        }

        int pieces = Widest.Pieces(n, operation is BinaryOperation.Power or BinaryOperation.GeluGradient ? RowPlan.CostlyGrain : RowPlan.CheapGrain);
        WorkerPool.For(pieces, new ScalarBody<T>(RowOf<T>(operation), a, valueA, b, valueB, y, n, pieces));
    }

    /// <summary>y = condition != 0 ? a : b; NaN is not 0. The loop's operands are y, condition, a and b.</summary>
    public static void Select<T>(in StridedLoop loop, T* condition, T* a, T* b, T* y)
        where T : unmanaged, INumber<T>
    {
        RowPlan plan = new(loop, RowPlan.CheapGrain);
        Widest.For<SelectBody<T>, T>(plan.Pieces, new SelectBody<T>(loop, plan, condition, a, b, y));
    }

    /// <summary>y += alpha x. The loop's operands are y and x; y is contiguous.</summary>
    public static void AddScaled<T>(T alpha, in StridedLoop loop, T* x, T* y)
        where T : unmanaged, INumber<T>
    {
        RowPlan plan = new(loop, RowPlan.CheapGrain);
        Widest.For<AddScaledBody<T>, T>(plan.Pieces, new AddScaledBody<T>(alpha, loop, plan, x, y));
    }

    /// <summary>Powers that have a name are not worth a general power.</summary>
    private static UnaryOperation? PowerAsUnary<T>(T exponent)
        where T : unmanaged, INumber<T> => double.CreateTruncating(exponent) switch
        {
            2 => UnaryOperation.Square,
            -1 => UnaryOperation.Reciprocal,
            _ => null,
        };

    private static bool IsCostly(UnaryOperation operation) => operation is UnaryOperation.Exponential or UnaryOperation.Logarithm
        or UnaryOperation.Sine or UnaryOperation.Cosine or UnaryOperation.Tanh or UnaryOperation.Sigmoid or UnaryOperation.Gelu
        or UnaryOperation.Erf or UnaryOperation.Softplus;

    private readonly struct UnaryBody<T>(delegate*<T*, T*, nint, void> row, T* x, T* y, long n, int pieces) : IParallelBody
        where T : unmanaged
    {
        private readonly delegate*<T*, T*, nint, void> _row = row;
        private readonly T* _x = x;
        private readonly T* _y = y;

        public void Invoke(int index)
        {
            long start = Widest.Start(n, pieces, index);
            _row(_x + start, _y + start, (nint)(Widest.Start(n, pieces, index + 1) - start));
        }
    }

    private readonly struct BinaryBody<T>(delegate*<T*, nint, T*, nint, T*, nint, void> row, StridedLoop loop, RowPlan plan, T* a, T* b, T* y) : IParallelBody
        where T : unmanaged
    {
        private readonly delegate*<T*, nint, T*, nint, T*, nint, void> _row = row;
        private readonly T* _a = a;
        private readonly T* _b = b;
        private readonly T* _y = y;
        private readonly StridedLoop _loop = loop;

        public void Invoke(int index)
        {
            plan.Piece(index, out long first, out long rows, out long start, out nint length);
            nint stepA = (nint)_loop.InnerStride(1);
            nint stepB = (nint)_loop.InnerStride(2);
            fixed (StridedLoop* loop = &_loop)
            {
                RowCursor cursor = new(loop, first);
                for (long i = 0; i < rows; i++)
                {
                    _row(_a + cursor.Second + (start * stepA), stepA, _b + cursor.Third + (start * stepB), stepB, _y + cursor.First + start, length);
                    cursor.Next();
                }
            }
        }
    }

    private readonly struct ScalarBody<T>(delegate*<T*, nint, T*, nint, T*, nint, void> row, T* a, T valueA, T* b, T valueB, T* y, long n, int pieces) : IParallelBody
        where T : unmanaged
    {
        private readonly delegate*<T*, nint, T*, nint, T*, nint, void> _row = row;
        private readonly T* _a = a;
        private readonly T* _b = b;
        private readonly T* _y = y;

        public void Invoke(int index)
        {
            long start = Widest.Start(n, pieces, index);
            nint length = (nint)(Widest.Start(n, pieces, index + 1) - start);
            T left = valueA;
            T right = valueB;
            T* first = _a == null ? &left : _a + start;
            T* second = _b == null ? &right : _b + start;
            _row(first, _a == null ? 0 : 1, second, _b == null ? 0 : 1, _y + start, length);
        }
    }

    private readonly struct SelectBody<T>(StridedLoop loop, RowPlan plan, T* condition, T* a, T* b, T* y) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _condition = condition;
        private readonly T* _a = a;
        private readonly T* _b = b;
        private readonly T* _y = y;
        private readonly StridedLoop _loop = loop;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            plan.Piece(index, out long first, out long rows, out long start, out nint length);
            nint stepC = (nint)_loop.InnerStride(1);
            nint stepA = (nint)_loop.InnerStride(2);
            nint stepB = (nint)_loop.InnerStride(3);
            bool dense = stepC == 1 && stepA == 1 && stepB == 1;
            fixed (StridedLoop* loop = &_loop)
            {
                RowCursor cursor = new(loop, first);
                for (long r = 0; r < rows; r++, cursor.Next())
                {
                    T* c = _condition + cursor.Second + (start * stepC);
                    T* a = _a + cursor.Third + (start * stepA);
                    T* b = _b + cursor.Fourth + (start * stepB);
                    T* y = _y + cursor.First + start;
                    nint i = 0;
                    for (; dense && i <= length - TLane.Count; i += TLane.Count)
                    {
                        TLane.IfEqual(TLane.Load(c + i), TLane.All(T.Zero), TLane.Load(b + i), TLane.Load(a + i)).Store(y + i);
                    }

                    for (; i < length; i++)
                    {
                        y[i] = c[i * stepC] != T.Zero ? a[i * stepA] : b[i * stepB];
                    }
                }
            }
        }
    }

    private readonly struct AddScaledBody<T>(T alpha, StridedLoop loop, RowPlan plan, T* x, T* y) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _x = x;
        private readonly T* _y = y;
        private readonly StridedLoop _loop = loop;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            plan.Piece(index, out long first, out long rows, out long start, out nint length);
            nint step = (nint)_loop.InnerStride(1);
            fixed (StridedLoop* loop = &_loop)
            {
                RowCursor cursor = new(loop, first);
                for (long r = 0; r < rows; r++, cursor.Next())
                {
                    T* x = _x + cursor.Second + (start * step);
                    T* y = _y + cursor.First + start;
                    nint i = 0;
                    for (; i <= length - TLane.Count; i += TLane.Count)
                    {
                        TLane added = step == 0 ? TLane.All(*x) : TLane.Load(x + i);
                        ((TLane.All(alpha) * added) + TLane.Load(y + i)).Store(y + i);
                    }

                    for (; i < length; i++)
                    {
                        y[i] += unchecked(alpha * x[i * step]);
                    }
                }
            }
        }
    }
}
