using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Element-wise functions, copies, reductions.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Fill(Tensor y, double value) => Copy(Tensor.From(value).Reshape(Shape.Scalar).BroadcastTo(y.Shape), y);

    public override void Copy(Tensor x, Tensor y)
    {
        StridedLoop loop = new(y.Shape.Extents, y.Strides, x.Strides);
        switch (x.DType, y.DType)
        {
            case (DType.Float32, DType.Float32):
                Convert<float, float>(loop, x, y);
                break;
            case (DType.Float32, DType.Float64):
                Convert<float, double>(loop, x, y);
                break;
            case (DType.Float32, DType.Int32):
                Convert<float, int>(loop, x, y);
                break;
            case (DType.Float64, DType.Float32):
                Convert<double, float>(loop, x, y);
                break;
            case (DType.Float64, DType.Float64):
                Convert<double, double>(loop, x, y);
                break;
            case (DType.Float64, DType.Int32):
                Convert<double, int>(loop, x, y);
                break;
            case (DType.Int32, DType.Float32):
                Convert<int, float>(loop, x, y);
                break;
            case (DType.Int32, DType.Float64):
                Convert<int, double>(loop, x, y);
                break;
            default:
                Convert<int, int>(loop, x, y);
                break;
        }
    }

    public override void Map(UnaryOperation operation, Tensor x, Tensor y)
    {
        if (!y.IsContiguous)
        {
            Tensor dense = y.EmptyLike(y.Shape);
            Map(operation, x, dense);
            Copy(dense, y);
            return;
        }

        Tensor source = x.Contiguous();
        switch (x.DType)
        {
            case DType.Float32:
                Elementwise.Map(operation, Pointer<float>(source), Pointer<float>(y), y.Length);
                break;
            case DType.Float64:
                Elementwise.Map(operation, Pointer<double>(source), Pointer<double>(y), y.Length);
                break;
            default:
                Elementwise.Map(operation, Pointer<int>(source), Pointer<int>(y), y.Length);
                break;
        }
    }

    public override void Map(BinaryOperation operation, Tensor a, Tensor b, Tensor y)
    {
        if (!y.IsContiguous)
        {
            Tensor dense = y.EmptyLike(y.Shape);
            Map(operation, a, b, dense);
            Copy(dense, y);
            return;
        }

        Map(operation, a.Contiguous(), 1, b.Contiguous(), 1, y);
    }

    public override void Map(BinaryOperation operation, Tensor a, double b, Tensor y) =>
        Map(operation, a, Tensor.Scalar(b, a.DType).BroadcastTo(a.Shape), y);

    public override void Map(BinaryOperation operation, double a, Tensor b, Tensor y) =>
        Map(operation, Tensor.Scalar(a, b.DType).BroadcastTo(b.Shape), b, y);

    public override void Select(Tensor condition, Tensor a, Tensor b, Tensor y)
    {
        switch (y.DType)
        {
            case DType.Float32:
                Select<float>(condition, a, b, y);
                break;
            case DType.Float64:
                Select<double>(condition, a, b, y);
                break;
            default:
                Select<int>(condition, a, b, y);
                break;
        }
    }

    public override void AddScaled(double alpha, Tensor x, Tensor y)
    {
        Tensor scaled = x.EmptyLike(x.Shape);
        Map(BinaryOperation.Multiply, x, alpha, scaled);
        Map(BinaryOperation.Add, y, scaled, y);
    }

    public override void Reduce(ReduceOperation operation, Tensor x, Tensor y)
    {
        switch (x.DType)
        {
            case DType.Float32:
                Reduce<float>(operation, x, y);
                break;
            case DType.Float64:
                Reduce<double>(operation, x, y);
                break;
            default:
                Reduce<int>(operation, x, y);
                break;
        }
    }

    public override void ArgMax(Tensor x, Tensor y)
    {
        switch (x.DType)
        {
            case DType.Float32:
                ArgMax<float>(x, y);
                break;
            case DType.Float64:
                ArgMax<double>(x, y);
                break;
            default:
                ArgMax<int>(x, y);
                break;
        }
    }

    private static void Convert<TFrom, TTo>(in StridedLoop loop, Tensor x, Tensor y)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        TFrom* from = Pointer<TFrom>(x);
        TTo* to = Pointer<TTo>(y);
        for (long row = 0; row * loop.Inner < loop.Length; row++)
        {
            TTo* target = to + loop.RowOffset(0, row);
            TFrom* source = from + loop.RowOffset(1, row);
            for (long i = 0; i < loop.Inner; i++)
            {
                target[i * loop.InnerStride(0)] = TTo.CreateSaturating(source[i * loop.InnerStride(1)]);
            }
        }
    }

    private static void Map(BinaryOperation operation, Tensor a, long stepA, Tensor b, long stepB, Tensor y)
    {
        switch (y.DType)
        {
            case DType.Float32:
                Elementwise.Map(operation, Pointer<float>(a), stepA, Pointer<float>(b), stepB, Pointer<float>(y), y.Length);
                break;
            case DType.Float64:
                Elementwise.Map(operation, Pointer<double>(a), stepA, Pointer<double>(b), stepB, Pointer<double>(y), y.Length);
                break;
            default:
                Elementwise.Map(operation, Pointer<int>(a), stepA, Pointer<int>(b), stepB, Pointer<int>(y), y.Length);
                break;
        }
    }

    private static void Select<T>(Tensor condition, Tensor a, Tensor b, Tensor y)
        where T : unmanaged, INumberBase<T>
    {
        StridedLoop loop = new(y.Shape.Extents, y.Strides, condition.Strides, a.Strides, b.Strides);
        for (long row = 0; row * loop.Inner < loop.Length; row++)
        {
            T* target = Pointer<T>(y) + loop.RowOffset(0, row);
            T* mask = Pointer<T>(condition) + loop.RowOffset(1, row);
            T* yes = Pointer<T>(a) + loop.RowOffset(2, row);
            T* no = Pointer<T>(b) + loop.RowOffset(3, row);
            for (long i = 0; i < loop.Inner; i++)
            {
                target[i * loop.InnerStride(0)] =
                    mask[i * loop.InnerStride(1)] != T.Zero ? yes[i * loop.InnerStride(2)] : no[i * loop.InnerStride(3)];
            }
        }
    }

    private static void Reduce<T>(ReduceOperation operation, Tensor x, Tensor y)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        T* result = Pointer<T>(y);
        bool extremum = operation is ReduceOperation.Maximum or ReduceOperation.Minimum;
        new Span<T>(result, (int)y.Length).Clear();
        Tensor source = x.Contiguous();
        T* values = Pointer<T>(source);
        bool[] seen = new bool[y.Length];
        long[] steps = y.Shape.DenseStrides();
        for (long i = 0; i < x.Length; i++)
        {
            long rest = i;
            long at = 0;
            for (int axis = x.Rank - 1; axis >= 0; axis--)
            {
                (rest, long index) = Math.DivRem(rest, x.Shape.Extents[axis]);
                at += y.Shape.Extents[axis] == 1 ? 0 : index * steps[axis];
            }

            T v = values[i];
            result[at] = extremum && !seen[at] ? v : operation switch
            {
                ReduceOperation.Maximum => T.Max(result[at], v),
                ReduceOperation.Minimum => T.Min(result[at], v),
                ReduceOperation.SumOfSquares => result[at] + (v * v),
                _ => result[at] + v,
            };
            seen[at] = true;
        }

        if (operation == ReduceOperation.Mean && y.Length > 0)
        {
            T count = T.CreateTruncating(x.Length / y.Length);
            for (long i = 0; i < y.Length; i++)
            {
                result[i] /= count;
            }
        }
    }

    private static void ArgMax<T>(Tensor x, Tensor y)
        where T : unmanaged, INumber<T>
    {
        int n = x.Shape.Extents[1];
        for (int row = 0; row < x.Shape.Extents[0]; row++)
        {
            T* values = Pointer<T>(x) + ((long)row * n);
            int best = 0;
            for (int i = 1; i < n && !T.IsNaN(values[best]); i++)
            {
                best = values[i] > values[best] || T.IsNaN(values[i]) ? i : best;
            }

            Pointer<int>(y)[row] = best;
        }
    }
}
