namespace Thor.Kernels.Kernels;

/// <summary>
/// The reductions of <see cref="ReductionKernels"/> by processors' threads, in groups of one, along columns that lie side by side.
/// </summary>
/// <remarks>
/// Rows: 64 sums of floats side by side in registers, then halves onto halves; long runs are cut and the sums of rows add up in blocks, so that errors grow slowly.
/// Columns: a panel of up to 256 sums in the first-level cache, four rows at a time.
/// </remarks>
internal static partial class ReductionProcessorKernels
{
    /// <summary>Columns of a panel.</summary>
    public const int Panel = 256;

    private const int Lanes = 16;
    private const int Block = 64;
    private const int LongestRun = 8192;

    /// <summary>Results over the columns, and over the rows of the reduced axes.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="y">Results, or segment s of result k at k * segments + s.</param>
    /// <param name="kept">Rows are results: where they begin in x, and where they go.</param>
    /// <param name="reduced">Rows and columns of the reduced axes; the step is 1.</param>
    /// <param name="run">Results of a thread; 1 where they are cut.</param>
    /// <param name="segments">Parts of a result.</param>
    /// <param name="perSegment">Rows of a part, or columns where there is one row.</param>
    /// <param name="count">What a mean is divided by.</param>
    /// <param name="operation">Of ReduceOperation, plus 32 for ints.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void Rows(
        ReadOnlyView<int> x, ArrayView<int> y, RowLoop kept, RowLoop reduced, int run, int segments, int perSegment, int count, SpecializedValue<int> operation)
    {
        int first = Grid.IdxX / segments * run;
        int segment = Grid.IdxX % segments;
        int last = XMath.Min(kept.Rows, first + run);
        bool cutsColumns = reduced.Rows == 1;
        int firstRow = cutsColumns ? 0 : segment * perSegment;
        int lastRow = cutsColumns ? 1 : XMath.Min(reduced.Rows, firstRow + perSegment);
        int firstColumn = cutsColumns ? segment * perSegment : 0;
        int columns = cutsColumns ? XMath.Min(reduced.Columns - firstColumn, perSegment) : reduced.Columns;
        for (int result = first; result < last; result++)
        {
            ReadOnlyView<int> from = x.SubView(RowLoops.A(kept, result) + firstColumn);
            int total = ReduceMath.Identity(operation.Value);
            for (int block = firstRow; block < lastRow; block += Block)
            {
                int inBlock = ReduceMath.Identity(operation.Value);
                int end = XMath.Min(lastRow, block + Block);
                for (int row = block; row < end; row++)
                {
                    ReadOnlyView<int> line = from.SubView(RowLoops.A(reduced, row));
                    for (int column = 0; column < columns; column += LongestRun)
                    {
                        int word = Run(line.SubView(column), XMath.Min(LongestRun, columns - column), operation.Value);
                        inBlock = ReduceMath.Combine(operation.Value, inBlock, word);
                    }
                }

                total = ReduceMath.Combine(operation.Value, total, inBlock);
            }

            long to = segments == 1 ? RowLoops.Y(kept, result) : Grid.IdxX;
            y[to] = ReduceMath.Leave(operation.Value, total, count);
        }
    }

    /// <summary>Results for every column, over the rows of the reduced axes.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="y">Results, or segment s of kept row k at row k * segments + s.</param>
    /// <param name="kept">Rows and columns of results: where they begin in x, and where they go; the step in x is 1.</param>
    /// <param name="reduced">Rows of the reduced axes.</param>
    /// <param name="segments">Parts of a result.</param>
    /// <param name="perSegment">Rows of a part.</param>
    /// <param name="count">What a mean is divided by.</param>
    /// <param name="operation">Of ReduceOperation, plus 32 for ints.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void Columns(
        ReadOnlyView<int> x, ArrayView<int> y, RowLoop kept, RowLoop reduced, int segments, int perSegment, int count, SpecializedValue<int> operation)
    {
        ArrayView<int> sums = LocalMemory.Allocate<int>(Panel);
        int panels = (kept.Columns + Panel - 1) / Panel;
        int index = Grid.IdxX / panels;
        int keptRow = index / segments;
        int segment = index - (keptRow * segments);
        int firstColumn = (Grid.IdxX - (index * panels)) * Panel;
        int width = XMath.Min(Panel, kept.Columns - firstColumn);
        for (int column = 0; column < Iterations.Independent(width); column++)
        {
            sums[column] = ReduceMath.Identity(operation.Value);
        }

        ReadOnlyView<int> from = x.SubView(RowLoops.A(kept, keptRow) + firstColumn);
        int row = segment * perSegment;
        int end = XMath.Min(reduced.Rows, row + perSegment);
        for (; row < end - 3; row += 4)
        {
            ReadOnlyView<int> r0 = from.SubView(RowLoops.A(reduced, row));
            ReadOnlyView<int> r1 = from.SubView(RowLoops.A(reduced, row + 1));
            ReadOnlyView<int> r2 = from.SubView(RowLoops.A(reduced, row + 2));
            ReadOnlyView<int> r3 = from.SubView(RowLoops.A(reduced, row + 3));
            for (int column = 0; column < Iterations.Independent(width); column++)
            {
                int a = ReduceMath.Combine(operation.Value, ReduceMath.Enter(operation.Value, r0[column]), ReduceMath.Enter(operation.Value, r1[column]));
                int b = ReduceMath.Combine(operation.Value, ReduceMath.Enter(operation.Value, r2[column]), ReduceMath.Enter(operation.Value, r3[column]));
                sums[column] = ReduceMath.Combine(operation.Value, sums[column], ReduceMath.Combine(operation.Value, a, b));
            }
        }

        for (; row < end; row++)
        {
            ReadOnlyView<int> r0 = from.SubView(RowLoops.A(reduced, row));
            for (int column = 0; column < Iterations.Independent(width); column++)
            {
                sums[column] = ReduceMath.Combine(operation.Value, sums[column], ReduceMath.Enter(operation.Value, r0[column]));
            }
        }

        if (segments == 1)
        {
            ArrayView<int> to = y.SubView(RowLoops.Y(kept, keptRow));
            for (int column = 0; column < Iterations.Independent(width); column++)
            {
                to[(firstColumn + column) * kept.StepY] = ReduceMath.Leave(operation.Value, sums[column], count);
            }
        }
        else
        {
            ArrayView<int> to = y.SubView(((long)index * kept.Columns) + firstColumn);
            for (int column = 0; column < Iterations.Independent(width); column++)
            {
                to[column] = ReduceMath.Leave(operation.Value, sums[column], 1);
            }
        }
    }

    /// <summary>A contiguous run: floats in 64 lanes, which must be summed in their order; what ints do compilers may reorder.</summary>
    private static int Run(ReadOnlyView<int> x, int n, int operation)
    {
        int total = ReduceMath.Identity(operation);
        int i = 0;
        bool ordered = operation == (int)ReduceOperation.Sum || operation == (int)ReduceOperation.Mean || operation == (int)ReduceOperation.SumOfSquares;
        if (ordered && n >= Lanes)
        {
            ReadOnlyView<float> floats = x.Cast<float>();
            FloatX16 sum0 = FloatX16.Splat(0f);
            FloatX16 sum1 = sum0;
            FloatX16 sum2 = sum0;
            FloatX16 sum3 = sum0;
            for (; i <= n - (4 * Lanes); i += 4 * Lanes)
            {
                sum0 = sum0 + Load(floats, i, operation);
                sum1 = sum1 + Load(floats, i + Lanes, operation);
                sum2 = sum2 + Load(floats, i + (2 * Lanes), operation);
                sum3 = sum3 + Load(floats, i + (3 * Lanes), operation);
            }

            for (; i <= n - Lanes; i += Lanes)
            {
                sum0 = sum0 + Load(floats, i, operation);
            }

            total = Interop.FloatAsInt(ProcessorLanes.Sum((sum0 + sum1) + (sum2 + sum3)));
        }
        else if (!ordered && n >= 4 * Lanes)
        {
            for (; i < Iterations.Independent(n); i++)
            {
                total = ReduceMath.Combine(operation, total, ReduceMath.Enter(operation, x[i]));
            }
        }

        for (; i < n; i++)
        {
            total = ReduceMath.Combine(operation, total, ReduceMath.Enter(operation, x[i]));
        }

        return total;
    }

    private static FloatX16 Load(ReadOnlyView<float> x, int at, int operation)
    {
        FloatX16 v = ProcessorLanes.Load16(x, at);
        if (operation == (int)ReduceOperation.SumOfSquares)
        {
            v = v * v;
        }

        return v;
    }
}
