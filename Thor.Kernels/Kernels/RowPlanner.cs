using System.Numerics;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Turns the loop of an element-wise operation into what its kernel takes, and into the size of the launch.</summary>
internal static class RowPlanner
{
    // Elements of a processor's thread, so many that starting it does not show.
    private const int CheapGrain = 32768;
    private const int CostlyGrain = 8192;

    // Parts of a row begin at multiples of a cache line.
    private const int PartAlignment = 64;

    // Columns of a thread beside others.
    private const int ColumnsPerThread = 4;

    private const int VectorBytes = 16;
    private const int NoFlatKind = int.MaxValue;

    private const int MostRowsOfGrid = 65535;

    // Kernels count rows and columns in 32 bits, and go beyond the last by less than a grid.
    private const long MostRows = 1L << 30;

    /// <summary>The axes with more than one element, those along which the first operand's neighbours lie nearest innermost.</summary>
    public static StridedLoop Arrange(
        ReadOnlySpan<int> extents, ReadOnlySpan<long> first, ReadOnlySpan<long> second = default, ReadOnlySpan<long> third = default, ReadOnlySpan<long> fourth = default)
    {
        Span<int> order = stackalloc int[extents.Length];
        int rank = 0;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            if (extents[axis] == 1)
            {
                continue;
            }

            int at = rank++;
            for (; at > 0 && first[order[at - 1]] < first[axis]; at--)
            {
                order[at] = order[at - 1];
            }

            order[at] = axis;
        }

        Span<int> sorted = stackalloc int[rank];
        Span<long> strides = stackalloc long[rank * StridedLoop.Operands];
        for (int axis = 0; axis < rank; axis++)
        {
            sorted[axis] = extents[order[axis]];
            strides[axis] = first[order[axis]];
            strides[rank + axis] = second.IsEmpty ? 0 : second[order[axis]];
            strides[(2 * rank) + axis] = third.IsEmpty ? 0 : third[order[axis]];
            strides[(3 * rank) + axis] = fourth.IsEmpty ? 0 : fourth[order[axis]];
        }

