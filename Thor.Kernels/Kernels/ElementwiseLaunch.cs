using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Launches element-wise functions of 32-bit words.</summary>
/// <remarks>
/// Operands may have any layout and repeat; a result may be an operand of the same layout. Operands that lie across the result are
/// brought side by side first.
/// </remarks>
public static class ElementwiseLaunch
{
    // The kind of an operand that no dense form has.
    private const int Uneven = -1;

    /// <summary>y = op(x).</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="operation">Which.</param>
    /// <param name="integers">True for ints, false for floats.</param>
    /// <param name="extents">Of y.</param>
    /// <param name="x">The operand.</param>
    /// <param name="y">The result.</param>
    /// <exception cref="NotSupportedException">The operation is not defined for ints.</exception>
    public static void Unary(AcceleratorStream stream, UnaryOperation operation, bool integers, ReadOnlySpan<int> extents, StridedOperand x, StridedOperand y)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (integers && operation is not (UnaryOperation.Negate or UnaryOperation.Absolute or UnaryOperation.Sign or UnaryOperation.Square
            or UnaryOperation.Relu or UnaryOperation.Step))
        {
            throw new NotSupportedException($"{operation} is not defined for integers.");
        }

        StridedLoop loop = RowPlanner.Arrange(extents, y.Strides, x.Strides);
        if (!RowPlanner.Fits(loop))
        {
            int axis = y.OutermostAxis(extents);
            for (int i = 0; i < extents[axis]; i++)
            {
                Unary(stream, operation, integers, CopyLaunch.Without(extents, axis), x.Slice(axis, i), y.Slice(axis, i));
            }

            return;
        }

        if (NeedsDense(loop, 1, x.Words))
        {
            using MemoryBuffer<int> dense = CopyLaunch.Gather(stream, extents, x);
            Span<long> strides = stackalloc long[extents.Length];
            CopyLaunch.DenseStrides(extents, strides);
            Unary(stream, operation, integers, extents, new StridedOperand(dense.View, strides), y);
            return;
        }

