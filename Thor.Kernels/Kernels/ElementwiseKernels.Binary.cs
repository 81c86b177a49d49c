namespace Thor.Kernels.Kernels;

/// <content>Functions of two operands.</content>
internal static partial class ElementwiseKernels
{
    /// <summary>y = op(a, b).</summary>
    /// <param name="a">First operand; y itself where it is changed in place.</param>
    /// <param name="b">Second operand, likewise.</param>
    /// <param name="y">The result.</param>
    /// <param name="numberA">The first operand where it is the same everywhere; the factor of AddScaled.</param>
    /// <param name="numberB">The second operand where it is the same everywhere.</param>
    /// <param name="loop">Where elements are and who takes them.</param>
    /// <param name="operation">Of ElementOperation.</param>
    /// <param name="form">Of RowForm.</param>
    [Kernel(MaxGroupSize = RowForm.GroupSize)]
    [KernelVariants(0, 0), KernelVariants(1, 0), KernelVariants(2, 0), KernelVariants(3, 0), KernelVariants(4, 0)]
    [KernelVariants(5, 0), KernelVariants(6, 0), KernelVariants(7, 0), KernelVariants(8, 0), KernelVariants(9, 0)]
    [KernelVariants(10, 0), KernelVariants(11, 0), KernelVariants(12, 0), KernelVariants(13, 0), KernelVariants(32, 0)]
    [KernelVariants(33, 0), KernelVariants(34, 0), KernelVariants(36, 0), KernelVariants(37, 0), KernelVariants(39, 0)]
    [KernelVariants(40, 0), KernelVariants(41, 0), KernelVariants(42, 0), KernelVariants(64, 0), KernelVariants(65, 0)]
    [KernelVariants(0, 1), KernelVariants(1, 1), KernelVariants(2, 1), KernelVariants(3, 1), KernelVariants(4, 1)]
    [KernelVariants(5, 1), KernelVariants(6, 1), KernelVariants(7, 1), KernelVariants(8, 1), KernelVariants(9, 1)]
    [KernelVariants(10, 1), KernelVariants(11, 1), KernelVariants(12, 1), KernelVariants(13, 1), KernelVariants(32, 1)]
    [KernelVariants(33, 1), KernelVariants(34, 1), KernelVariants(36, 1), KernelVariants(37, 1), KernelVariants(39, 1)]
    [KernelVariants(40, 1), KernelVariants(41, 1), KernelVariants(42, 1), KernelVariants(64, 1), KernelVariants(65, 1)]
    public static void Binary(
        ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, int numberA, int numberB, RowLoop loop, SpecializedValue<int> operation, SpecializedValue<int> form)
    {
        if (form.Value == RowForm.Flat)
        {
            BinaryFlat(a, b, y, numberA, numberB, loop, operation.Value);
        }
        else if (form.Value == RowForm.Beside)
        {
            BinaryBeside(a, b, y, numberA, numberB, loop, operation.Value);
        }
        else
        {
            BinaryAlong(a, b, y, numberA, numberB, loop, operation.Value, form.Value);
        }
    }

    private static void BinaryFlat(ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, int numberA, int numberB, RowLoop loop, int operation)
    {
        int length = loop.Rows * loop.Columns;
        int element = ((Grid.IdxX * Group.DimX) + Group.IdxX) * 4;
        if (element + 3 < length)
        {
            int row = RowLoops.Row(loop, element);
            int column = element - (row * loop.Columns);
            long fromA = loop.KindA < FlatKind.Vector ? 0L : RowLoops.A(loop, row);
            long fromB = loop.KindB < FlatKind.Vector ? 0L : RowLoops.B(loop, row);
            FloatX4 u = RowLoops.Four(a, loop.KindA, numberA, element, fromA, column);
            FloatX4 v = RowLoops.Four(b, loop.KindB, numberB, element, fromB, column);
            float y0 = Interop.IntAsFloat(ElementwiseMath.Binary(operation, Interop.FloatAsInt(u.X), Interop.FloatAsInt(v.X), numberA, loop.One));
            float y1 = Interop.IntAsFloat(ElementwiseMath.Binary(operation, Interop.FloatAsInt(u.Y), Interop.FloatAsInt(v.Y), numberA, loop.One));
            float y2 = Interop.IntAsFloat(ElementwiseMath.Binary(operation, Interop.FloatAsInt(u.Z), Interop.FloatAsInt(v.Z), numberA, loop.One));
            float y3 = Interop.IntAsFloat(ElementwiseMath.Binary(operation, Interop.FloatAsInt(u.W), Interop.FloatAsInt(v.W), numberA, loop.One));
            ArrayView<FloatX4> fours = y.Cast<FloatX4>();
            fours[element >> 2] = new FloatX4(y0, y1, y2, y3);
        }
        else
        {
            for (int i = element; i < length; i++)
            {
                int left = loop.KindA == FlatKind.Same ? a[i] : numberA;
                int right = loop.KindB == FlatKind.Same ? b[i] : numberB;
                int word = ElementwiseMath.Binary(operation, left, right, numberA, loop.One);
                y[i] = word;
            }
        }
    }

