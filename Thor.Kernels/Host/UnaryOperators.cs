using System.Numerics;
using System.Runtime.CompilerServices;
using static Thor.Kernels.Host.LaneFunctions;

namespace Thor.Kernels.Host;

/// <summary>An element-wise function of one argument, for any register.</summary>
internal interface IUnaryOperator
{
    /// <summary>The function.</summary>
    static abstract TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>;
}

internal readonly struct NegateOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => -x;
}

internal readonly struct AbsoluteOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.Abs(x);
}

internal readonly struct SignOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfGreater(x, C<TLane, T>(0), C<TLane, T>(1), TLane.IfGreater(C<TLane, T>(0), x, C<TLane, T>(-1), x));
}

internal readonly struct SquareOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => x * x;
}

internal readonly struct SquareRootOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.Sqrt(x);
}

internal readonly struct ReciprocalSquareRootOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => C<TLane, T>(1) / TLane.Sqrt(x);
}

internal readonly struct ReciprocalOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => C<TLane, T>(1) / x;
}

internal readonly struct ExponentialOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => LaneFunctions.Exp<TLane, T>(x);
}

internal readonly struct TanhOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => LaneFunctions.Tanh<TLane, T>(x);
}

internal readonly struct SigmoidOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => LaneFunctions.Sigmoid<TLane, T>(x);
}

internal readonly struct ReluOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfGreater(C<TLane, T>(0), x, C<TLane, T>(0), x);
}

internal readonly struct GeluOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => x * LaneFunctions.NormalDistribution<TLane, T>(x, out _);
}

internal readonly struct ErfOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => LaneFunctions.Erf<TLane, T>(x);
}

internal readonly struct SoftplusOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => LaneFunctions.Softplus<TLane, T>(x);
}

internal readonly struct StepOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfGreater(x, C<TLane, T>(0), C<TLane, T>(1), C<TLane, T>(0));
}

internal readonly struct IsFiniteOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Invoke<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.IfGreater(C<TLane, T>(double.PositiveInfinity), TLane.Abs(x), C<TLane, T>(1), C<TLane, T>(0));
}
