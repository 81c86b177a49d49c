using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <content>One run of elements: which loop an operation and an element type ask for.</content>
public static unsafe partial class Elementwise
{
    private static delegate*<T*, T*, nint, void> RowOf<T>(UnaryOperation operation)
        where T : unmanaged, INumber<T>
    {
        switch (operation)
        {
            case UnaryOperation.Negate:
                return &Row<NegateOperator, T>;
            case UnaryOperation.Absolute:
                return &Row<AbsoluteOperator, T>;
            case UnaryOperation.Sign:
                return &Row<SignOperator, T>;
            case UnaryOperation.Square:
                return &Row<SquareOperator, T>;
            case UnaryOperation.Relu:
                return &Row<ReluOperator, T>;
            case UnaryOperation.Step:
                return &Row<StepOperator, T>;
        }

        if (typeof(T) == typeof(int))
        {
            throw new NotSupportedException($"{operation} is not defined for integers.");
        }

        return operation switch
        {
            UnaryOperation.SquareRoot => &Row<SquareRootOperator, T>,
            UnaryOperation.ReciprocalSquareRoot => &Row<ReciprocalSquareRootOperator, T>,
            UnaryOperation.Reciprocal => &Row<ReciprocalOperator, T>,
            UnaryOperation.Exponential => &Row<ExponentialOperator, T>,
            UnaryOperation.Logarithm => &Logarithm,
            UnaryOperation.Sine => &Sine,
            UnaryOperation.Cosine => &Cosine,
            UnaryOperation.Tanh => &Row<TanhOperator, T>,
            UnaryOperation.Sigmoid => &Row<SigmoidOperator, T>,
            UnaryOperation.Gelu => &Row<GeluOperator, T>,
            UnaryOperation.Erf => &Row<ErfOperator, T>,
            UnaryOperation.Softplus => &Row<SoftplusOperator, T>,
            UnaryOperation.IsFinite => &Row<IsFiniteOperator, T>,
            _ => throw new NotSupportedException($"There is no element-wise operation {operation}."),
        };
    }

    private static delegate*<T*, nint, T*, nint, T*, nint, void> RowOf<T>(BinaryOperation operation)
        where T : unmanaged, INumber<T>
    {
        switch (operation)
        {
            case BinaryOperation.Add:
                return &Row<AddOperator, T>;
            case BinaryOperation.Subtract:
                return &Row<SubtractOperator, T>;
            case BinaryOperation.Multiply:
                return &Row<MultiplyOperator, T>;
            case BinaryOperation.Maximum:
                return &Row<MaximumOperator, T>;
            case BinaryOperation.Minimum:
                return &Row<MinimumOperator, T>;
            case BinaryOperation.Greater:
                return &Row<GreaterOperator, T>;
            case BinaryOperation.GreaterOrEqual:
                return &Row<GreaterOrEqualOperator, T>;
            case BinaryOperation.Equal:
                return &Row<EqualOperator, T>;
            case BinaryOperation.ReluGradient:
                return &Row<ReluGradientOperator, T>;
        }

        if (typeof(T) == typeof(int))
        {
            throw new NotSupportedException($"{operation} is not defined for integers.");
        }

        return operation switch
        {
            BinaryOperation.Divide => &Row<DivideOperator, T>,
            BinaryOperation.Power => &Power,
            BinaryOperation.GeluGradient => &Row<GeluGradientOperator, T>,
            BinaryOperation.TanhGradient => &Row<TanhGradientOperator, T>,
            BinaryOperation.SigmoidGradient => &Row<SigmoidGradientOperator, T>,
            _ => throw new NotSupportedException($"There is no element-wise operation {operation}."),
        };
    }

