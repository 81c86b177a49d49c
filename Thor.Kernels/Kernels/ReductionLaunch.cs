using System.Numerics;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Launches reductions over any axes.</summary>
public static class ReductionLaunch
{
    private const int Grain = 32768;

    // Elements of a segment, so many that its partial result costs nothing.
    private const int SmallestSegment = 4096;

    // Results for so many groups fill a GPU; below, results are cut.
    private const int EnoughGroups = 1024;

    // Rows of a segment of columns: errors of sums grow with it.
    private const int RowsOfSegment = 1024;
    private const int FewestRowsOfSegment = 64;

    private const int PerVector = 4;

    private const long MostElements = 1L << 30;

    /// <summary>y = the reduction of x over the axes along which y's strides are 0.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="operation">Which.</param>
    /// <param name="integers">True for ints, false for floats.</param>
    /// <param name="extents">Of x.</param>
    /// <param name="x">The operand.</param>
    /// <param name="y">Results, side by side; strides by axis of x, 0 along reduced axes.</param>
    /// <param name="results">Number of results.</param>
    /// <exception cref="NotSupportedException">More elements than kernels count.</exception>
    public static void Reduce(
        AcceleratorStream stream, ReduceOperation operation, bool integers, ReadOnlySpan<int> extents, StridedOperand x, StridedOperand y, int results)
    {
        ArgumentNullException.ThrowIfNull(stream);
        StridedLoop loop = RowPlanner.Arrange(extents, x.Strides, y.Strides);
        if (results == 0)
        {
            return;
        }

        if (loop.Length == 0)
        {
            // Only sums come here: what has no value of nothing is refused before.
            CopyLaunch.Fill(stream, 0, [results], new StridedOperand(y.Words, [1]));
            return;
        }

        int number = (int)operation + (integers ? ReduceMath.Integer : 0);
        bool along = loop.InnerStride(1) == 0;
        StridedLoop kept = Part(loop, repeats: false);
        StridedLoop reduced = Part(loop, repeats: true);
        bool processor = DeviceShape.IsProcessor(stream);
        bool fits = kept.Rank - (along ? 0 : 1) <= RowLoop.MaximumOuter && reduced.Rank - (along ? 1 : 0) <= RowLoop.MaximumOuter;
        if (!fits || (processor && loop.InnerStride(0) != 1 && loop.Length > 1))
        {
            Rearranged(stream, operation, integers, loop, x, y, results);
            return;
        }

        if (loop.Length / results > MostElements || results > MostElements)
        {
            throw new NotSupportedException($"Reductions have up to {MostElements} results of as many elements each; these are {results} of {loop.Length / results}.");
        }

        RowLoop keptRows = RowPlanner.Whole(kept, columns: !along);
        RowLoop reducedRows = RowPlanner.Whole(reduced, columns: along);
        int perResult = (int)(loop.Length / results);
        if (along)
        {
            Rows(stream, number, x.Words, y.Words, keptRows, reducedRows, perResult, perResult, processor);
        }
        else
        {
            Columns(stream, number, x.Words, y.Words, keptRows, reducedRows, perResult, processor);
        }
    }

    /// <summary>y[i] = index of the largest of row i, the first of equals; the first NaN if there is one.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="integers">True for ints, false for floats.</param>
    /// <param name="x">rows by n.</param>
    /// <param name="y">Indices.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="n">Columns, at least 1.</param>
    public static void ArgMax(AcceleratorStream stream, bool integers, ArrayView<int> x, ArrayView<int> y, int rows, int n)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (rows == 0)
        {
            return;
        }

        SpecializedValue<int> integer = new(integers ? 1 : 0);
        if (DeviceShape.IsProcessor(stream))
        {
            int run = Math.Max(1, Grain / n);
            stream.Launch(KernelConfig.Cover(rows, run) with { Group = 1 }, new ArgMaxKernels.RowsAlongKernel(x, y, rows, n, run, integer));
            return;
        }

