using System.Globalization;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>How an operand lies in memory: where its rows, or columns, are neighbours, with a gap of so many elements; or nothing adjoins.</summary>
internal enum OperandLayout
{
    Rows,
    RowsWithGap,
    Columns,
    ColumnsWithGap,
    Scattered,
}

/// <summary>One batch of products on an accelerator, with its reference in double precision.</summary>
internal sealed record GemmCase(int Rows, int Columns, int Depth)
{
    public int Inner { get; init; } = 1;

    public int Outer { get; init; } = 1;

    public OperandLayout A { get; init; }

    public OperandLayout B { get; init; }

    public float Alpha { get; init; } = 1;

    public float Beta { get; init; }

    public bool HasBias { get; init; }

    /// <summary>Elements before the operands, so that they do not begin at a multiple of 16 bytes.</summary>
    public int Offset { get; init; }

    /// <summary>Whether operands are small integers, whose products and sums every device computes exactly.</summary>
    public bool Integers { get; init; } = true;

    /// <summary>Runs the product and compares every element; with integers to the bit.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="plan">How; null for what the device chooses.</param>
    /// <param name="unit">Largest relative error of a product of two elements, beside that of sums in float.</param>
    public void Check(Accelerator accelerator, GemmPlan? plan, double unit = 0)
    {
        Random random = new(Rows + (31 * Columns) + (977 * Depth));
        (float[] a, long aRow, long aStep, long aMatrix) = Fill(random, A, Rows, Depth);
        (float[] b, long bStep, long bColumn, long bMatrix) = Fill(random, B, Depth, Columns);
        float[] bias = Numbers(random, Columns);
        float[] before = Beta == 0
            ? Enumerable.Repeat(float.NaN, Rows * Columns * Inner * Outer).ToArray()
            : Numbers(random, Rows * Columns * Inner * Outer);
        GemmSizes sizes = new()
        {
            Rows = Rows,
            Columns = Columns,
            Depth = Depth,
            Inner = Inner,
            Outer = Outer,
            Alpha = Alpha,
            Beta = Beta,
            ARow = aRow,
            AStep = aStep,
            AInner = aMatrix,
            AOuter = aMatrix * Inner,
            BStep = bStep,
            BColumn = bColumn,
            BInner = bMatrix,
            BOuter = bMatrix * Inner,
            CRow = Columns,
            CInner = (long)Rows * Columns,
            COuter = (long)Rows * Columns * Inner,
        };
        using MemoryBuffer<float> deviceA = accelerator.Allocate(a);
        using MemoryBuffer<float> deviceB = accelerator.Allocate(b);
        using MemoryBuffer<float> deviceBias = accelerator.Allocate(bias);
        using MemoryBuffer<float> deviceC = accelerator.Allocate(before);
        if (plan is GemmPlan given)
        {
            GemmLaunch.Multiply(
                accelerator.Stream, deviceA.View.SubView(Offset), deviceB.View.SubView(Offset), deviceC.View, HasBias ? deviceBias.View : default, sizes, given);
        }
        else
        {
            GemmLaunch.Multiply(
                accelerator.Stream, deviceA.View.SubView(Offset), deviceB.View.SubView(Offset), deviceC.View, HasBias ? deviceBias.View : default, sizes);
        }

        float[] actual = deviceC.ToArray();
        for (int matrix = 0; matrix < Inner * Outer; matrix++)
        {
            for (int i = 0; i < Rows; i++)
            {
                for (int j = 0; j < Columns; j++)
                {
                    double sum = 0;
                    double magnitude = 0;
                    for (int k = 0; k < Depth; k++)
                    {
                        double product = (double)a[Offset + (matrix * aMatrix) + (i * aRow) + (k * aStep)] * b[Offset + (matrix * bMatrix) + (k * bStep) + (j * bColumn)];
                        sum += product;
                        magnitude += Math.Abs(product);
                    }

                    int at = (((matrix * Rows) + i) * Columns) + j;
                    double old = Beta == 0 ? 0 : Beta * before[at];
                    double added = HasBias ? bias[j] : 0;
                    double expected = (Alpha * sum) + added + old;
                    double error = Math.Abs(actual[at] - expected);

                    // Each of the sums' additions, the factor, the bias and the old value round once.
                    double bound = Integers ? 0 : ((Depth + 3) * Math.Pow(2, -24) * ((Math.Abs(Alpha) * magnitude) + Math.Abs(added) + Math.Abs(old))) + (Math.Abs(Alpha) * magnitude * unit);
                    if (!(error <= bound))
                    {
                        Assert.Fail(string.Create(
                            CultureInfo.InvariantCulture,
                            $"{this} on {accelerator.Name} by {plan}: element ({matrix}, {i}, {j}) is {actual[at]:R}, expected {expected:R} within {bound:G3}"));
                    }
                }
            }
        }
    }

    private float[] Numbers(Random random, int count)
    {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = Integers ? random.Next(-4, 5) : (float)((2 * random.NextDouble()) - 1);
        }

        return numbers;
    }

    private (float[] Data, long Row, long Column, long Matrix) Fill(Random random, OperandLayout layout, int rows, int columns)
    {
        (long row, long column) = layout switch
        {
            OperandLayout.Rows => (columns, 1L),
            OperandLayout.RowsWithGap => (columns + 3L, 1L),
            OperandLayout.Columns => (1L, rows),
            OperandLayout.ColumnsWithGap => (1L, rows + 5L),
            _ => ((2L * columns) + 1, 2L),
        };
        long matrix = layout is OperandLayout.Columns or OperandLayout.ColumnsWithGap ? column * columns : row * rows;
        return (Numbers(random, (int)(Offset + (matrix * Inner * Outer))), row, column, matrix);
    }
}
