using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>A register of one element: remainders of loops, and machines without vectors.</summary>
internal readonly unsafe struct Lane1<T> : ILane<Lane1<T>, T>
    where T : unmanaged, INumber<T>
{
    private readonly T _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lane1(T v)
    {
        _v = v;
    }

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> operator +(Lane1<T> a, Lane1<T> b) => new(unchecked(a._v + b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> operator -(Lane1<T> a, Lane1<T> b) => new(unchecked(a._v - b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> operator *(Lane1<T> a, Lane1<T> b) => new(unchecked(a._v * b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> operator /(Lane1<T> a, Lane1<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> operator -(Lane1<T> a) => new(unchecked(-a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Load(T* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> All(T value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Fma(Lane1<T> a, Lane1<T> b, Lane1<T> c) => typeof(T) == typeof(float)
        ? Of(MathF.FusedMultiplyAdd(a.Single, b.Single, c.Single))
        : Of(Math.FusedMultiplyAdd(a.Double, b.Double, c.Double));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Max(Lane1<T> a, Lane1<T> b) => new(T.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Min(Lane1<T> a, Lane1<T> b) => new(T.Min(a._v, b._v));

    // int.MinValue stays what it is, as in a register of many.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Abs(Lane1<T> a) => typeof(T) == typeof(int)
        ? new(a._v < T.Zero ? unchecked(-a._v) : a._v)
        : new(T.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Sqrt(Lane1<T> a) => typeof(T) == typeof(float) ? Of(MathF.Sqrt(a.Single)) : Of(Math.Sqrt(a.Double));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Log(Lane1<T> a) => typeof(T) == typeof(float) ? Of(MathF.Log(a.Single)) : Of(Math.Log(a.Double));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> IfGreater(Lane1<T> x, Lane1<T> y, Lane1<T> a, Lane1<T> b) => x._v > y._v ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> IfGreaterOrEqual(Lane1<T> x, Lane1<T> y, Lane1<T> a, Lane1<T> b) => x._v >= y._v ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> IfEqual(Lane1<T> x, Lane1<T> y, Lane1<T> a, Lane1<T> b) => x._v == y._v ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> CopySign(Lane1<T> magnitude, Lane1<T> sign) => new(T.CopySign(magnitude._v, sign._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane1<T> Scale(Lane1<T> a, Lane1<T> shifted) => typeof(T) == typeof(float)
        ? Of(BitConverter.Int32BitsToSingle(unchecked(
            BitConverter.SingleToInt32Bits(a.Single) + (BitConverter.SingleToInt32Bits(shifted.Single) << 23))))
        : Of(BitConverter.Int64BitsToDouble(unchecked(
            BitConverter.DoubleToInt64Bits(a.Double) + (BitConverter.DoubleToInt64Bits(shifted.Double) << 52))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(T* target) => *target = _v;

    public T Sum() => _v;

    public T Largest() => _v;

    public T Smallest() => _v;

    private float Single
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.BitCast<T, float>(_v);
    }

    private double Double
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.BitCast<T, double>(_v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lane1<T> Of(float value) => new(Unsafe.BitCast<float, T>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lane1<T> Of(double value) => new(Unsafe.BitCast<double, T>(value));
}
