using Thor.Kernels;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Reductions.</content>
internal sealed partial class AcceleratorBackend
{
    public override void Reduce(ReduceOperation operation, Tensor x, Tensor y)
    {
        Span<long> steps = stackalloc long[x.Rank];
        for (int axis = 0; axis < x.Rank; axis++)
        {
            steps[axis] = y.Shape.Extents[axis] == 1 ? 0 : y.Strides[axis];
        }

        ReductionLaunch.Reduce(
            Stream, operation, x.DType == DType.Int32, x.Shape.Extents, Operand(x), new StridedOperand(View<int>(y), steps), checked((int)y.Length));
    }

    public override void ArgMax(Tensor x, Tensor y)
    {
        RequireKind(x);
        ReductionLaunch.ArgMax(Stream, x.DType == DType.Int32, View<int>(x), View<int>(y), x.Shape.Extents[0], x.Shape.Extents[1]);
    }
}
