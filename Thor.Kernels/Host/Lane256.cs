using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>A register of 256 bits.</summary>
internal readonly unsafe struct Lane256<T> : ILane<Lane256<T>, T>
    where T : unmanaged, INumber<T>
{
    private readonly Vector256<T> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Lane256(Vector256<T> v)
    {
        _v = v;
    }

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256<T>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> operator +(Lane256<T> a, Lane256<T> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> operator -(Lane256<T> a, Lane256<T> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> operator *(Lane256<T> a, Lane256<T> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> operator /(Lane256<T> a, Lane256<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> operator -(Lane256<T> a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Load(T* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> All(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Fma(Lane256<T> a, Lane256<T> b, Lane256<T> c) => typeof(T) == typeof(float)
        ? new(Vector256.FusedMultiplyAdd(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).As<float, T>())
        : new(Vector256.FusedMultiplyAdd(a._v.AsDouble(), b._v.AsDouble(), c._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Max(Lane256<T> a, Lane256<T> b) => new(Vector256.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Min(Lane256<T> a, Lane256<T> b) => new(Vector256.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Abs(Lane256<T> a) => new(Vector256.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Sqrt(Lane256<T> a) => new(Vector256.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Log(Lane256<T> a) => typeof(T) == typeof(float)
        ? new(Vector256.Log(a._v.AsSingle()).As<float, T>())
        : new(Vector256.Log(a._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> IfGreater(Lane256<T> x, Lane256<T> y, Lane256<T> a, Lane256<T> b) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(x._v, y._v), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> IfGreaterOrEqual(Lane256<T> x, Lane256<T> y, Lane256<T> a, Lane256<T> b) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(x._v, y._v), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> IfEqual(Lane256<T> x, Lane256<T> y, Lane256<T> a, Lane256<T> b) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(x._v, y._v), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> CopySign(Lane256<T> magnitude, Lane256<T> sign) =>
        new(Vector256.CopySign(magnitude._v, sign._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<T> Scale(Lane256<T> a, Lane256<T> shifted) => typeof(T) == typeof(float)
        ? new((a._v.AsInt32() + (shifted._v.AsInt32() << 23)).As<int, T>())
        : new((a._v.AsInt64() + (shifted._v.AsInt64() << 52)).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(T* target) => _v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Sum()
    {
        Vector128<T> half = _v.GetLower() + _v.GetUpper();
        T result = half[0] + half[Vector128<T>.Count / 2];
        return Vector128<T>.Count == 2 ? result : result + (half[1] + half[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Largest()
    {
        Vector128<T> half = Vector128.Max(_v.GetLower(), _v.GetUpper());
        T result = T.Max(half[0], half[Vector128<T>.Count / 2]);
        return Vector128<T>.Count == 2 ? result : T.Max(result, T.Max(half[1], half[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Smallest()
    {
        Vector128<T> half = Vector128.Min(_v.GetLower(), _v.GetUpper());
        T result = T.Min(half[0], half[Vector128<T>.Count / 2]);
        return Vector128<T>.Count == 2 ? result : T.Min(result, T.Min(half[1], half[3]));
    }
}
