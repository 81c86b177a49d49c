using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Launches fills, copies and conversions of 32-bit words between any two layouts.</summary>
public static class CopyLaunch
{
    // Fewer lines than this are not worth a tile.
    internal const int FewestLines = 4;

    /// <summary>y = the word everywhere.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="word">Bits of a float or an int.</param>
    /// <param name="extents">Of y.</param>
    /// <param name="y">The result.</param>
    public static void Fill(AcceleratorStream stream, int word, ReadOnlySpan<int> extents, StridedOperand y)
    {
        ArgumentNullException.ThrowIfNull(stream);
        StridedLoop loop = RowPlanner.Arrange(extents, y.Strides);
        if (RowPlanner.Fits(loop))
        {
            ElementwiseLaunch.Launch(stream, ElementOperation.Copy, loop, default, OperandKind.Number, y.Words, word);
            return;
        }

        int axis = y.OutermostAxis(extents);
        int[] rest = Without(extents, axis);
        for (int i = 0; i < extents[axis]; i++)
        {
            Fill(stream, word, rest, y.Slice(axis, i));
        }
    }

    /// <summary>y = x, word for word.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="extents">Of y.</param>
    /// <param name="x">May repeat; must not overlap y.</param>
    /// <param name="y">The result.</param>
    public static void Copy(AcceleratorStream stream, ReadOnlySpan<int> extents, StridedOperand x, StridedOperand y) =>
        Move(stream, ElementOperation.Copy, extents, x, y);

    /// <summary>y = x, floats to ints toward zero, saturating, NaN to 0.</summary>
    public static void ToInteger(AcceleratorStream stream, ReadOnlySpan<int> extents, StridedOperand x, StridedOperand y) =>
        Move(stream, ElementOperation.ToInteger, extents, x, y);

    /// <summary>y = x, ints to the nearest floats.</summary>
    public static void ToFloat(AcceleratorStream stream, ReadOnlySpan<int> extents, StridedOperand x, StridedOperand y) =>
        Move(stream, ElementOperation.ToFloat, extents, x, y);

    /// <summary>An operand's words side by side in new memory, in the order of the extents' axes.</summary>
    internal static MemoryBuffer<int> Gather(AcceleratorStream stream, ReadOnlySpan<int> extents, StridedOperand x)
    {
        Span<long> strides = stackalloc long[extents.Length];
        int length = checked((int)DenseStrides(extents, strides));
        MemoryBuffer<int> dense = stream.Accelerator.Allocate<int>(length);
        Copy(stream, extents, x, new StridedOperand(dense.View, strides));
        return dense;
    }

    /// <summary>Strides of words side by side; returns their number.</summary>
    internal static long DenseStrides(ReadOnlySpan<int> extents, Span<long> strides)
    {
        long length = 1;
        for (int axis = extents.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = length;
            length *= extents[axis];
        }

        return length;
    }

    /// <summary>
    /// The axis along which the second operand has neighbours in memory where the first has them along the innermost: worth tiles.
    /// -1 where there is none.
    /// </summary>
    internal static int AxisAcross(in StridedLoop loop)
    {
        int inner = loop.Rank - 1;
        if (loop.Stride(0, inner) != 1 || loop.Stride(1, inner) is 0 or 1 || loop.Inner < FewestLines)
        {
            return -1;
        }

        for (int axis = inner - 1; axis >= 0; axis--)
        {
            if (loop.Stride(1, axis) == 1 && loop.Extent(axis) >= FewestLines)
            {
                return axis;
            }
        }

        return -1;
    }

    /// <summary>Extents without an axis: where there are more axes than a kernel takes, launches walk over one.</summary>
    internal static int[] Without(ReadOnlySpan<int> extents, int axis) => [.. extents[..axis], .. extents[(axis + 1)..]];

