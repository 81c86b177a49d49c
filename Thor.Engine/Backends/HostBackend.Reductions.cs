using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Reductions.</content>
internal sealed unsafe partial class HostBackend
{
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
        long rows = x.Shape.Extents[0];
        int n = x.Shape.Extents[1];
        switch (x.DType)
        {
            case DType.Float32:
                ArgMaximum.Rows(Pointer<float>(x), Pointer<int>(y), rows, n);
                break;
            case DType.Float64:
                ArgMaximum.Rows(Pointer<double>(x), Pointer<int>(y), rows, n);
                break;
            default:
                ArgMaximum.Rows(Pointer<int>(x), Pointer<int>(y), rows, n);
                break;
        }
    }

    private static void Reduce<T>(ReduceOperation operation, Tensor x, Tensor y)
        where T : unmanaged, INumber<T>
    {
        Span<long> steps = stackalloc long[x.Rank];
        for (int axis = 0; axis < x.Rank; axis++)
        {
            steps[axis] = y.Shape.Extents[axis] == 1 ? 0 : y.Strides[axis];
        }

        Tensor source = InnerDense(x) ? x : x.Clone();
        StridedLoop loop = new(x.Shape.Extents, source.Strides, steps);
        Reduction.Reduce(operation, loop, Pointer<T>(source), Pointer<T>(y), y.Length);
        GiveBack(x, source);
    }

    /// <summary>True if neighbours along the innermost axis of more than one element are neighbours in memory.</summary>
    private static bool InnerDense(Tensor x)
    {
        for (int axis = x.Rank - 1; axis >= 0; axis--)
        {
            if (x.Shape.Extents[axis] != 1)
            {
                return x.Strides[axis] == 1;
            }
        }

        return true;
    }
}
