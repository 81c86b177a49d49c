namespace Thor.Kernels.Kernels;

/// <summary>For kernels: positions of a <see cref="RowLoop"/>.</summary>
internal static class RowLoops
{
    /// <summary>Where the result is in a row.</summary>
    public static long Y(RowLoop loop, int row) => Offset(loop, row, loop.Y0, loop.Y1, loop.Y2, loop.Y3);

    /// <summary>Where the first operand is in a row.</summary>
    public static long A(RowLoop loop, int row) => Offset(loop, row, loop.A0, loop.A1, loop.A2, loop.A3);

    /// <summary>Where the second operand is in a row.</summary>
    public static long B(RowLoop loop, int row) => Offset(loop, row, loop.B0, loop.B1, loop.B2, loop.B3);

    /// <summary>Where the third operand is in a row.</summary>
    public static long C(RowLoop loop, int row) => Offset(loop, row, loop.C0, loop.C1, loop.C2, loop.C3);

    /// <summary>A word of an operand: a number where the step says so; 0 behind the last column.</summary>
    public static int Fetch(ArrayView<int> x, long offset, int column, int columns, long step, int number)
    {
        int word = number;
        if (step >= 0)
        {
            word = column < columns ? x[offset + (column * step)] : 0;
        }

        return word;
    }

    /// <summary>Writes a word of the result, unless the column is behind the last.</summary>
    public static void Put(ArrayView<int> y, long offset, int column, RowLoop loop, int word)
    {
        if (column < loop.Columns)
        {
            y[offset + (column * loop.StepY)] = word;
        }
    }

    /// <summary>Four neighbours of an operand in the flat form.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="kind">Of <see cref="FlatKind"/>.</param>
    /// <param name="number">The operand where it is a number.</param>
    /// <param name="element">Number of the first in the result, a multiple of 4.</param>
    /// <param name="offset">Where the operand is in the row of the first.</param>
    /// <param name="column">Column of the first.</param>
    public static FloatX4 Four(ArrayView<int> x, int kind, int number, int element, long offset, int column)
    {
        // One load of a vector for both kinds that have one: compilers would make single loads of what two branches share.
        FloatX4 four = FloatX4.Splat(Interop.IntAsFloat(number));
        if (kind == FlatKind.Same || kind == FlatKind.Vector)
        {
            long at = kind == FlatKind.Same ? element : offset + column;
            ArrayView<FloatX4> fours = x.Cast<FloatX4>();
            four = fours[at >> 2];
        }

        if (kind == FlatKind.Repeated)
        {
            four = FloatX4.Splat(Interop.IntAsFloat(x[offset]));
        }

        return four;
    }

    /// <summary>Row of an element in the flat form, where an operand needs it.</summary>
    public static int Row(RowLoop loop, int element) => loop.NeedsRows != 0 ? Divisor.Quotient(element, loop.DivisorColumns) : 0;

    /// <summary>First row of a processor's thread.</summary>
    public static int FirstRow(RowLoop loop) => Grid.IdxX / loop.Parts * loop.RowsPerThread;

    /// <summary>The row behind its last.</summary>
    public static int LastRow(RowLoop loop) => XMath.Min(loop.Rows, FirstRow(loop) + loop.RowsPerThread);

    /// <summary>Its first column.</summary>
    public static int Start(RowLoop loop) => Grid.IdxX % loop.Parts * loop.Part;

    /// <summary>The column behind its last.</summary>
    public static int End(RowLoop loop) => XMath.Min(loop.Columns, Start(loop) + loop.Part);

    private static long Offset(RowLoop loop, int row, long stride0, long stride1, long stride2, long stride3)
    {
        long offset;
        if (loop.Rank == 1)
        {
            offset = row * stride0;
        }
        else
        {
            int rest = Divisor.Quotient(row, loop.Divisor0);
            offset = (row - (rest * loop.Extent0)) * stride0;
            if (loop.Rank == 2)
            {
                offset += rest * stride1;
            }
            else
            {
                int next = Divisor.Quotient(rest, loop.Divisor1);
                offset += (rest - (next * loop.Extent1)) * stride1;
                int last = loop.Rank == 3 ? next : Divisor.Quotient(next, loop.Divisor2);
                offset += loop.Rank == 3 ? next * stride2 : ((next - (last * loop.Extent2)) * stride2) + (last * stride3);
            }
        }

        return offset;
    }
}
