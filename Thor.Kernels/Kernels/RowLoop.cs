using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>
/// What an element-wise kernel walks over, passed by value: rows of columns, where the result and each of up to three operands are in
/// a row, and which rows and columns a thread takes.
/// </summary>
/// <remarks>
/// A row's number counts up to four outer axes, axis 0 the fastest. Threads of a GPU lie along columns (x) and rows (y), each takes four columns;
/// a processor's thread takes whole rows, or one part of one row, from end to end.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct RowLoop
{
    /// <summary>Most axes outside the columns.</summary>
    public const int MaximumOuter = 4;

    /// <summary>Strides of the result along the outer axes.</summary>
    public long Y0, Y1, Y2, Y3;

    /// <summary>Strides of the first operand.</summary>
    public long A0, A1, A2, A3;

    /// <summary>Strides of the second operand.</summary>
    public long B0, B1, B2, B3;

    /// <summary>Strides of the third operand.</summary>
    public long C0, C1, C2, C3;

    /// <summary>Distance between columns of the result and the operands; below 0 for an operand that is a number.</summary>
    public long StepY, StepA, StepB, StepC;

    /// <summary>Extent of the columns.</summary>
    public int Columns;

    /// <summary>Number of rows.</summary>
    public int Rows;

    /// <summary>Outer axes, at least 1.</summary>
    public int Rank;

    /// <summary>Extents of outer axes 0 to 2; what is left of a row's number belongs to the last.</summary>
    public int Extent0, Extent1, Extent2;

    /// <summary>The same extents to divide by.</summary>
    public Divisor Divisor0, Divisor1, Divisor2;

    /// <summary>Columns of a thread on a processor, of a group elsewhere.</summary>
    public int Part;

    /// <summary>Parts of a row.</summary>
    public int Parts;

    /// <summary>Rows that a processor's thread takes.</summary>
    public int RowsPerThread;

    /// <summary>
    /// 1 as a number that compilers do not know: what is 1 or 0 by a condition they would read from memory under a mask, which some processors
    /// do a hundred times slower where no lane is on.
    /// </summary>
    public float One;

    /// <summary>Columns, to divide by.</summary>
    public Divisor DivisorColumns;

    /// <summary>What the operands are in the flat form: of <see cref="FlatKind"/>.</summary>
    public int KindA, KindB, KindC;

    /// <summary>1 if an operand of the flat form needs row and column.</summary>
    public int NeedsRows;
}
