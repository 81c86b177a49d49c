using System.Numerics;
using System.Runtime.CompilerServices;
using static Thor.Kernels.Host.LaneFunctions;

namespace Thor.Kernels.Host;

/// <summary>An element-wise function of two arguments, for any register.</summary>
internal interface IBinaryOperator
{
    /// <summary>The function.</summary>
    static abstract TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>;
}

internal readonly struct AddOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a + b;
}

internal readonly struct SubtractOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a - b;
}

internal readonly struct MultiplyOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a * b;
}

internal readonly struct DivideOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a / b;
}

internal readonly struct MaximumOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.Max(a, b);
}

internal readonly struct MinimumOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.Min(a, b);
}

internal readonly struct GreaterOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfGreater(a, b, C<TLane, T>(1), C<TLane, T>(0));
}

internal readonly struct GreaterOrEqualOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfGreaterOrEqual(a, b, C<TLane, T>(1), C<TLane, T>(0));
}

internal readonly struct EqualOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfEqual(a, b, C<TLane, T>(1), C<TLane, T>(0));
}

internal readonly struct ReluGradientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfGreater(a, C<TLane, T>(0), b, C<TLane, T>(0));
}

internal readonly struct GeluGradientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        TLane distribution = NormalDistribution<TLane, T>(a, out TLane bell);
        return b * TLane.Fma(a * C<TLane, T>(0.3989422804014327), bell, distribution);
    }
}

internal readonly struct TanhGradientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => b * (C<TLane, T>(1) - (a * a));
}

internal readonly struct SigmoidGradientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => b * (a * (C<TLane, T>(1) - a));
}
