using Thor.Kernels;

namespace Thor.Engine;

/// <content>Reductions over axes. No axes means all of them; negative axes count from the end.</content>
public sealed partial class Tensor
{
    /// <summary>Reduces the named axes, all of them when none is named. The axes disappear unless kept with extent 1.</summary>
    /// <remarks>
    /// The sum of no elements is 0. Mean, Maximum and Minimum of no elements have no value and are refused.
    /// </remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice, there is nothing to reduce, or the element type does not fit.</exception>
    public Tensor Reduce(ReduceOperation operation, ReadOnlySpan<int> axes, bool keepAxes = false)
    {
        if (DType == DType.Int32 && operation is ReduceOperation.Mean)
        {
            RequireFloating("Mean", this);
        }

        Span<bool> reduced = Rank <= 64 ? stackalloc bool[Rank] : new bool[Rank];
        reduced.Fill(axes.IsEmpty);
        foreach (int named in axes)
        {
            int axis = Shape.Axis(named);
            if (reduced[axis])
            {
                ShapeException.Throw(operation.ToString(), $"axis {named} of {Shape} is named twice");
            }

            reduced[axis] = true;
        }

        int[] kept = Shape.Extents.ToArray();
        List<int> left = [];
        long merged = 1;
        for (int i = 0; i < Rank; i++)
        {
            if (reduced[i])
            {
                merged *= kept[i];
                kept[i] = 1;
            }
            else
            {
                left.Add(kept[i]);
            }
        }

        Shape full = new(kept);
        if (merged == 0 && full.Length > 0
            && operation is ReduceOperation.Mean or ReduceOperation.Maximum or ReduceOperation.Minimum)
        {
            ShapeException.Throw(operation.ToString(), $"{Shape} has no elements along the reduced axes");
        }

        Tensor y = EmptyLike(full);
        Backend.Reduce(operation, this, y);
        return keepAxes ? y : y.Reshape(new Shape(left.ToArray()));
    }

    /// <summary>Sum over the axes.</summary>
    public Tensor Sum(params ReadOnlySpan<int> axes) => Reduce(ReduceOperation.Sum, axes);

    /// <summary>Arithmetic mean over the axes.</summary>
    public Tensor Mean(params ReadOnlySpan<int> axes) => Reduce(ReduceOperation.Mean, axes);

    /// <summary>Largest element over the axes; NaN if any is NaN.</summary>
    public Tensor Max(params ReadOnlySpan<int> axes) => Reduce(ReduceOperation.Maximum, axes);

    /// <summary>Smallest element over the axes; NaN if any is NaN.</summary>
    public Tensor Min(params ReadOnlySpan<int> axes) => Reduce(ReduceOperation.Minimum, axes);

    /// <summary>Sums out what broadcasting to this shape would have repeated: the adjoint of <see cref="BroadcastTo"/>.</summary>
    /// <returns>This tensor where the shape is already right, else a new one.</returns>
    /// <exception cref="ShapeException">The shape does not broadcast to this one.</exception>
    public Tensor SumTo(Shape shape)
    {
        if (shape == Shape)
        {
            return this;
        }

        int added = Rank - shape.Rank;
        int[] kept = new int[Rank];
        Array.Fill(kept, 1);
        bool fits = added >= 0;
        for (int i = 0; fits && i < shape.Rank; i++)
        {
            kept[added + i] = shape.Extents[i];
            fits = shape.Extents[i] == 1 || shape.Extents[i] == Shape.Extents[added + i];
        }

        if (!fits)
        {
            ShapeException.Throw("SumTo", $"{shape} does not broadcast to {Shape}");
        }

        Tensor y = EmptyLike(new Shape(kept));
        Backend.Reduce(ReduceOperation.Sum, this, y);
        return y.Reshape(shape);
    }

    /// <summary>Int32 index of the largest element along the last axis, the first of equals; NaN counts as largest.</summary>
    /// <exception cref="ShapeException">There is no last axis, or it is empty.</exception>
    public Tensor ArgMax()
    {
        RequireAxes("ArgMax", this, 1);
        int n = Shape.Extents[^1];
        if (n == 0)
        {
            ShapeException.Throw("ArgMax", $"{Shape} has no elements along the last axis");
        }

        Tensor rows = Rows();
        Tensor y = Empty(new Shape(Shape.Extents[..^1]), DType.Int32, Device);
        Backend.ArgMax(rows, y.Reshape(rows.Shape.Extents[0]));
        return y;
    }

    /// <summary>All axes but the last merged into one: (rows, n), contiguous.</summary>
    internal Tensor Rows()
    {
        int n = Shape.Extents[^1];
        return Reshape(n == 0 ? checked((int)new Shape(Shape.Extents[..^1]).Length) : checked((int)(Length / n)), n);
    }
}