    private static void Move(AcceleratorStream stream, int operation, ReadOnlySpan<int> extents, StridedOperand x, StridedOperand y)
    {
        ArgumentNullException.ThrowIfNull(stream);
        StridedLoop loop = RowPlanner.Arrange(extents, y.Strides, x.Strides);
        if (loop.Length == 0)
        {
            return;
        }

        int across = AxisAcross(loop);
        if (across >= 0 && loop.Rank <= RowLoop.MaximumOuter + 2)
        {
            Transpose(stream, operation, loop, across, x.Words, y.Words);
        }
        else if (RowPlanner.Fits(loop))
        {
            bool dense = operation == ElementOperation.Copy && loop.Rank == 1 && loop.InnerStride(0) == 1 && loop.InnerStride(1) == 1;
            if (dense && !DeviceShape.IsProcessor(stream))
            {
                // buffers of launches have a buffer
                stream.Copy(x.Words.Buffer!, x.Words.OffsetInBytes, y.Words.Buffer!, y.Words.OffsetInBytes, loop.Length * sizeof(int));
                return;
            }

            ElementwiseLaunch.Launch(stream, operation, loop, x.Words, ElementwiseLaunch.Kind(loop, 1), y.Words, 0);
        }
        else
        {
            int axis = y.OutermostAxis(extents);
            int[] rest = Without(extents, axis);
            for (int i = 0; i < extents[axis]; i++)
            {
                Move(stream, operation, rest, x.Slice(axis, i), y.Slice(axis, i));
            }
        }
    }

    private static void Transpose(AcceleratorStream stream, int operation, in StridedLoop loop, int across, ArrayView<int> x, ArrayView<int> y)
    {
        // The axis across leaves the rows.
        int rank = loop.Rank - 1;
        Span<int> extents = stackalloc int[rank];
        Span<long> strides = stackalloc long[2 * rank];
        int at = 0;
        for (int axis = 0; axis < loop.Rank; axis++)
        {
            if (axis != across)
            {
                extents[at] = checked((int)loop.Extent(axis));
                strides[at] = loop.Stride(0, axis);
                strides[rank + at] = loop.Stride(1, axis);
                at++;
            }
        }

        bool processor = DeviceShape.IsProcessor(stream);
        RowLoop plan = RowPlanner.Plan(new StridedLoop(extents, strides[..rank], strides[rank..]), processor, false, out _);
        int depth = checked((int)loop.Extent(across));
        long step = loop.Stride(0, across);
        SpecializedValue<int> specialized = new(operation);
        if (!processor)
        {
            Index3D group = new(TransposeKernels.Tile, TransposeKernels.Lines, 1);
            stream.Launch(
                new KernelConfig(Tiles(plan, TransposeKernels.Tile, depth, TransposeKernels.Tile), group),
                new TransposeKernels.TilesKernel(x, y, plan, depth, step, specialized));
        }
        else if (operation == ElementOperation.Copy && HasWholeSquares(loop, x, y))
        {
            stream.Launch(
                new KernelConfig(Tiles(plan, TransposeKernels.StripColumns, depth, TransposeKernels.SquaresTile), 1),
                new TransposeKernels.SquaresKernel(x, y, plan, depth, step));
        }
        else
        {
            stream.Launch(
                new KernelConfig(Tiles(plan, TransposeKernels.ProcessorTile, depth, TransposeKernels.ProcessorTile), 1),
                new TransposeKernels.BlocksKernel(x, y, plan, depth, step, specialized));
        }
    }

    private static int Tiles(in RowLoop plan, int columnsOfTile, int across, int acrossOfTile) => checked(
        (int)((long)plan.Rows * ((plan.Columns + columnsOfTile - 1) / columnsOfTile) * ((across + acrossOfTile - 1) / acrossOfTile)));

    /// <summary>True if every line of both operands begins where a vector may.</summary>
    private static bool HasWholeSquares(in StridedLoop loop, ArrayView<int> x, ArrayView<int> y)
    {
        bool whole = (x.OffsetInBytes | y.OffsetInBytes) % (TransposeKernels.Edge * sizeof(float)) == 0;
        for (int axis = 0; whole && axis < loop.Rank; axis++)
        {
            whole = (loop.Stride(0, axis) == 1 || loop.Stride(0, axis) % TransposeKernels.Edge == 0)
                && (loop.Stride(1, axis) == 1 || loop.Stride(1, axis) % TransposeKernels.Edge == 0);
        }

        return whole;
    }
}
