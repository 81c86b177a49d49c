using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd;

/// <content>Reductions over axes. Negative axes count from the end; no axes means all.</content>
public partial class Variable
{
    /// <summary>The sum over axes, which are dropped.</summary>
    public Variable Sum(params ReadOnlySpan<int> axes) => Sum(axes, keepAxes: false);

    /// <summary>The sum over axes, which stay with extent 1 or are dropped.</summary>
    public Variable Sum(ReadOnlySpan<int> axes, bool keepAxes)
    {
        Shape kept = Kept(axes);
        return Node.Record("Sum", Value.Reduce(ReduceOperation.Sum, axes, keepAxes), this, g => g.Reshape(kept).BroadcastTo(Shape));
    }

    /// <summary>The arithmetic mean over axes, which are dropped.</summary>
    public Variable Mean(params ReadOnlySpan<int> axes) => Mean(axes, keepAxes: false);

    /// <summary>The arithmetic mean over axes, which stay with extent 1 or are dropped.</summary>
    public Variable Mean(ReadOnlySpan<int> axes, bool keepAxes)
    {
        Shape kept = Kept(axes);
        double share = (double)kept.Length / Shape.Length;
        return Node.Record("Mean", Value.Reduce(ReduceOperation.Mean, axes, keepAxes), this, g => (g * share).Reshape(kept).BroadcastTo(Shape));
    }

    /// <summary>The largest element along an axis, which is dropped or stays with extent 1. Equals share the gradient evenly.</summary>
    public Variable Max(int axis, bool keepAxes = false) => Extreme("Max", ReduceOperation.Maximum, axis, keepAxes);

    /// <summary>The smallest element along an axis, which is dropped or stays with extent 1. Equals share the gradient evenly.</summary>
    public Variable Min(int axis, bool keepAxes = false) => Extreme("Min", ReduceOperation.Minimum, axis, keepAxes);

    /// <summary>log(sum(e^x)) along an axis, without overflow; the axis is dropped or stays with extent 1.</summary>
    public Variable LogSumExp(int axis, bool keepAxes = false)
    {
        // Any shift gives the same value and derivative; the maximum keeps e^x in range, and an infinite one must not make NaN of inf - inf.
        Tensor largest = Value.Reduce(ReduceOperation.Maximum, [axis], keepAxes: true);
        Tensor shift = Tensor.Where(largest.Map(UnaryOperation.IsFinite), largest, Tensor.Scalar(0, DType, Device));
        Variable sum = (this - shift).Exp().Sum([axis], keepAxes: true).Log() + shift;
        return keepAxes ? sum : sum.Squeeze(axis);
    }

    /// <summary>Sums away what broadcasting to this shape from a smaller one would have repeated.</summary>
    /// <exception cref="ShapeException">The shape does not broadcast to this one.</exception>
    public Variable SumTo(Shape shape) =>
        shape == Shape ? this : Node.Record("SumTo", Value.SumTo(shape), this, g => g.BroadcastTo(Shape));

    private Variable Extreme(string name, ReduceOperation operation, int axis, bool keepAxes)
    {
        Tensor value = Value.Reduce(operation, [axis], keepAxes);
        Shape kept = Kept([axis]);
        return Node.Record(name, value, this, g =>
        {
            Tensor reached = Tensor.Map(BinaryOperation.Equal, Value, value.Reshape(kept));
            Tensor share = reached / reached.Reduce(ReduceOperation.Sum, [axis], keepAxes: true);
            return g.Reshape(kept) * share;
        });
    }

    /// <summary>This shape with the reduced axes at extent 1.</summary>
    private Shape Kept(ReadOnlySpan<int> axes)
    {
        int[] extents = Shape.Extents.ToArray();
        if (axes.IsEmpty)
        {
            Array.Fill(extents, 1);
        }

        foreach (int axis in axes)
        {
            extents[Shape.Axis(axis)] = 1;
        }

        return new Shape(extents);
    }
}
