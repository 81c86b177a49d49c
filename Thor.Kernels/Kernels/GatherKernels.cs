namespace Thor.Kernels.Kernels;

/// <summary>
/// Rows of a table by index, in 32-bit words. Ids outside the table are noted in the fault buffer.
/// </summary>
/// <remarks>
/// GPU: groups of 256 threads, x along columns, y along ids; a thread of Rows moves four words. Sums go to the table without atomics: a group owns a range
/// of the table's rows for its columns, reads all ids, and adds those of its range in their order. Processor: groups of one
/// thread that takes a range of ids, or of the table's rows. No shared memory; memory bounds all of them.
/// </remarks>
internal static partial class GatherKernels
{
    /// <summary>Threads of a GPU's group.</summary>
    public const int GroupSize = 256;

    /// <summary>y[i, :] = table[ids[i], :].</summary>
    /// <param name="table">rows by width.</param>
    /// <param name="ids">count.</param>
    /// <param name="y">count by width.</param>
    /// <param name="faults">Of DeviceFaults.</param>
    /// <param name="count">Ids.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Columns.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void Rows(ReadOnlyView<int> table, ReadOnlyView<int> ids, ArrayView<int> y, ArrayView<int> faults, int count, int rows, int width)
    {
        int side = Group.DimX;
        int column = (Grid.IdxX * side * 4) + Group.IdxX;
        for (int i = (Grid.IdxY * Group.DimY) + Group.IdxY; i < count; i += Grid.DimY * Group.DimY)
        {
            int id = ids[i];
            if (id >= 0 && id < rows)
            {
                ReadOnlyView<int> from = table.SubView((long)id * width);
                ArrayView<int> to = y.SubView((long)i * width);
                int w0 = column < width ? from[column] : 0;
                int w1 = column + side < width ? from[column + side] : 0;
                int w2 = column + (2 * side) < width ? from[column + (2 * side)] : 0;
                int w3 = column + (3 * side) < width ? from[column + (3 * side)] : 0;
                Put(to, column, width, w0);
                Put(to, column + side, width, w1);
                Put(to, column + (2 * side), width, w2);
                Put(to, column + (3 * side), width, w3);
            }
            else if (column == 0)
            {
                DeviceFaults.Record(faults, DeviceFaults.IdOutsideTable, i, id, rows);
            }
        }
    }

