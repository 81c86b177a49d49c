using System.Globalization;

namespace Thor.Engine;

/// <content>Views: no element is copied except where noted.</content>
public sealed partial class Tensor
{
    /// <summary>The same elements in another shape; one extent may be -1 and is computed. Copies only if this tensor is not contiguous.</summary>
    /// <exception cref="ShapeException">The element counts differ.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> extents)
    {
        int[] resolved = extents.ToArray();
        int inferred = Array.IndexOf(resolved, -1);
        if (inferred >= 0)
        {
            long known = 1;
            for (int i = 0; i < resolved.Length; i++)
            {
                known *= i == inferred ? 1 : resolved[i];
            }

            resolved[inferred] = known == 0 ? 0 : (int)(Length / known);
        }

        Shape shape = new(resolved);
        if (shape.Length != Length)
        {
            ShapeException.Throw("Reshape", $"{Shape} has {Length.ToString(CultureInfo.InvariantCulture)} elements, {shape} has {shape.Length.ToString(CultureInfo.InvariantCulture)}");
        }

        Tensor source = Contiguous();
        return source.View(shape, shape.DenseStrides(), source.Offset);
    }

    /// <summary>The same elements in another shape. Copies only if this tensor is not contiguous.</summary>
    public Tensor Reshape(Shape shape) => Reshape(shape.Extents);

    /// <summary>Axes in another order: axis i of the result is axis order[i] of this tensor.</summary>
    /// <exception cref="ShapeException">The order is not a permutation of the axes.</exception>
    public Tensor Permute(params ReadOnlySpan<int> order)
    {
        if (order.Length != Rank)
        {
            ShapeException.Throw("Permute", $"{Shape} has {Rank} axes, the order names {order.Length}");
        }

        int[] extents = new int[Rank];
        long[] strides = new long[Rank];
        ulong seen = 0;
        for (int i = 0; i < Rank; i++)
        {
            int axis = Shape.Axis(order[i]);
            seen |= 1UL << axis;
            extents[i] = Shape.Extents[axis];
            strides[i] = _strides[axis];
        }

        if (seen != (1UL << Rank) - 1)
        {
            ShapeException.Throw("Permute", $"[{string.Join(", ", order.ToArray())}] does not name every axis of {Shape} once");
        }

        return View(new Shape(extents), strides, Offset);
    }

    /// <summary>Two axes exchanged; by default the last two.</summary>
    public Tensor Transpose(int first = -2, int second = -1)
    {
        int[] order = new int[Rank];
        for (int i = 0; i < Rank; i++)
        {
            order[i] = i;
        }

        int a = Shape.Axis(first);
        int b = Shape.Axis(second);
        (order[a], order[b]) = (order[b], order[a]);
        return Permute(order);
    }

    /// <summary>Elements [start, start + length) along an axis, every step-th one.</summary>
    /// <exception cref="ShapeException">The range leaves the axis.</exception>
    public Tensor Slice(int axis, int start, int length, int step = 1)
    {
        axis = Shape.Axis(axis);
        int extent = Shape.Extents[axis];
        if (step < 1 || start < 0 || length < 0 || (length > 0 && start + ((long)(length - 1) * step) >= extent) || start > extent)
        {
            ShapeException.Throw("Slice", $"start {start}, length {length}, step {step} leave axis {axis} of {Shape}");
        }

        long[] strides = (long[])_strides.Clone();
        strides[axis] *= step;
        return View(Shape.With(axis, length), strides, Offset + (start * _strides[axis]));
    }

    /// <summary>The sub-tensor at one index of an axis, without that axis.</summary>
    public Tensor Select(int axis, int index) => Slice(axis, index, 1).Squeeze(axis);

    /// <summary>An extra axis of extent 1 at a position.</summary>
    public Tensor Unsqueeze(int axis)
    {
        int at = axis < 0 ? axis + Rank + 1 : axis;
        if ((uint)at > (uint)Rank)
        {
            ShapeException.Throw("Unsqueeze", $"axis {axis} is outside {Shape}");
        }

        List<int> extents = [.. Shape.Extents];
        List<long> strides = [.. _strides];
        extents.Insert(at, 1);
        strides.Insert(at, at < Rank ? _strides[at] * Shape.Extents[at] : 1);
        return View(new Shape(extents.ToArray()), strides.ToArray(), Offset);
    }

    /// <summary>Drops an axis of extent 1.</summary>
    /// <exception cref="ShapeException">The axis has another extent.</exception>
    public Tensor Squeeze(int axis)
    {
        axis = Shape.Axis(axis);
        if (Shape.Extents[axis] != 1)
        {
            ShapeException.Throw("Squeeze", $"axis {axis} of {Shape} is not 1");
        }

        List<int> extents = [.. Shape.Extents];
        List<long> strides = [.. _strides];
        extents.RemoveAt(axis);
        strides.RemoveAt(axis);
        return View(new Shape(extents.ToArray()), strides.ToArray(), Offset);
    }

    /// <summary>A view in which axes of extent 1 (and missing leading axes) repeat, with stride 0.</summary>
    /// <exception cref="ShapeException">An axis is neither 1 nor equal.</exception>
    public Tensor BroadcastTo(Shape shape)
    {
        if (shape == Shape)
        {
            return this;
        }

        int added = shape.Rank - Rank;
        long[] strides = new long[shape.Rank];
        bool fits = added >= 0;
        for (int i = 0; fits && i < Rank; i++)
        {
            int from = Shape.Extents[i];
            int to = shape.Extents[i + added];
            fits = from == to || from == 1;
            strides[i + added] = from == to ? _strides[i] : 0;
        }

        if (!fits)
        {
            ShapeException.Throw("BroadcastTo", $"{Shape} does not broadcast to {shape}");
        }

        return View(shape, strides, Offset);
    }

    /// <summary>Another view of the same elements, with a life of its own.</summary>
    public Tensor Alias() => View(Shape, _strides, Offset);

    /// <summary>This tensor if it is contiguous, otherwise a row-major copy.</summary>
    public Tensor Contiguous() => IsContiguous ? this : Clone();
}
