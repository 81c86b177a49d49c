using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Element-wise functions and copies.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Fill(Tensor y, double value)
    {
        StridedLoop loop = new(y.Shape.Extents, y.Strides);
        switch (y.DType)
        {
            case DType.Float32:
                StridedCopy.Fill(loop, (float)value, Pointer<float>(y));
                break;
            case DType.Float64:
                StridedCopy.Fill(loop, value, Pointer<double>(y));
                break;
            default:
                StridedCopy.Fill(loop, int.CreateSaturating(value), Pointer<int>(y));
                break;
        }
    }

    public override void Copy(Tensor x, Tensor y)
    {
        StridedLoop loop = new(y.Shape.Extents, y.Strides, x.Strides);
        switch (x.DType, y.DType)
        {
            case (DType.Float32, DType.Float64):
                StridedCopy.Convert(loop, Pointer<float>(x), Pointer<double>(y));
                break;
            case (DType.Float32, DType.Int32):
                StridedCopy.Convert(loop, Pointer<float>(x), Pointer<int>(y));
                break;
            case (DType.Float64, DType.Float32):
                StridedCopy.Convert(loop, Pointer<double>(x), Pointer<float>(y));
                break;
            case (DType.Float64, DType.Int32):
                StridedCopy.Convert(loop, Pointer<double>(x), Pointer<int>(y));
                break;
            case (DType.Int32, DType.Float32):
                StridedCopy.Convert(loop, Pointer<int>(x), Pointer<float>(y));
                break;
            case (DType.Int32, DType.Float64):
                StridedCopy.Convert(loop, Pointer<int>(x), Pointer<double>(y));
                break;
            case (DType.Float64, DType.Float64):
                StridedCopy.Copy(loop, Pointer<double>(x), Pointer<double>(y));
                break;
            default:
                // Bits of four bytes, float or int.
                StridedCopy.Copy(loop, Pointer<float>(x), Pointer<float>(y));
                break;
        }
    }

    public override void Map(UnaryOperation operation, Tensor x, Tensor y)
    {
        Tensor source = x.Contiguous();
        Tensor target = y.IsContiguous ? y : y.EmptyLike(y.Shape);
        switch (x.DType)
        {
            case DType.Float32:
                Elementwise.Map(operation, Pointer<float>(source), Pointer<float>(target), y.Length);
                break;
            case DType.Float64:
                Elementwise.Map(operation, Pointer<double>(source), Pointer<double>(target), y.Length);
                break;
            default:
                Elementwise.Map(operation, Pointer<int>(source), Pointer<int>(target), y.Length);
                break;
        }

        GiveBack(x, source);
        Deliver(target, y);
    }

    public override void Map(BinaryOperation operation, Tensor a, Tensor b, Tensor y)
    {
        switch (y.DType)
        {
            case DType.Float32:
                Map<float>(operation, a, b, y);
                break;
            case DType.Float64:
                Map<double>(operation, a, b, y);
                break;
            default:
                Map<int>(operation, a, b, y);
                break;
        }
    }

    public override void Map(BinaryOperation operation, Tensor a, double b, Tensor y) => MapScalar(operation, a, null, b, y);

    public override void Map(BinaryOperation operation, double a, Tensor b, Tensor y) => MapScalar(operation, null, b, a, y);

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
        switch (y.DType)
        {
            case DType.Float32:
                AddScaledAs((float)alpha, x, y);
                break;
            case DType.Float64:
                AddScaledAs(alpha, x, y);
                break;
            default:
                AddScaledAs(int.CreateSaturating(alpha), x, y);
                break;
        }
    }

    private static void MapScalar(BinaryOperation operation, Tensor? a, Tensor? b, double scalar, Tensor y)
    {
        switch (y.DType)
        {
            case DType.Float32:
                MapScalarAs(operation, a, b, (float)scalar, y);
                break;
            case DType.Float64:
                MapScalarAs(operation, a, b, scalar, y);
                break;
            default:
                MapScalarAs(operation, a, b, int.CreateSaturating(scalar), y);
                break;
        }
    }

    private static void MapScalarAs<T>(BinaryOperation operation, Tensor? a, Tensor? b, T scalar, Tensor y)
        where T : unmanaged, INumber<T>
    {
        Tensor? left = a?.Contiguous();
        Tensor? right = b?.Contiguous();
        Tensor target = y.IsContiguous ? y : y.EmptyLike(y.Shape);
        Elementwise.Map(
            operation, left is null ? null : Pointer<T>(left), scalar, right is null ? null : Pointer<T>(right), scalar, Pointer<T>(target), y.Length);
        GiveBack(a, left);
        GiveBack(b, right);
        Deliver(target, y);
    }

    private static void Map<T>(BinaryOperation operation, Tensor a, Tensor b, Tensor y)
        where T : unmanaged, INumber<T>
    {
        Tensor left = Walkable(a);
        Tensor right = Walkable(b);
        Tensor target = y.IsContiguous ? y : y.EmptyLike(y.Shape);
        StridedLoop loop = new(y.Shape.Extents, target.Strides, left.Strides, right.Strides);
        Elementwise.Map(operation, loop, Pointer<T>(left), Pointer<T>(right), Pointer<T>(target));
        GiveBack(a, left);
        GiveBack(b, right);
        Deliver(target, y);
    }

    private static void Select<T>(Tensor condition, Tensor a, Tensor b, Tensor y)
        where T : unmanaged, INumber<T>
    {
        Tensor choice = Walkable(condition);
        Tensor left = Walkable(a);
        Tensor right = Walkable(b);
        Tensor target = y.IsContiguous ? y : y.EmptyLike(y.Shape);
        StridedLoop loop = new(y.Shape.Extents, target.Strides, choice.Strides, left.Strides, right.Strides);
        Elementwise.Select(loop, Pointer<T>(choice), Pointer<T>(left), Pointer<T>(right), Pointer<T>(target));
        GiveBack(condition, choice);
        GiveBack(a, left);
        GiveBack(b, right);
        Deliver(target, y);
    }

    private static void AddScaledAs<T>(T alpha, Tensor x, Tensor y)
        where T : unmanaged, INumber<T>
    {
        Tensor source = Walkable(x);
        Elementwise.AddScaled(alpha, new StridedLoop(y.Shape.Extents, y.Strides, source.Strides), Pointer<T>(source), Pointer<T>(y));
        GiveBack(x, source);
    }

    /// <summary>
    /// An operand whose innermost axis of more than one element has stride 1 or 0: itself, or a copy. Copies are made tile by
    /// tile, loops through transposed operands element by element would cost more.
    /// </summary>
    private static Tensor Walkable(Tensor x)
    {
        for (int axis = x.Rank - 1; axis >= 0; axis--)
        {
            if (x.Shape.Extents[axis] != 1)
            {
                return x.Strides[axis] is 0 or 1 ? x : x.Clone();
            }
        }

        return x;
    }

    /// <summary>Returns a temporary copy of an operand at once, where there was one.</summary>
    private static void GiveBack(Tensor? operand, Tensor? used)
    {
        if (!ReferenceEquals(operand, used))
        {
            used?.Dispose();
        }
    }

    /// <summary>Moves a result that was computed aside to where it belongs.</summary>
    private static void Deliver(Tensor target, Tensor y)
    {
        if (!ReferenceEquals(target, y))
        {
            Instance.Copy(target, y);
            target.Dispose();
        }
    }
}