    private static void Row<TOperator, T>(T* x, T* y, nint n)
        where TOperator : struct, IUnaryOperator
        where T : unmanaged, INumber<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Row<TOperator, Lane512<T>, T>(x, y, n);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Row<TOperator, Lane256<T>, T>(x, y, n);
        }
        else
        {
            Row<TOperator, Lane1<T>, T>(x, y, n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TOperator, TLane, T>(T* x, T* y, nint n)
        where TOperator : struct, IUnaryOperator
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - TLane.Count; i += TLane.Count)
        {
            TOperator.Invoke<TLane, T>(TLane.Load(x + i)).Store(y + i);
        }

        if (i < n)
        {
            // The remainder goes through one more register, padded with zeros.
            T* padded = stackalloc T[TLane.Count];
            Move(x + i, 1, padded, n - i);
            TOperator.Invoke<TLane, T>(TLane.Load(padded)).Store(padded);
            Move(padded, 1, y + i, n - i);
        }
    }

    private static void Row<TOperator, T>(T* a, nint stepA, T* b, nint stepB, T* y, nint n)
        where TOperator : struct, IBinaryOperator
        where T : unmanaged, INumber<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Row<TOperator, Lane512<T>, T>(a, stepA, b, stepB, y, n);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Row<TOperator, Lane256<T>, T>(a, stepA, b, stepB, y, n);
        }
        else
        {
            Row<TOperator, Lane1<T>, T>(a, stepA, b, stepB, y, n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TOperator, TLane, T>(T* a, nint stepA, T* b, nint stepB, T* y, nint n)
        where TOperator : struct, IBinaryOperator
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        nint i = 0;
        if (stepA != 0 && stepB != 0)
        {
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                TOperator.Invoke<TLane, T>(TLane.Load(a + i), TLane.Load(b + i)).Store(y + i);
            }
        }
        else if (stepA != 0)
        {
            TLane second = TLane.All(*b);
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                TOperator.Invoke<TLane, T>(TLane.Load(a + i), second).Store(y + i);
            }
        }
        else if (stepB != 0)
        {
            TLane first = TLane.All(*a);
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                TOperator.Invoke<TLane, T>(first, TLane.Load(b + i)).Store(y + i);
            }
        }
        else
        {
            TLane both = TOperator.Invoke<TLane, T>(TLane.All(*a), TLane.All(*b));
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                both.Store(y + i);
            }
        }

        if (i < n)
        {
            T* first = stackalloc T[2 * TLane.Count];
            T* second = first + TLane.Count;
            Move(a + (i * stepA), stepA, first, n - i);
            Move(b + (i * stepB), stepB, second, n - i);
            TOperator.Invoke<TLane, T>(TLane.Load(first), TLane.Load(second)).Store(first);
            Move(first, 1, y + i, n - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<T>(T* from, nint step, T* to, nint n)
        where T : unmanaged
    {
        for (nint i = 0; i < n; i++)
        {
            to[i] = from[i * step];
        }
    }

    private static void Logarithm<T>(T* x, T* y, nint n)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            TensorPrimitives.Log(new ReadOnlySpan<float>(x, (int)n), new Span<float>(y, (int)n));
        }
        else
        {
            TensorPrimitives.Log(new ReadOnlySpan<double>(x, (int)n), new Span<double>(y, (int)n));
        }
    }

    private static void Sine<T>(T* x, T* y, nint n)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            TensorPrimitives.Sin(new ReadOnlySpan<float>(x, (int)n), new Span<float>(y, (int)n));
        }
        else
        {
            TensorPrimitives.Sin(new ReadOnlySpan<double>(x, (int)n), new Span<double>(y, (int)n));
        }
    }

    private static void Cosine<T>(T* x, T* y, nint n)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            TensorPrimitives.Cos(new ReadOnlySpan<float>(x, (int)n), new Span<float>(y, (int)n));
        }
        else
        {
            TensorPrimitives.Cos(new ReadOnlySpan<double>(x, (int)n), new Span<double>(y, (int)n));
        }
    }

    private static void Power<T>(T* a, nint stepA, T* b, nint stepB, T* y, nint n)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            PowerOf((float*)a, stepA, (float*)b, stepB, (float*)y, (int)n);
        }
        else
        {
            PowerOf((double*)a, stepA, (double*)b, stepB, (double*)y, (int)n);
        }
    }

    private static void PowerOf<T>(T* a, nint stepA, T* b, nint stepB, T* y, int n)
        where T : unmanaged, IPowerFunctions<T>
    {
        Span<T> result = new(y, n);
        if (stepB == 0)
        {
            if (stepA == 0)
            {
                result.Fill(T.Pow(*a, *b));
                return;
            }

            TensorPrimitives.Pow(new ReadOnlySpan<T>(a, n), *b, result);
        }
        else if (stepA == 0)
        {
            TensorPrimitives.Pow(*a, new ReadOnlySpan<T>(b, n), result);
        }
        else
        {
            TensorPrimitives.Pow(new ReadOnlySpan<T>(a, n), new ReadOnlySpan<T>(b, n), result);
        }
    }
}
