namespace Thor.Kernels.Kernels;

/// <content>Functions of one operand, fills, copies and conversions.</content>
internal static partial class ElementwiseKernels
{
    /// <summary>y = op(x).</summary>
    /// <param name="x">The operand; y itself where it is changed in place.</param>
    /// <param name="y">The result.</param>
    /// <param name="number">The operand where it is the same everywhere.</param>
    /// <param name="loop">Where elements are and who takes them.</param>
    /// <param name="operation">Of ElementOperation.</param>
    /// <param name="form">Of RowForm.</param>
    [Kernel(MaxGroupSize = RowForm.GroupSize)]
    [KernelVariants(0, 0), KernelVariants(1, 0), KernelVariants(2, 0), KernelVariants(3, 0), KernelVariants(4, 0)]
    [KernelVariants(5, 0), KernelVariants(6, 0), KernelVariants(7, 0), KernelVariants(8, 0), KernelVariants(9, 0)]
    [KernelVariants(10, 0), KernelVariants(11, 0), KernelVariants(12, 0), KernelVariants(13, 0), KernelVariants(14, 0)]
    [KernelVariants(15, 0), KernelVariants(16, 0), KernelVariants(17, 0), KernelVariants(18, 0), KernelVariants(32, 0)]
    [KernelVariants(33, 0), KernelVariants(34, 0), KernelVariants(35, 0), KernelVariants(45, 0), KernelVariants(49, 0)]
    [KernelVariants(64, 0), KernelVariants(65, 0), KernelVariants(66, 0), KernelVariants(0, 1), KernelVariants(1, 1)]
    [KernelVariants(2, 1), KernelVariants(3, 1), KernelVariants(4, 1), KernelVariants(5, 1), KernelVariants(6, 1)]
    [KernelVariants(7, 1), KernelVariants(8, 1), KernelVariants(9, 1), KernelVariants(10, 1), KernelVariants(11, 1)]
    [KernelVariants(12, 1), KernelVariants(13, 1), KernelVariants(14, 1), KernelVariants(15, 1), KernelVariants(16, 1)]
    [KernelVariants(17, 1), KernelVariants(18, 1), KernelVariants(32, 1), KernelVariants(33, 1), KernelVariants(34, 1)]
    [KernelVariants(35, 1), KernelVariants(45, 1), KernelVariants(49, 1), KernelVariants(64, 1), KernelVariants(65, 1)]
    [KernelVariants(66, 1)]
    public static void Unary(
        ArrayView<int> x, ArrayView<int> y, int number, RowLoop loop, SpecializedValue<int> operation, SpecializedValue<int> form)
    {
        if (form.Value == RowForm.Flat)
        {
            UnaryFlat(x, y, number, loop, operation.Value);
        }
        else if (form.Value == RowForm.Beside)
        {
            UnaryBeside(x, y, number, loop, operation.Value);
        }
        else
        {
            UnaryAlong(x, y, number, loop, operation.Value, form.Value);
        }
    }

    private static void UnaryFlat(ArrayView<int> x, ArrayView<int> y, int number, RowLoop loop, int operation)
    {
        int length = loop.Rows * loop.Columns;
        int element = ((Grid.IdxX * Group.DimX) + Group.IdxX) * 4;
        if (element + 3 < length)
        {
            int row = RowLoops.Row(loop, element);
            long offset = loop.KindA < FlatKind.Vector ? 0L : RowLoops.A(loop, row);
            FloatX4 w = RowLoops.Four(x, loop.KindA, number, element, offset, element - (row * loop.Columns));
            float x0 = Interop.IntAsFloat(ElementwiseMath.Unary(operation, Interop.FloatAsInt(w.X), loop.One));
            float x1 = Interop.IntAsFloat(ElementwiseMath.Unary(operation, Interop.FloatAsInt(w.Y), loop.One));
            float x2 = Interop.IntAsFloat(ElementwiseMath.Unary(operation, Interop.FloatAsInt(w.Z), loop.One));
            float x3 = Interop.IntAsFloat(ElementwiseMath.Unary(operation, Interop.FloatAsInt(w.W), loop.One));
            ArrayView<FloatX4> fours = y.Cast<FloatX4>();
            fours[element >> 2] = new FloatX4(x0, x1, x2, x3);
        }
        else
        {
            // Where operands need rows, no elements are left.
            for (int i = element; i < length; i++)
            {
                int word = loop.KindA == FlatKind.Same ? x[i] : number;
                int value = ElementwiseMath.Unary(operation, word, loop.One);
                y[i] = value;
            }
        }
    }

    // All loads before the first store: operand and result may be one, which a compiler must assume of any two views.
    private static void UnaryBeside(ArrayView<int> x, ArrayView<int> y, int number, RowLoop loop, int operation)
    {
        int side = Group.DimX;
        int column = (Grid.IdxX * loop.Part) + Group.IdxX;
        for (int row = (Grid.IdxY * Group.DimY) + Group.IdxY; row < loop.Rows; row += Grid.DimY * Group.DimY)
        {
            long from = RowLoops.A(loop, row);
            int w0 = RowLoops.Fetch(x, from, column, loop.Columns, loop.StepA, number);
            int w1 = RowLoops.Fetch(x, from, column + side, loop.Columns, loop.StepA, number);
            int w2 = RowLoops.Fetch(x, from, column + (2 * side), loop.Columns, loop.StepA, number);
            int w3 = RowLoops.Fetch(x, from, column + (3 * side), loop.Columns, loop.StepA, number);
            long to = RowLoops.Y(loop, row);
            RowLoops.Put(y, to, column, loop, ElementwiseMath.Unary(operation, w0, loop.One));
            RowLoops.Put(y, to, column + side, loop, ElementwiseMath.Unary(operation, w1, loop.One));
            RowLoops.Put(y, to, column + (2 * side), loop, ElementwiseMath.Unary(operation, w2, loop.One));
            RowLoops.Put(y, to, column + (3 * side), loop, ElementwiseMath.Unary(operation, w3, loop.One));
        }
    }

    private static void UnaryAlong(ArrayView<int> x, ArrayView<int> y, int number, RowLoop loop, int operation, int form)
    {
        int start = RowLoops.Start(loop);
        int end = RowLoops.End(loop);
        int last = RowLoops.LastRow(loop);
        int kind = RowForm.Kind(form, 0);
        for (int row = RowLoops.FirstRow(loop); row < last; row++)
        {
            ArrayView<int> to = y.SubView(RowLoops.Y(loop, row));
            ArrayView<int> from = x.SubView(RowLoops.A(loop, row));
            if (form == RowForm.Strided)
            {
                for (int column = start; column < Iterations.Independent(end); column++)
                {
                    int word = RowLoops.Fetch(from, 0L, column, end, loop.StepA, number);
                    int value = ElementwiseMath.Unary(operation, word, loop.One);
                    to[column * loop.StepY] = value;
                }
            }
            else
            {
                int fixedWord = kind == OperandKind.Repeated ? from[0] : number;
                for (int column = start; column < Iterations.Independent(end); column++)
                {
                    int word = kind == OperandKind.Dense ? from[column] : (kind == OperandKind.Result ? to[column] : fixedWord);
                    int value = ElementwiseMath.Unary(operation, word, loop.One);
                    to[column] = value;
                }
            }
        }
    }
}