    /// <summary>The same by a processor's thread.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void RowsAlong(
        ReadOnlyView<int> table, ReadOnlyView<int> ids, ArrayView<int> y, ArrayView<int> faults, int count, int rows, int width, int run)
    {
        int start = Grid.IdxX * run;
        int end = XMath.Min(count, start + run);
        for (int i = start; i < end; i++)
        {
            int id = ids[i];
            if (id >= 0 && id < rows)
            {
                ReadOnlyView<int> from = table.SubView((long)id * width);
                ArrayView<int> to = y.SubView((long)i * width);
                for (int column = 0; column < Iterations.Independent(width); column++)
                {
                    to[column] = from[column];
                }
            }
            else
            {
                DeviceFaults.Record(faults, DeviceFaults.IdOutsideTable, i, id, rows);
            }
        }
    }

    /// <summary>Notes ids outside the table.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void Check(ReadOnlyView<int> ids, ArrayView<int> faults, int count, int rows, int run)
    {
        int start = ((Grid.IdxX * Group.DimX) + Group.IdxX) * run;
        int end = XMath.Min(count, start + run);
        for (int i = start; i < end; i++)
        {
            int id = ids[i];
            if (id < 0 || id >= rows)
            {
                DeviceFaults.Record(faults, DeviceFaults.IdOutsideTable, i, id, rows);
            }
        }
    }

    /// <summary>table[ids[i], :] += x[i, :] in the order of i; nothing if a fault is noted.</summary>
    /// <param name="ids">count.</param>
    /// <param name="x">count by width.</param>
    /// <param name="table">rows by width, changed.</param>
    /// <param name="faults">Of DeviceFaults.</param>
    /// <param name="count">Ids.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Columns.</param>
    /// <param name="run">Rows of the table that a group owns.</param>
    /// <param name="integer">1 for ints, 0 for floats.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0), KernelVariants(1)]
    public static void AddRows(
        ReadOnlyView<int> ids,
        ReadOnlyView<int> x,
        ArrayView<int> table,
        ReadOnlyView<int> faults,
        int count,
        int rows,
        int width,
        int run,
        SpecializedValue<int> integer)
    {
        int column = (Grid.IdxX * Group.DimX) + Group.IdxX;
        int start = Grid.IdxY * run;
        int end = XMath.Min(rows, start + run);
        if (faults[0] == 0 && column < width)
        {
            // The sum of the row that was met last waits in a register: runs of one id do not wait for memory.
            int held = -1;
            int sum = 0;
            for (int i = 0; i < count; i++)
            {
                int id = ids[i];
                if (id >= start && id < end)
                {
                    int added = x[((long)i * width) + column];
                    if (id != held)
                    {
                        if (held >= 0)
                        {
                            table[((long)held * width) + column] = sum;
                        }

                        held = id;
                        sum = table[((long)id * width) + column];
                    }

                    sum = Sum(integer.Value, sum, added);
                }
            }

            if (held >= 0)
            {
                table[((long)held * width) + column] = sum;
            }
        }
    }

    /// <summary>The same by a processor's thread.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void AddRowsAlong(
        ReadOnlyView<int> ids,
        ReadOnlyView<int> x,
        ArrayView<int> table,
        ReadOnlyView<int> faults,
        int count,
        int rows,
        int width,
        int run,
        SpecializedValue<int> integer)
    {
        int start = Grid.IdxX * run;
        int end = XMath.Min(rows, start + run);
        if (faults[0] == 0)
        {
            for (int i = 0; i < count; i++)
            {
                int id = ids[i];
                if (id >= start && id < end)
                {
                    ReadOnlyView<int> from = x.SubView((long)i * width);
                    ArrayView<int> to = table.SubView((long)id * width);
                    for (int column = 0; column < Iterations.Independent(width); column++)
                    {
                        to[column] = Sum(integer.Value, to[column], from[column]);
                    }
                }
            }
        }
    }

    /// <summary>y[i, c] = one where c = ids[i], else 0.</summary>
    /// <param name="ids">Any numbers.</param>
    /// <param name="y">ids by classes.</param>
    /// <param name="one">Bits of 1.</param>
    /// <param name="count">Ids.</param>
    /// <param name="classes">Columns.</param>
    /// <param name="divisor">Columns, to divide by.</param>
    /// <param name="run">Ids of a thread.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void OneHot(ReadOnlyView<int> ids, ArrayView<int> y, int one, int count, int classes, Divisor divisor, int run)
    {
        if (run == 0)
        {
            // Side by side, an element per thread.
            int element = (Grid.IdxX * Group.DimX) + Group.IdxX;
            int row = Divisor.Quotient(element, divisor);
            if (row < count)
            {
                y[element] = element - (row * classes) == ids[row] ? one : 0;
            }
        }
        else
        {
            int start = ((Grid.IdxX * Group.DimX) + Group.IdxX) * run;
            int end = XMath.Min(count, start + run);
            for (int i = start; i < end; i++)
            {
                int id = ids[i];
                ArrayView<int> to = y.SubView((long)i * classes);
                for (int column = 0; column < Iterations.Independent(classes); column++)
                {
                    to[column] = column == id ? one : 0;
                }
            }
        }
    }

    private static void Put(ArrayView<int> to, int column, int width, int word)
    {
        if (column < width)
        {
            to[column] = word;
        }
    }

    private static int Sum(int integer, int a, int b) => integer == 1 ? a + b : Interop.FloatAsInt(Interop.IntAsFloat(a) + Interop.IntAsFloat(b));
}
