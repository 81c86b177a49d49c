using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>What a reduction does with its elements, for any register.</summary>
internal interface IReducer
{
    /// <summary>What a reduction starts from.</summary>
    static abstract double Identity { get; }

    /// <summary>An element on its way in.</summary>
    static abstract TLane Enter<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>;

    /// <summary>Two partial results into one.</summary>
    static abstract TLane Combine<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>;

    /// <summary>A register of partial results into one.</summary>
    static abstract T Fold<TLane, T>(TLane a)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>;
}

internal readonly struct SumReducer : IReducer
{
    public static double Identity => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Enter<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Combine<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TLane, T>(TLane a)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a.Sum();
}

internal readonly struct SumOfSquaresReducer : IReducer
{
    public static double Identity => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Enter<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Combine<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TLane, T>(TLane a)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a.Sum();
}

internal readonly struct MaximumReducer : IReducer
{
    public static double Identity => double.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Enter<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Combine<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TLane, T>(TLane a)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a.Largest();
}

internal readonly struct MinimumReducer : IReducer
{
    public static double Identity => double.PositiveInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Enter<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Combine<TLane, T>(TLane a, TLane b)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => TLane.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TLane, T>(TLane a)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => a.Smallest();
}