        bool same = x.IsSame(y, extents);
        Launch(stream, (int)operation + (integers ? ElementOperation.Integer : 0), loop, x.Words, same ? OperandKind.Result : Kind(loop, 1), y.Words, 0);
    }

    /// <summary>y = op(a, b).</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="operation">Which.</param>
    /// <param name="integers">True for ints, false for floats.</param>
    /// <param name="extents">Of y.</param>
    /// <param name="a">First operand; without words: <paramref name="numberA"/>.</param>
    /// <param name="numberA">Bits of the first operand where it is a number.</param>
    /// <param name="b">Second operand; without words: <paramref name="numberB"/>.</param>
    /// <param name="numberB">Bits of the second operand where it is a number.</param>
    /// <param name="y">The result.</param>
    /// <exception cref="NotSupportedException">The operation is not defined for ints.</exception>
    public static void Binary(
        AcceleratorStream stream,
        BinaryOperation operation,
        bool integers,
        ReadOnlySpan<int> extents,
        StridedOperand a,
        int numberA,
        StridedOperand b,
        int numberB,
        StridedOperand y)
    {
        if (integers && operation is (BinaryOperation.Divide or BinaryOperation.Power or BinaryOperation.GeluGradient or BinaryOperation.TanhGradient
            or BinaryOperation.SigmoidGradient))
        {
            throw new NotSupportedException($"{operation} is not defined for integers.");
        }

        bool simple = operation == BinaryOperation.Power && !b.Words.IsValid;
        float exponent = Interop.IntAsFloat(numberB);
        if (simple && exponent is 2f or -1f)
        {
            // Powers that have a name are not worth a general power.
            Unary(stream, exponent == 2f ? UnaryOperation.Square : UnaryOperation.Reciprocal, false, extents, a, y);
            return;
        }

        Pair(stream, (int)operation + (integers ? ElementOperation.Integer : 0), extents, a, numberA, b, numberB, y);
    }

    /// <summary>y = factor x + y.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="factor">Bits of the factor.</param>
    /// <param name="integers">True for ints, false for floats.</param>
    /// <param name="extents">Of y.</param>
    /// <param name="x">The operand.</param>
    /// <param name="y">Changed.</param>
    public static void AddScaled(AcceleratorStream stream, int factor, bool integers, ReadOnlySpan<int> extents, StridedOperand x, StridedOperand y) =>
        Pair(stream, integers ? ElementOperation.AddScaledInteger : ElementOperation.AddScaled, extents, x, factor, y, 0, y);

    /// <summary>y = condition != 0 ? a : b; NaN is not 0.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="integers">True for a condition of ints, false for floats.</param>
    /// <param name="extents">Of y.</param>
    /// <param name="condition">What decides.</param>
    /// <param name="a">Taken where the condition is not 0.</param>
    /// <param name="b">Taken elsewhere.</param>
    /// <param name="y">The result.</param>
    public static void Select(
        AcceleratorStream stream, bool integers, ReadOnlySpan<int> extents, StridedOperand condition, StridedOperand a, StridedOperand b, StridedOperand y)
    {
        ArgumentNullException.ThrowIfNull(stream);
        StridedLoop loop = RowPlanner.Arrange(extents, y.Strides, condition.Strides, a.Strides, b.Strides);
        if (loop.Length == 0)
        {
            return;
        }

        if (!RowPlanner.Fits(loop))
        {
            int axis = y.OutermostAxis(extents);
            for (int i = 0; i < extents[axis]; i++)
            {
                Select(stream, integers, CopyLaunch.Without(extents, axis), condition.Slice(axis, i), a.Slice(axis, i), b.Slice(axis, i), y.Slice(axis, i));
            }

            return;
        }

        Span<long> strides = stackalloc long[extents.Length];
        CopyLaunch.DenseStrides(extents, strides);
        if (NeedsDense(loop, 1, condition.Words))
        {
            using MemoryBuffer<int> dense = CopyLaunch.Gather(stream, extents, condition);
            Select(stream, integers, extents, new StridedOperand(dense.View, strides), a, b, y);
        }
        else if (NeedsDense(loop, 2, a.Words))
        {
            using MemoryBuffer<int> dense = CopyLaunch.Gather(stream, extents, a);
            Select(stream, integers, extents, condition, new StridedOperand(dense.View, strides), b, y);
        }
        else if (NeedsDense(loop, 3, b.Words))
        {
            using MemoryBuffer<int> dense = CopyLaunch.Gather(stream, extents, b);
            Select(stream, integers, extents, condition, a, new StridedOperand(dense.View, strides), y);
        }
        else
        {
            bool processor = DeviceShape.IsProcessor(stream);
            RowLoop plan = RowPlanner.Plan(loop, processor, false, out KernelConfig config);
            int kindC = condition.IsSame(y, extents) ? OperandKind.Result : Kind(loop, 1);
            int kindA = a.IsSame(y, extents) ? OperandKind.Result : Kind(loop, 2);
            int kindB = b.IsSame(y, extents) ? OperandKind.Result : Kind(loop, 3);
            int form = processor ? Form(plan, kindC, kindA, kindB)
                : RowPlanner.Flatten(ref plan, loop, y.Words, condition.Words, a.Words, b.Words, ref config) ? RowForm.Flat : RowForm.Beside;
            stream.Launch(config, new ElementwiseKernels.SelectKernel(
                condition.Words, a.Words, b.Words, y.Words, plan, new SpecializedValue<int>(integers ? 1 : 0), new SpecializedValue<int>(form)));
        }
    }

    /// <summary>Launches a function of one operand over an arranged loop.</summary>
    internal static void Launch(AcceleratorStream stream, int operation, in StridedLoop loop, ArrayView<int> x, int kind, ArrayView<int> y, int number)
    {
        if (loop.Length == 0)
        {
            return;
        }

        bool processor = DeviceShape.IsProcessor(stream);
        RowLoop plan = RowPlanner.Plan(loop, processor, IsCostly(operation), out KernelConfig config);
        plan.StepA = kind == OperandKind.Number ? -1 : plan.StepA;
        int form = processor ? Form(plan, kind, 0, 0)
            : RowPlanner.Flatten(ref plan, loop, y, kind == OperandKind.Number ? default : x, default, default, ref config) ? RowForm.Flat : RowForm.Beside;
        stream.Launch(config, new ElementwiseKernels.UnaryKernel(x, y, number, plan, new SpecializedValue<int>(operation), new SpecializedValue<int>(form)));
    }

    /// <summary>What an operand of an arranged loop is along the columns.</summary>
    internal static int Kind(in StridedLoop loop, int operand) => loop.InnerStride(operand) switch
    {
        1 => OperandKind.Dense,
        0 => OperandKind.Repeated,
        _ => Uneven,
    };

    private static void Pair(
        AcceleratorStream stream, int operation, ReadOnlySpan<int> extents, StridedOperand a, int numberA, StridedOperand b, int numberB, StridedOperand y)
    {
        ArgumentNullException.ThrowIfNull(stream);
        StridedLoop loop = RowPlanner.Arrange(extents, y.Strides, a.Strides, b.Strides);
        if (loop.Length == 0)
        {
            return;
        }

        if (!RowPlanner.Fits(loop))
        {
            int axis = y.OutermostAxis(extents);
            for (int i = 0; i < extents[axis]; i++)
            {
                Pair(stream, operation, CopyLaunch.Without(extents, axis), a.Slice(axis, i), numberA, b.Slice(axis, i), numberB, y.Slice(axis, i));
            }

            return;
        }

        Span<long> strides = stackalloc long[extents.Length];
        CopyLaunch.DenseStrides(extents, strides);
        if (NeedsDense(loop, 1, a.Words))
        {
            using MemoryBuffer<int> dense = CopyLaunch.Gather(stream, extents, a);
            Pair(stream, operation, extents, new StridedOperand(dense.View, strides), numberA, b, numberB, y);
        }
        else if (NeedsDense(loop, 2, b.Words))
        {
            using MemoryBuffer<int> dense = CopyLaunch.Gather(stream, extents, b);
            Pair(stream, operation, extents, a, numberA, new StridedOperand(dense.View, strides), numberB, y);
        }
        else
        {
            bool processor = DeviceShape.IsProcessor(stream);
            RowLoop plan = RowPlanner.Plan(loop, processor, IsCostlyPair(operation), out KernelConfig config);
            int kindA = !a.Words.IsValid ? OperandKind.Number : a.IsSame(y, extents) ? OperandKind.Result : Kind(loop, 1);
            int kindB = !b.Words.IsValid ? OperandKind.Number : b.IsSame(y, extents) ? OperandKind.Result : Kind(loop, 2);
            plan.StepA = kindA == OperandKind.Number ? -1 : plan.StepA;
            plan.StepB = kindB == OperandKind.Number ? -1 : plan.StepB;
            int form = processor ? Form(plan, kindA, kindB, 0)
                : RowPlanner.Flatten(ref plan, loop, y.Words, a.Words, b.Words, default, ref config) ? RowForm.Flat : RowForm.Beside;
            stream.Launch(config, new ElementwiseKernels.BinaryKernel(
                a.Words, b.Words, y.Words, numberA, numberB, plan, new SpecializedValue<int>(operation), new SpecializedValue<int>(form)));
        }
    }

    /// <summary>True if an operand lies across the result and should be brought side by side first, tile by tile.</summary>
    private static bool NeedsDense(in StridedLoop loop, int operand, ArrayView<int> words)
    {
        int inner = loop.Rank - 1;
        bool across = false;
        for (int axis = 0; axis < inner; axis++)
        {
            across |= loop.Stride(operand, axis) == 1 && loop.Extent(axis) >= CopyLaunch.FewestLines;
        }

        return across && words.IsValid && loop.Stride(0, inner) == 1 && loop.Stride(operand, inner) > 1 && loop.Inner >= CopyLaunch.FewestLines;
    }

    /// <summary>The form of a processor's thread.</summary>
    private static int Form(in RowLoop plan, int first, int second, int third) =>
        plan.StepY != 1 || first < 0 || second < 0 || third < 0 ? RowForm.Strided : RowForm.Dense + first + (4 * second) + (16 * third);

    private static bool IsCostly(int operation) => operation is (int)UnaryOperation.Exponential or (int)UnaryOperation.Logarithm or (int)UnaryOperation.Sine
        or (int)UnaryOperation.Cosine or (int)UnaryOperation.Tanh or (int)UnaryOperation.Sigmoid or (int)UnaryOperation.Gelu or (int)UnaryOperation.Erf
        or (int)UnaryOperation.Softplus;

    private static bool IsCostlyPair(int operation) => operation is (int)BinaryOperation.Power or (int)BinaryOperation.GeluGradient;
}
