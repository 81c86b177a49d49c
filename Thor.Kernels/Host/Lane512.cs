using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>A register of 512 bits.</summary>
internal readonly unsafe struct Lane512<T> : ILane<Lane512<T>, T>
    where T : unmanaged, INumber<T>
{
    private readonly Vector512<T> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lane512(Vector512<T> v)
    {
        _v = v;
    }

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<T>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> operator +(Lane512<T> a, Lane512<T> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> operator -(Lane512<T> a, Lane512<T> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> operator *(Lane512<T> a, Lane512<T> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> operator /(Lane512<T> a, Lane512<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> operator -(Lane512<T> a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Load(T* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> All(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Fma(Lane512<T> a, Lane512<T> b, Lane512<T> c) => typeof(T) == typeof(float)
        ? new(Vector512.FusedMultiplyAdd(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).As<float, T>())
        : new(Vector512.FusedMultiplyAdd(a._v.AsDouble(), b._v.AsDouble(), c._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Max(Lane512<T> a, Lane512<T> b) => new(Vector512.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Min(Lane512<T> a, Lane512<T> b) => new(Vector512.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Abs(Lane512<T> a) => new(Vector512.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Sqrt(Lane512<T> a) => new(Vector512.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Log(Lane512<T> a) => typeof(T) == typeof(float)
        ? new(Vector512.Log(a._v.AsSingle()).As<float, T>())
        : new(Vector512.Log(a._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> IfGreater(Lane512<T> x, Lane512<T> y, Lane512<T> a, Lane512<T> b) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(x._v, y._v), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> IfGreaterOrEqual(Lane512<T> x, Lane512<T> y, Lane512<T> a, Lane512<T> b) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x._v, y._v), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> IfEqual(Lane512<T> x, Lane512<T> y, Lane512<T> a, Lane512<T> b) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(x._v, y._v), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> CopySign(Lane512<T> magnitude, Lane512<T> sign) =>
        new(Vector512.CopySign(magnitude._v, sign._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<T> Scale(Lane512<T> a, Lane512<T> shifted) => typeof(T) == typeof(float)
        ? new((a._v.AsInt32() + (shifted._v.AsInt32() << 23)).As<int, T>())
        : new((a._v.AsInt64() + (shifted._v.AsInt64() << 52)).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(T* target) => _v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Sum() => new Lane256<T>(_v.GetLower() + _v.GetUpper()).Sum();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Largest() => new Lane256<T>(Vector256.Max(_v.GetLower(), _v.GetUpper())).Largest();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Smallest() => new Lane256<T>(Vector256.Min(_v.GetLower(), _v.GetUpper())).Smallest();
}
