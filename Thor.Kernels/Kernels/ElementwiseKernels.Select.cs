namespace Thor.Kernels.Kernels;

/// <content>Choice between two operands.</content>
internal static partial class ElementwiseKernels
{
    /// <summary>y = condition != 0 ? a : b; NaN is not 0.</summary>
    /// <param name="condition">What decides.</param>
    /// <param name="a">Taken where the condition is not 0.</param>
    /// <param name="b">Taken elsewhere.</param>
    /// <param name="y">The result; may be an operand.</param>
    /// <param name="loop">Where elements are and who takes them.</param>
    /// <param name="integer">1 for a condition of ints, 0 for floats.</param>
    /// <param name="form">Of RowForm.</param>
    [Kernel(MaxGroupSize = RowForm.GroupSize)]
    [KernelVariants(0, 0), KernelVariants(1, 0), KernelVariants(0, 1), KernelVariants(1, 1)]
    public static void Select(
        ArrayView<int> condition, ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, RowLoop loop, SpecializedValue<int> integer, SpecializedValue<int> form)
    {
        if (form.Value == RowForm.Flat)
        {
            SelectFlat(condition, a, b, y, loop, integer.Value);
        }
        else if (form.Value == RowForm.Beside)
        {
            SelectBeside(condition, a, b, y, loop, integer.Value);
        }
        else
        {
            SelectAlong(condition, a, b, y, loop, integer.Value, form.Value);
        }
    }

    private static void SelectFlat(ArrayView<int> condition, ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, RowLoop loop, int integer)
    {
        int length = loop.Rows * loop.Columns;
        int element = ((Grid.IdxX * Group.DimX) + Group.IdxX) * 4;
        if (element + 3 < length)
        {
            int row = RowLoops.Row(loop, element);
            int column = element - (row * loop.Columns);
            long fromC = loop.KindA < FlatKind.Vector ? 0L : RowLoops.A(loop, row);
            long fromA = loop.KindB < FlatKind.Vector ? 0L : RowLoops.B(loop, row);
            long fromB = loop.KindC < FlatKind.Vector ? 0L : RowLoops.C(loop, row);
            FloatX4 t = RowLoops.Four(condition, loop.KindA, 0, element, fromC, column);
            FloatX4 u = RowLoops.Four(a, loop.KindB, 0, element, fromA, column);
            FloatX4 v = RowLoops.Four(b, loop.KindC, 0, element, fromB, column);
            float y0 = IsZero(Interop.FloatAsInt(t.X), integer) ? v.X : u.X;
            float y1 = IsZero(Interop.FloatAsInt(t.Y), integer) ? v.Y : u.Y;
            float y2 = IsZero(Interop.FloatAsInt(t.Z), integer) ? v.Z : u.Z;
            float y3 = IsZero(Interop.FloatAsInt(t.W), integer) ? v.W : u.W;
            ArrayView<FloatX4> fours = y.Cast<FloatX4>();
            fours[element >> 2] = new FloatX4(y0, y1, y2, y3);
        }
        else
        {
            // Nothing is left unless all operands are where the result is.
            for (int i = element; i < length; i++)
            {
                y[i] = IsZero(condition[i], integer) ? b[i] : a[i];
            }
        }
    }

    private static void SelectBeside(ArrayView<int> condition, ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, RowLoop loop, int integer)
    {
        int side = Group.DimX;
        int column = (Grid.IdxX * loop.Part) + Group.IdxX;
        for (int row = (Grid.IdxY * Group.DimY) + Group.IdxY; row < loop.Rows; row += Grid.DimY * Group.DimY)
        {
            long fromC = RowLoops.A(loop, row);
            long fromA = RowLoops.B(loop, row);
            long fromB = RowLoops.C(loop, row);
            int w0 = Chosen(condition, a, b, fromC, fromA, fromB, column, loop, integer);
            int w1 = Chosen(condition, a, b, fromC, fromA, fromB, column + side, loop, integer);
            int w2 = Chosen(condition, a, b, fromC, fromA, fromB, column + (2 * side), loop, integer);
            int w3 = Chosen(condition, a, b, fromC, fromA, fromB, column + (3 * side), loop, integer);
            long to = RowLoops.Y(loop, row);
            RowLoops.Put(y, to, column, loop, w0);
            RowLoops.Put(y, to, column + side, loop, w1);
            RowLoops.Put(y, to, column + (2 * side), loop, w2);
            RowLoops.Put(y, to, column + (3 * side), loop, w3);
        }
    }

    // Both candidates are loaded, so that no load waits for the condition.
    private static int Chosen(
        ArrayView<int> condition, ArrayView<int> a, ArrayView<int> b, long fromC, long fromA, long fromB, int column, RowLoop loop, int integer)
    {
        int decides = RowLoops.Fetch(condition, fromC, column, loop.Columns, loop.StepA, 0);
        int first = RowLoops.Fetch(a, fromA, column, loop.Columns, loop.StepB, 0);
        int second = RowLoops.Fetch(b, fromB, column, loop.Columns, loop.StepC, 0);
        return IsZero(decides, integer) ? second : first;
    }

    private static void SelectAlong(
        ArrayView<int> condition, ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, RowLoop loop, int integer, int form)
    {
        int start = RowLoops.Start(loop);
        int end = RowLoops.End(loop);
        int last = RowLoops.LastRow(loop);
        int kindC = RowForm.Kind(form, 0);
        int kindA = RowForm.Kind(form, 1);
        int kindB = RowForm.Kind(form, 2);
        for (int row = RowLoops.FirstRow(loop); row < last; row++)
        {
            ArrayView<int> to = y.SubView(RowLoops.Y(loop, row));
            ArrayView<int> fromC = condition.SubView(RowLoops.A(loop, row));
            ArrayView<int> fromA = a.SubView(RowLoops.B(loop, row));
            ArrayView<int> fromB = b.SubView(RowLoops.C(loop, row));
            if (form == RowForm.Strided)
            {
                for (int column = start; column < Iterations.Independent(end); column++)
                {
                    int decides = RowLoops.Fetch(fromC, 0L, column, end, loop.StepA, 0);
                    int first = RowLoops.Fetch(fromA, 0L, column, end, loop.StepB, 0);
                    int second = RowLoops.Fetch(fromB, 0L, column, end, loop.StepC, 0);
                    to[column * loop.StepY] = IsZero(decides, integer) ? second : first;
                }
            }
            else
            {
                int fixedC = kindC == OperandKind.Repeated ? fromC[0] : 0;
                int fixedA = kindA == OperandKind.Repeated ? fromA[0] : 0;
                int fixedB = kindB == OperandKind.Repeated ? fromB[0] : 0;
                for (int column = start; column < Iterations.Independent(end); column++)
                {
                    int decides = kindC == OperandKind.Dense ? fromC[column] : (kindC == OperandKind.Result ? to[column] : fixedC);
                    int first = kindA == OperandKind.Dense ? fromA[column] : (kindA == OperandKind.Result ? to[column] : fixedA);
                    int second = kindB == OperandKind.Dense ? fromB[column] : (kindB == OperandKind.Result ? to[column] : fixedB);
                    to[column] = IsZero(decides, integer) ? second : first;
                }
            }
        }
    }

    private static bool IsZero(int word, int integer) => integer == 1 ? word == 0 : Interop.IntAsFloat(word) == 0f;
}