    private static void BinaryBeside(ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, int numberA, int numberB, RowLoop loop, int operation)
    {
        int side = Group.DimX;
        int column = (Grid.IdxX * loop.Part) + Group.IdxX;
        for (int row = (Grid.IdxY * Group.DimY) + Group.IdxY; row < loop.Rows; row += Grid.DimY * Group.DimY)
        {
            long fromA = RowLoops.A(loop, row);
            int a0 = RowLoops.Fetch(a, fromA, column, loop.Columns, loop.StepA, numberA);
            int a1 = RowLoops.Fetch(a, fromA, column + side, loop.Columns, loop.StepA, numberA);
            int a2 = RowLoops.Fetch(a, fromA, column + (2 * side), loop.Columns, loop.StepA, numberA);
            int a3 = RowLoops.Fetch(a, fromA, column + (3 * side), loop.Columns, loop.StepA, numberA);
            long fromB = RowLoops.B(loop, row);
            int b0 = RowLoops.Fetch(b, fromB, column, loop.Columns, loop.StepB, numberB);
            int b1 = RowLoops.Fetch(b, fromB, column + side, loop.Columns, loop.StepB, numberB);
            int b2 = RowLoops.Fetch(b, fromB, column + (2 * side), loop.Columns, loop.StepB, numberB);
            int b3 = RowLoops.Fetch(b, fromB, column + (3 * side), loop.Columns, loop.StepB, numberB);
            long to = RowLoops.Y(loop, row);
            RowLoops.Put(y, to, column, loop, ElementwiseMath.Binary(operation, a0, b0, numberA, loop.One));
            RowLoops.Put(y, to, column + side, loop, ElementwiseMath.Binary(operation, a1, b1, numberA, loop.One));
            RowLoops.Put(y, to, column + (2 * side), loop, ElementwiseMath.Binary(operation, a2, b2, numberA, loop.One));
            RowLoops.Put(y, to, column + (3 * side), loop, ElementwiseMath.Binary(operation, a3, b3, numberA, loop.One));
        }
    }

    private static void BinaryAlong(
        ArrayView<int> a, ArrayView<int> b, ArrayView<int> y, int numberA, int numberB, RowLoop loop, int operation, int form)
    {
        int start = RowLoops.Start(loop);
        int end = RowLoops.End(loop);
        int last = RowLoops.LastRow(loop);
        int kindA = RowForm.Kind(form, 0);
        int kindB = RowForm.Kind(form, 1);
        for (int row = RowLoops.FirstRow(loop); row < last; row++)
        {
            ArrayView<int> to = y.SubView(RowLoops.Y(loop, row));
            ArrayView<int> fromA = a.SubView(RowLoops.A(loop, row));
            ArrayView<int> fromB = b.SubView(RowLoops.B(loop, row));
            if (form == RowForm.Strided)
            {
                for (int column = start; column < Iterations.Independent(end); column++)
                {
                    int left = RowLoops.Fetch(fromA, 0L, column, end, loop.StepA, numberA);
                    int right = RowLoops.Fetch(fromB, 0L, column, end, loop.StepB, numberB);
                    int word = ElementwiseMath.Binary(operation, left, right, numberA, loop.One);
                    to[column * loop.StepY] = word;
                }
            }
            else
            {
                int fixedA = kindA == OperandKind.Repeated ? fromA[0] : numberA;
                int fixedB = kindB == OperandKind.Repeated ? fromB[0] : numberB;
                for (int column = start; column < Iterations.Independent(end); column++)
                {
                    int left = kindA == OperandKind.Dense ? fromA[column] : (kindA == OperandKind.Result ? to[column] : fixedA);
                    int right = kindB == OperandKind.Dense ? fromB[column] : (kindB == OperandKind.Result ? to[column] : fixedB);
                    int word = ElementwiseMath.Binary(operation, left, right, numberA, loop.One);
                    to[column] = word;
                }
            }
        }
    }
}