        return new StridedLoop(sorted, strides[..rank], strides.Slice(rank, rank), strides.Slice(2 * rank, rank), strides.Slice(3 * rank, rank));
    }

    /// <summary>True if a kernel can walk the loop.</summary>
    public static bool Fits(in StridedLoop loop) => loop.Rank <= RowLoop.MaximumOuter + 1;

    /// <summary>What the kernel takes; operands in the order y, a, b, c.</summary>
    /// <exception cref="NotSupportedException">More rows or columns than kernels count.</exception>
    public static RowLoop Plan(in StridedLoop loop, bool processor, bool costly, out KernelConfig config)
    {
        long rows = loop.Length / loop.Inner;
        if (loop.Inner > MostRows || rows > MostRows)
        {
            throw new NotSupportedException($"Element-wise kernels take up to {MostRows} rows of as many columns; these operands have {rows} rows of {loop.Inner}.");
        }

        RowLoop plan = Axes(loop, loop.Rank - 1);
        plan.Columns = (int)loop.Inner;
        plan.Rows = (int)rows;
        config = processor ? Along(ref plan, costly ? CostlyGrain : CheapGrain) : Beside(ref plan);
        return plan;
    }

    /// <summary>
    /// Turns a plan into one for four neighbours per thread, if the result is dense and memory lies so that they are vectors; else leaves it.
    /// </summary>
    /// <param name="plan">A plan for a GPU.</param>
    /// <param name="loop">Its loop, operands in the order y, a, b, c.</param>
    /// <param name="y">The result.</param>
    /// <param name="a">First operand; without words where it is a number.</param>
    /// <param name="b">Second operand, likewise.</param>
    /// <param name="c">Third operand, likewise.</param>
    /// <param name="config">Changed with the plan.</param>
    /// <returns>True if the plan was changed.</returns>
    public static bool Flatten(
        ref RowLoop plan, in StridedLoop loop, ArrayView<int> y, ArrayView<int> a, ArrayView<int> b, ArrayView<int> c, ref KernelConfig config)
    {
        long dense = 1;
        bool flat = y.OffsetInBytes % VectorBytes == 0 && loop.Length <= MostRows;
        for (int axis = loop.Rank - 1; axis >= 0; axis--)
        {
            flat &= loop.Stride(0, axis) == dense;
            dense *= loop.Extent(axis);
        }

        if (!flat)
        {
            return false;
        }

        int kindA = Kind(loop, 1, a);
        int kindB = Kind(loop, 2, b);
        int kindC = Kind(loop, 3, c);
        bool needsRows = kindA >= FlatKind.Vector || kindB >= FlatKind.Vector || kindC >= FlatKind.Vector;
        if (kindA == NoFlatKind || kindB == NoFlatKind || kindC == NoFlatKind)
        {
            return false;
        }

        bool aligned = (kindA != FlatKind.Same || a.OffsetInBytes % VectorBytes == 0)
            && (kindB != FlatKind.Same || b.OffsetInBytes % VectorBytes == 0)
            && (kindC != FlatKind.Same || c.OffsetInBytes % VectorBytes == 0);
        if (!aligned || (needsRows && plan.Columns % ColumnsPerThread != 0))
        {
            return false;
        }

        plan.KindA = kindA;
        plan.KindB = kindB;
        plan.KindC = kindC;
        plan.NeedsRows = needsRows ? 1 : 0;
        plan.DivisorColumns = Divisor.Of(plan.Columns);
        config = KernelConfig.Cover((loop.Length + ColumnsPerThread - 1) / ColumnsPerThread, RowForm.GroupSize);
        return true;
    }

    /// <summary>A loop of rows, with the innermost axis as columns or with one column; operands in the order y, a, b, c. Not cut into threads.</summary>
    public static RowLoop Whole(in StridedLoop loop, bool columns)
    {
        RowLoop plan = Axes(loop, columns ? loop.Rank - 1 : loop.Rank);
        plan.Columns = columns ? checked((int)loop.Inner) : 1;
        plan.Rows = checked((int)(loop.Length / plan.Columns));
        return plan;
    }

    private static KernelConfig Along(ref RowLoop plan, int grain)
    {
        if (plan.Columns >= 2 * grain)
        {
            int parts = plan.Columns / grain;
            plan.Part = (((plan.Columns + parts - 1) / parts) + PartAlignment - 1) / PartAlignment * PartAlignment;
            plan.Parts = (plan.Columns + plan.Part - 1) / plan.Part;
            plan.RowsPerThread = 1;
        }
        else
        {
            plan.Part = plan.Columns;
            plan.Parts = 1;
            plan.RowsPerThread = Math.Max(1, grain / plan.Columns);
        }

        return new KernelConfig((plan.Rows + plan.RowsPerThread - 1) / plan.RowsPerThread * plan.Parts, 1);
    }

    private static KernelConfig Beside(ref RowLoop plan)
    {
        // A few threads per row still read whole sectors of memory.
        int across = (plan.Columns + ColumnsPerThread - 1) / ColumnsPerThread;
        int side = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)across), 8, RowForm.GroupSize);
        int rows = RowForm.GroupSize / side;
        plan.Part = side * ColumnsPerThread;
        plan.Parts = (plan.Columns + plan.Part - 1) / plan.Part;
        plan.RowsPerThread = 1;
        return new KernelConfig(new Index3D(plan.Parts, Math.Min(MostRowsOfGrid, (plan.Rows + rows - 1) / rows), 1), new Index3D(side, rows, 1));
    }

    private static RowLoop Axes(in StridedLoop loop, int inner)
    {
        bool columns = inner < loop.Rank;
        return new RowLoop
        {
            One = 1,
            Rank = Math.Max(1, inner),
            Extent0 = Extent(loop, inner, 0),
            Extent1 = Extent(loop, inner, 1),
            Extent2 = Extent(loop, inner, 2),
            Divisor0 = Divisor.Of(Extent(loop, inner, 0)),
            Divisor1 = Divisor.Of(Extent(loop, inner, 1)),
            Divisor2 = Divisor.Of(Extent(loop, inner, 2)),
            Y0 = Stride(loop, 0, inner, 0),
            Y1 = Stride(loop, 0, inner, 1),
            Y2 = Stride(loop, 0, inner, 2),
            Y3 = Stride(loop, 0, inner, 3),
            A0 = Stride(loop, 1, inner, 0),
            A1 = Stride(loop, 1, inner, 1),
            A2 = Stride(loop, 1, inner, 2),
            A3 = Stride(loop, 1, inner, 3),
            B0 = Stride(loop, 2, inner, 0),
            B1 = Stride(loop, 2, inner, 1),
            B2 = Stride(loop, 2, inner, 2),
            B3 = Stride(loop, 2, inner, 3),
            C0 = Stride(loop, 3, inner, 0),
            C1 = Stride(loop, 3, inner, 1),
            C2 = Stride(loop, 3, inner, 2),
            C3 = Stride(loop, 3, inner, 3),
            StepY = columns ? loop.Stride(0, inner) : 0,
            StepA = columns ? loop.Stride(1, inner) : 0,
            StepB = columns ? loop.Stride(2, inner) : 0,
            StepC = columns ? loop.Stride(3, inner) : 0,
        };
    }

    private static int Kind(in StridedLoop loop, int operand, ArrayView<int> words)
    {
        if (!words.IsValid)
        {
            return FlatKind.Number;
        }

        bool same = true;
        bool vector = words.OffsetInBytes % VectorBytes == 0 && loop.InnerStride(operand) == 1;
        for (int axis = 0; axis < loop.Rank; axis++)
        {
            same &= loop.Stride(operand, axis) == loop.Stride(0, axis);
            vector &= axis == loop.Rank - 1 || loop.Stride(operand, axis) % ColumnsPerThread == 0;
        }

        return same ? FlatKind.Same : vector ? FlatKind.Vector : loop.InnerStride(operand) == 0 ? FlatKind.Repeated : NoFlatKind;
    }

    private static int Extent(in StridedLoop loop, int inner, int outer) => outer < inner ? (int)loop.Extent(inner - 1 - outer) : 1;

    private static long Stride(in StridedLoop loop, int operand, int inner, int outer) => outer < inner ? loop.Stride(operand, inner - 1 - outer) : 0;
}
