using Thor.Engine;

namespace Thor.Autograd;

/// <content>Other arrangements of the same elements. Nothing is copied except where noted.</content>
public partial class Variable
{
    /// <summary>The same elements in another shape; one extent may be -1. Copies only if the value is not contiguous.</summary>
    /// <exception cref="ShapeException">The element counts differ.</exception>
    public Variable Reshape(params ReadOnlySpan<int> extents) => Node.Record("Reshape", Value.Reshape(extents), this, g => g.Reshape(Shape));

    /// <summary>The same elements in another shape.</summary>
    /// <exception cref="ShapeException">The element counts differ.</exception>
    public Variable Reshape(Shape shape) => shape == Shape ? this : Reshape(shape.Extents);

    /// <summary>All axes from one on as a single axis.</summary>
    public Variable Flatten(int startAxis = 1)
    {
        if (startAxis == Shape.Rank)
        {
            return Unsqueeze(startAxis);
        }

        int start = Shape.Axis(startAxis);
        long flat = 1;
        foreach (int extent in Shape.Extents[start..])
        {
            flat *= extent;
        }

        return Reshape(new Shape([.. Shape.Extents[..start], checked((int)flat)]));
    }

    /// <summary>Two axes exchanged; by default the last two.</summary>
    public Variable Transpose(int first = -2, int second = -1) =>
        Node.Record("Transpose", Value.Transpose(first, second), this, g => g.Transpose(first, second));

    /// <summary>Axes in another order: axis i of the result is axis order[i] of this.</summary>
    /// <exception cref="ShapeException">The order is not a permutation of the axes.</exception>
    public Variable Permute(params ReadOnlySpan<int> order)
    {
        Tensor value = Value.Permute(order);
        int[] back = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            back[Shape.Axis(order[i])] = i;
        }

        return Node.Record("Permute", value, this, g => g.Permute(back));
    }

    /// <summary>Elements [start, ...) along an axis, every step-th one, as many as the length says.</summary>
    /// <exception cref="ShapeException">The range leaves the axis.</exception>
    public Variable Slice(int axis, int start, int length, int step = 1) =>
        Node.Record("Slice", Value.Slice(axis, start, length, step), this, g => g.Place(Shape, axis, start, step));

    /// <summary>The part at one index of an axis, without that axis.</summary>
    public Variable Select(int axis, int index) => Slice(axis, index, 1).Squeeze(axis);

    /// <summary>A view in which axes of extent 1 (and missing leading axes) repeat.</summary>
    /// <exception cref="ShapeException">An axis is neither 1 nor equal.</exception>
    public Variable BroadcastTo(Shape shape) =>
        shape == Shape ? this : Node.Record("BroadcastTo", Value.BroadcastTo(shape), this, g => g.SumTo(Shape));

    /// <summary>An extra axis of extent 1.</summary>
    public Variable Unsqueeze(int axis) => Node.Record("Unsqueeze", Value.Unsqueeze(axis), this, g => g.Reshape(Shape));

    /// <summary>Drops an axis of extent 1.</summary>
    /// <exception cref="ShapeException">The axis has another extent.</exception>
    public Variable Squeeze(int axis) => Node.Record("Squeeze", Value.Squeeze(axis), this, g => g.Reshape(Shape));

    /// <summary>Joins variables along an axis, in a new tensor.</summary>
    /// <exception cref="ShapeException">The list is empty, or the shapes differ in another axis.</exception>
    public static Variable Concatenate(IReadOnlyList<Variable> parts, int axis)
    {
        ArgumentNullException.ThrowIfNull(parts);
        Variable[] operands = [.. parts];
        Tensor value = Tensor.Concatenate(Array.ConvertAll(operands, static p => p.Value), axis);
        return Node.Record("Concatenate", value, operands, (g, needed) =>
        {
            Variable?[] gradients = new Variable?[operands.Length];
            int start = 0;
            for (int i = 0; i < operands.Length; i++)
            {
                int length = operands[i].Shape[axis];
                gradients[i] = needed[i] ? g.Slice(axis, start, length) : null;
                start += length;
            }

            return gradients;
        });
    }

    /// <summary>Zeros of a shape with this in the place that Slice would take: the adjoint of Slice.</summary>
    private Variable Place(Shape shape, int axis, int start, int step)
    {
        int length = Shape[axis];
        Tensor value = Tensor.Zeros(shape, DType, Device);
        value.Slice(axis, start, length, step).CopyFrom(Value);
        return Node.Record("Place", value, this, g => g.Slice(axis, start, length, step));
    }
}