        int lanes = Lanes(n);
        int lines = ArgMaxKernels.GroupSize / lanes;
        stream.Launch(
            new KernelConfig((rows + lines - 1) / lines, new Index3D(lanes, lines, 1)), new ArgMaxKernels.RowsKernel(x, y, rows, n, integer));
    }

    private static void Rows(
        AcceleratorStream stream, int operation, ArrayView<int> x, ArrayView<int> y, in RowLoop kept, in RowLoop reduced, int perResult, int count, bool processor)
    {
        int results = kept.Rows;
        int wanted = processor ? Segments(perResult, Grain, results, 64) : Segments(perResult, SmallestSegment, results, EnoughGroups);

        // A processor cuts whole rows, or the one row that there is.
        int cut = !processor ? perResult : reduced.Rows == 1 ? reduced.Columns : reduced.Rows;
        int perSegment = (cut + wanted - 1) / wanted;
        perSegment = processor ? perSegment : (perSegment + PerVector - 1) / PerVector * PerVector;
        int segments = (cut + perSegment - 1) / perSegment;
        if (segments == 1)
        {
            LaunchRows(stream, operation, x, y, kept, reduced, perResult, 1, perSegment, count, processor);
            return;
        }

        using MemoryBuffer<int> partial = stream.Accelerator.Allocate<int>(checked(results * segments));
        LaunchRows(stream, First(operation), x, partial.View, kept, reduced, perResult, segments, perSegment, 1, processor);
        RowLoop next = kept;
        Dense(ref next, segments);
        RowLoop run = new() { Rank = 1, Rows = 1, Columns = segments, StepA = 1 };
        LaunchRows(stream, Second(operation), partial.View, y, next, run, segments, 1, segments, count, processor);
    }

    private static void LaunchRows(
        AcceleratorStream stream,
        int operation,
        ArrayView<int> x,
        ArrayView<int> y,
        in RowLoop kept,
        in RowLoop reduced,
        int perResult,
        int segments,
        int perSegment,
        int count,
        bool processor)
    {
        SpecializedValue<int> specialized = new(operation);
        if (processor)
        {
            int run = segments > 1 ? 1 : Math.Max(1, Grain / perResult);
            int threads = checked((kept.Rows + run - 1) / run * segments);
            stream.Launch(new KernelConfig(threads, 1), new ReductionProcessorKernels.RowsKernel(
                x, y, kept, reduced, run, segments, perSegment, count, specialized));
            return;
        }

        bool vectors = reduced.Rows == 1 && reduced.StepA == 1 && HasVectors(x, kept) && perResult % PerVector == 0 && perSegment % PerVector == 0;
        int lanes = Lanes(vectors ? perSegment / PerVector : perSegment);
        int lines = ReductionKernels.GroupSize / lanes;
        int groups = (int)((((long)kept.Rows * segments) + lines - 1) / lines);
        if (vectors)
        {
            stream.Launch(new KernelConfig(groups, new Index3D(lanes, lines, 1)), new ReductionKernels.RowsOfVectorsKernel(
                x, y, kept, perResult / PerVector, segments, perSegment / PerVector, count, specialized));
            return;
        }

        stream.Launch(new KernelConfig(groups, new Index3D(lanes, lines, 1)), new ReductionKernels.RowsKernel(
            x, y, kept, reduced, Divisor.Of(reduced.Columns), perResult, segments, perSegment, count, specialized));
    }

    private static void Columns(
        AcceleratorStream stream, int operation, ArrayView<int> x, ArrayView<int> y, in RowLoop kept, in RowLoop reduced, int count, bool processor)
    {
        bool vectors = !processor && HasColumnVectors(x, kept, reduced);
        int width = processor ? ReductionProcessorKernels.Panel : ReductionKernels.ColumnsOfGroup * (vectors ? PerVector : 1);
        int panels = (kept.Columns + width - 1) / width;
        long groups = (long)kept.Rows * panels;
        int wanted = processor
            ? (reduced.Rows + RowsOfSegment - 1) / RowsOfSegment
            : groups >= EnoughGroups ? 1 : (int)Math.Clamp(reduced.Rows / FewestRowsOfSegment, 1, EnoughGroups / groups);
        int perSegment = (reduced.Rows + wanted - 1) / wanted;
        int segments = (reduced.Rows + perSegment - 1) / perSegment;
        if (segments == 1)
        {
            LaunchColumns(stream, operation, x, y, kept, reduced, 1, perSegment, count, processor);
            return;
        }

        using MemoryBuffer<int> partial = stream.Accelerator.Allocate<int>(checked(kept.Rows * segments * kept.Columns));
        LaunchColumns(stream, First(operation), x, partial.View, kept, reduced, segments, perSegment, 1, processor);

        // The segments of a kept row are rows of their own.
        RowLoop next = kept;
        Dense(ref next, segments * (long)kept.Columns);
        next.StepA = 1;
        RowLoop rows = new() { Rank = 1, Rows = segments, Columns = 1, A0 = kept.Columns };
        LaunchColumns(stream, Second(operation), partial.View, y, next, rows, 1, segments, count, processor);
    }

    private static void LaunchColumns(
        AcceleratorStream stream,
        int operation,
        ArrayView<int> x,
        ArrayView<int> y,
        in RowLoop kept,
        in RowLoop reduced,
        int segments,
        int perSegment,
        int count,
        bool processor)
    {
        SpecializedValue<int> specialized = new(operation);
        if (processor)
        {
            stream.Launch(new KernelConfig(Groups(kept, segments, ReductionProcessorKernels.Panel), 1), new ReductionProcessorKernels.ColumnsKernel(
                x, y, kept, reduced, segments, perSegment, count, specialized));
            return;
        }

        Index3D group = new(ReductionKernels.ColumnsOfGroup, ReductionKernels.GroupSize / ReductionKernels.ColumnsOfGroup, 1);
        if (HasColumnVectors(x, kept, reduced))
        {
            stream.Launch(
                new KernelConfig(Groups(kept, segments, ReductionKernels.ColumnsOfGroup * PerVector), group),
                new ReductionKernels.ColumnsOfVectorsKernel(x, y, kept, reduced, segments, perSegment, count, specialized));
        }
        else
        {
            stream.Launch(
                new KernelConfig(Groups(kept, segments, ReductionKernels.ColumnsOfGroup), group),
                new ReductionKernels.ColumnsKernel(x, y, kept, reduced, segments, perSegment, count, specialized));
        }
    }

    private static int Groups(in RowLoop kept, int segments, int width) => checked(kept.Rows * ((kept.Columns + width - 1) / width) * segments);

    /// <summary>True if four columns are a vector in every row.</summary>
    private static bool HasColumnVectors(ArrayView<int> x, in RowLoop kept, in RowLoop reduced) =>
        kept.StepA == 1 && kept.Columns % PerVector == 0 && HasVectors(x, kept)
        && ((reduced.A0 | reduced.A1 | reduced.A2 | reduced.A3) % PerVector) == 0;

    /// <summary>True if every row of results begins at a vector of the operand.</summary>
    private static bool HasVectors(ArrayView<int> x, in RowLoop kept) =>
        x.OffsetInBytes % (PerVector * sizeof(int)) == 0 && ((kept.A0 | kept.A1 | kept.A2 | kept.A3) % PerVector) == 0;

    /// <summary>
    /// Brings the operand side by side, kept axes outside and reduced ones inside, and reduces that: for layouts that kernels do not walk.
    /// </summary>
    private static void Rearranged(
        AcceleratorStream stream, ReduceOperation operation, bool integers, in StridedLoop loop, StridedOperand x, StridedOperand y, int results)
    {
        // In the order of the results, along which kept axes then are one; reduced axes are one anyhow.
        int[] order = [.. Enumerable.Range(0, loop.Rank)];
        long[] steps = new long[loop.Rank];
        for (int axis = 0; axis < loop.Rank; axis++)
        {
            steps[axis] = -loop.Stride(1, axis);
        }

        Array.Sort(steps, order);
        int[] extents = new int[loop.Rank];
        long[] from = new long[loop.Rank];
        long[] to = new long[loop.Rank];
        for (int at = 0; at < order.Length; at++)
        {
            extents[at] = checked((int)loop.Extent(order[at]));
            from[at] = loop.Stride(0, order[at]);
            to[at] = loop.Stride(1, order[at]);
        }

        using MemoryBuffer<int> dense = CopyLaunch.Gather(stream, extents, new StridedOperand(x.Words, from));
        long[] strides = new long[loop.Rank];
        CopyLaunch.DenseStrides(extents, strides);
        Reduce(stream, operation, integers, extents, new StridedOperand(dense.View, strides), new StridedOperand(y.Words, to), results);
    }

    /// <summary>The axes along which the results repeat, or those along which they do not; operands are the results and x.</summary>
    private static StridedLoop Part(in StridedLoop loop, bool repeats)
    {
        Span<int> extents = stackalloc int[loop.Rank];
        Span<long> results = stackalloc long[loop.Rank];
        Span<long> operand = stackalloc long[loop.Rank];
        int rank = 0;
        for (int axis = 0; axis < loop.Rank; axis++)
        {
            if ((loop.Stride(1, axis) == 0) == repeats)
            {
                extents[rank] = checked((int)loop.Extent(axis));
                results[rank] = loop.Stride(1, axis);
                operand[rank++] = loop.Stride(0, axis);
            }
        }

        return new StridedLoop(extents[..rank], results[..rank], operand[..rank]);
    }

    /// <summary>How many parts results are cut into: enough parts to fill the device, each long enough.</summary>
    private static int Segments(int perResult, int smallest, int results, int enough) =>
        results >= enough ? 1 : (int)Math.Clamp(perResult / smallest, 1, enough / results);

    /// <summary>Kept rows lie that far apart in the partial results.</summary>
    private static void Dense(ref RowLoop kept, long apart)
    {
        long stride = apart;
        kept.A0 = stride;
        stride *= kept.Extent0;
        kept.A1 = stride;
        stride *= kept.Extent1;
        kept.A2 = stride;
        stride *= kept.Extent2;
        kept.A3 = stride;
    }

    private static int First(int operation) => operation % ReduceMath.Integer == (int)ReduceOperation.Mean
        ? operation - (int)ReduceOperation.Mean + (int)ReduceOperation.Sum
        : operation;

    private static int Second(int operation) => operation % ReduceMath.Integer == (int)ReduceOperation.SumOfSquares
        ? operation - (int)ReduceOperation.SumOfSquares + (int)ReduceOperation.Sum
        : operation;

    private static int Lanes(int elements) =>
        (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)((elements + 7) / 8)), 8, ReductionKernels.GroupSize);
}
