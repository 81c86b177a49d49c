using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Registers of 256 bits.</summary>
internal readonly unsafe struct TileLanes256<T, TGroup> : ITileLanes<Vector256<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TGroup : struct, ITileGroup
{
    public static int Count => Vector256<T>.Count;

    public static int Tiles => TGroup.Size;

    public static bool Wide => Avx512F.VL.IsSupported;

    public static Vector256<T> Zero => Vector256<T>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Broadcast(T* source) => TGroup.Size == 2
        ? Vector256.Create(*(double*)source).As<double, T>()
        : Vector256.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Load(T* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<T> value, T* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Multiply(Vector256<T> a, Vector256<T> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Divide(Vector256<T> a, Vector256<T> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> SquareRoot(Vector256<T> value) => Vector256.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) =>
        typeof(T) == typeof(float)
            ? Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector256.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Flush(Vector256<T> value, Vector256<T> floor) =>
        Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(value), floor), Vector256<T>.Zero, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Spread(Vector256<T> value, int column) => typeof(T) == typeof(float) && TGroup.Size == 1
            ? Avx2.PermuteVar8x32(value.AsSingle(), Vector256.Create(column)).As<float, T>()
            : TGroup.Size == 2 ? Vector256.Create(value.AsDouble()[column]).As<double, T>() : Vector256.Create(value[column]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Unit(int column) => Select(column, Vector256<T>.One, Vector256<T>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Select(int column, Vector256<T> a, Vector256<T> b) => Vector256.ConditionalSelect(Columns(column), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Max(Vector256<T> a, Vector256<T> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Vector256<T> value) => Vector256.Sum(value);

    /// <summary>Ones of all bits in a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Columns(int column) => TGroup.Size == 2 || typeof(T) == typeof(double)
        ? Vector256.Equals(Vector256<long>.Indices, Vector256.Create((long)column)).As<long, T>()
        : Vector256.Equals(Vector256<int>.Indices, Vector256.Create(column)).As<int, T>();
}
