namespace Thor.Kernels.Kernels;

/// <summary>
/// Reductions of 32-bit words over any axes, floats or ints as the operation says. The order of operations is a function of the shape
/// and of the kind of device alone.
/// </summary>
/// <remarks>
/// Rows: the columns are reduced, with other axes outside perhaps. Groups of 256 threads, a power of two of them (x) per
/// result; a thread takes every so-many-th element in four sums, then a tree over shared memory (1 KiB).
/// Columns: the columns are kept. Groups of 32 threads along columns (x) by 8 (y), a thread takes every eighth row in four sums, then a tree (1 KiB). Long reductions with few results are cut into segments, whose results a second launch
/// reduces. Where memory lies so, a thread reads vectors of four words: four of them are under way. Each word is read once for one or two operations: memory bounds them.
/// </remarks>
internal static partial class ReductionKernels
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Columns of a group of <see cref="Columns"/>.</summary>
    public const int ColumnsOfGroup = 32;

    private const int LinesOfGroup = GroupSize / ColumnsOfGroup;

    /// <summary>Results over the columns, and over the rows of the reduced axes.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="y">Results, or segment s of result k at k * segments + s.</param>
    /// <param name="kept">Rows are results: where they begin in x, and where they go.</param>
    /// <param name="reduced">Rows and columns of the reduced axes.</param>
    /// <param name="columns">Columns of the reduced axes, to divide by.</param>
    /// <param name="perResult">Elements of a result.</param>
    /// <param name="segments">Parts of a result.</param>
    /// <param name="perSegment">Elements of a part.</param>
    /// <param name="count">What a mean is divided by.</param>
    /// <param name="operation">Of ReduceOperation, plus 32 for ints.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0), KernelVariants(1), KernelVariants(2), KernelVariants(3), KernelVariants(4)]
    [KernelVariants(32), KernelVariants(33), KernelVariants(34), KernelVariants(35), KernelVariants(36)]
    public static void Rows(
        ReadOnlyView<int> x,
        ArrayView<int> y,
        RowLoop kept,
        RowLoop reduced,
        Divisor columns,
        int perResult,
        int segments,
        int perSegment,
        int count,
        SpecializedValue<int> operation)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupSize);
        int lanes = Group.DimX;
        int place = (Group.IdxY * lanes) + Group.IdxX;
        int index = (Grid.IdxX * Group.DimY) + Group.IdxY;
        int result = index / segments;
        int segment = index - (result * segments);
        int sum0 = ReduceMath.Identity(operation.Value);
        if (result < kept.Rows)
        {
            int sum1 = sum0;
            int sum2 = sum0;
            int sum3 = sum0;
            ReadOnlyView<int> from = x.SubView(RowLoops.A(kept, result));
            int end = XMath.Min(perResult, (segment + 1) * perSegment);
            int i = (segment * perSegment) + Group.IdxX;
            for (; i < end - (3 * lanes); i += 4 * lanes)
            {
                int w0 = Element(from, reduced, columns, i);
                int w1 = Element(from, reduced, columns, i + lanes);
                int w2 = Element(from, reduced, columns, i + (2 * lanes));
                int w3 = Element(from, reduced, columns, i + (3 * lanes));
                sum0 = ReduceMath.Combine(operation.Value, sum0, ReduceMath.Enter(operation.Value, w0));
                sum1 = ReduceMath.Combine(operation.Value, sum1, ReduceMath.Enter(operation.Value, w1));
                sum2 = ReduceMath.Combine(operation.Value, sum2, ReduceMath.Enter(operation.Value, w2));
                sum3 = ReduceMath.Combine(operation.Value, sum3, ReduceMath.Enter(operation.Value, w3));
            }

            for (; i < end; i += lanes)
            {
                sum0 = ReduceMath.Combine(operation.Value, sum0, ReduceMath.Enter(operation.Value, Element(from, reduced, columns, i)));
            }

            sum0 = ReduceMath.Combine(
                operation.Value, ReduceMath.Combine(operation.Value, sum0, sum1), ReduceMath.Combine(operation.Value, sum2, sum3));
        }

        shared[place] = sum0;
        for (int half = lanes / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                shared[place] = ReduceMath.Combine(operation.Value, shared[place], shared[place + half]);
            }
        }

        if (Group.IdxX == 0 && result < kept.Rows)
        {
            long to = segments == 1 ? RowLoops.Y(kept, result) : index;
            y[to] = ReduceMath.Leave(operation.Value, shared[place], count);
        }
    }

    /// <summary>Results for every column, over the rows of the reduced axes.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="y">Results, or segment s of kept row k at row k * segments + s.</param>
    /// <param name="kept">Rows and columns of results: where they begin in x, and where they go.</param>
    /// <param name="reduced">Rows of the reduced axes.</param>
    /// <param name="segments">Parts of a result.</param>
    /// <param name="perSegment">Rows of a part.</param>
    /// <param name="count">What a mean is divided by.</param>
    /// <param name="operation">Of ReduceOperation, plus 32 for ints.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0), KernelVariants(1), KernelVariants(2), KernelVariants(3), KernelVariants(4)]
    [KernelVariants(32), KernelVariants(33), KernelVariants(34), KernelVariants(35), KernelVariants(36)]
    public static void Columns(
        ReadOnlyView<int> x, ArrayView<int> y, RowLoop kept, RowLoop reduced, int segments, int perSegment, int count, SpecializedValue<int> operation)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupSize);
        int panels = (kept.Columns + ColumnsOfGroup - 1) / ColumnsOfGroup;
        int index = Grid.IdxX / panels;
        int row = index / segments;
        int segment = index - (row * segments);
        int column = ((Grid.IdxX - (index * panels)) * ColumnsOfGroup) + Group.IdxX;
        int place = (Group.IdxY * ColumnsOfGroup) + Group.IdxX;
        int sum0 = ReduceMath.Identity(operation.Value);
        if (column < kept.Columns)
        {
            int sum1 = sum0;
            int sum2 = sum0;
            int sum3 = sum0;
            ReadOnlyView<int> from = x.SubView(RowLoops.A(kept, row) + (column * kept.StepA));
            int end = XMath.Min(reduced.Rows, (segment + 1) * perSegment);
            int i = (segment * perSegment) + Group.IdxY;
            for (; i < end - (3 * LinesOfGroup); i += 4 * LinesOfGroup)
            {
                int w0 = from[RowLoops.A(reduced, i)];
                int w1 = from[RowLoops.A(reduced, i + LinesOfGroup)];
                int w2 = from[RowLoops.A(reduced, i + (2 * LinesOfGroup))];
                int w3 = from[RowLoops.A(reduced, i + (3 * LinesOfGroup))];
                sum0 = ReduceMath.Combine(operation.Value, sum0, ReduceMath.Enter(operation.Value, w0));
                sum1 = ReduceMath.Combine(operation.Value, sum1, ReduceMath.Enter(operation.Value, w1));
                sum2 = ReduceMath.Combine(operation.Value, sum2, ReduceMath.Enter(operation.Value, w2));
                sum3 = ReduceMath.Combine(operation.Value, sum3, ReduceMath.Enter(operation.Value, w3));
            }

            for (; i < end; i += LinesOfGroup)
            {
                sum0 = ReduceMath.Combine(operation.Value, sum0, ReduceMath.Enter(operation.Value, from[RowLoops.A(reduced, i)]));
            }

            sum0 = ReduceMath.Combine(
                operation.Value, ReduceMath.Combine(operation.Value, sum0, sum1), ReduceMath.Combine(operation.Value, sum2, sum3));
        }

        shared[place] = sum0;
        for (int half = LinesOfGroup / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxY < half)
            {
                shared[place] = ReduceMath.Combine(operation.Value, shared[place], shared[place + (half * ColumnsOfGroup)]);
            }
        }

        if (Group.IdxY == 0 && column < kept.Columns)
        {
            long to = segments == 1 ? RowLoops.Y(kept, row) + (column * kept.StepY) : ((long)index * kept.Columns) + column;
            y[to] = ReduceMath.Leave(operation.Value, shared[place], count);
        }
    }

    private static int Element(ReadOnlyView<int> from, RowLoop reduced, Divisor columns, int index)
    {
        long at;
        if (reduced.Rows == 1)
        {
            at = index * reduced.StepA;
        }
        else
        {
            int row = Divisor.Quotient(index, columns);
            at = RowLoops.A(reduced, row) + ((index - (row * reduced.Columns)) * reduced.StepA);
        }

        return from[at];
    }
}
