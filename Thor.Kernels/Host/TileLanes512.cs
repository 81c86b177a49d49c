using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Registers of 512 bits.</summary>
internal readonly unsafe struct TileLanes512<T, TGroup> : ITileLanes<Vector512<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TGroup : struct, ITileGroup
{
    public static int Count => Vector512<T>.Count;

    public static int Tiles => TGroup.Size;

    public static bool Wide => true;

    public static Vector512<T> Zero => Vector512<T>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Broadcast(T* source) => TGroup.Size == 2
        ? Vector512.Create(*(double*)source).As<double, T>()
        : Vector512.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load(T* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<T> value, T* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Divide(Vector512<T> a, Vector512<T> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> SquareRoot(Vector512<T> value) => Vector512.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) =>
        typeof(T) == typeof(float)
            ? Vector512.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector512.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Flush(Vector512<T> value, Vector512<T> floor) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(value), floor), Vector512<T>.Zero, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Spread(Vector512<T> value, int column) => typeof(T) == typeof(float) && TGroup.Size == 1
            ? Avx512F.PermuteVar16x32(value.AsSingle(), Vector512.Create(column)).As<float, T>()
            : Avx512F.PermuteVar8x64(value.AsDouble(), Vector512.Create((long)column)).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Unit(int column) => Select(column, Vector512<T>.One, Vector512<T>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Select(int column, Vector512<T> a, Vector512<T> b) => Vector512.ConditionalSelect(Columns(column), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Max(Vector512<T> a, Vector512<T> b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Vector512<T> value) => Vector512.Sum(value);

    /// <summary>Ones of all bits in a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Columns(int column) => TGroup.Size == 2 || typeof(T) == typeof(double)
        ? Vector512.Equals(Vector512<long>.Indices, Vector512.Create((long)column)).As<long, T>()
        : Vector512.Equals(Vector512<int>.Indices, Vector512.Create(column)).As<int, T>();
}
