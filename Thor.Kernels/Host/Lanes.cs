using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>512-bit registers, of which there are 32.</summary>
internal readonly unsafe struct Lanes512<T> : ILanes<T, Vector512<T>>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector512<T>.Count;

    public static int Rows => 14;

    public static int Taps => 6;

    public static Vector512<T> Zero => Vector512<T>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load(T* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<T> value, T* target) => Vector512.Store(value, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) => typeof(T) == typeof(float)
        ? Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    public static void Transpose(T* source, nint sourceStride, int rows, T* target, nint targetStride, int lanes)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported && lanes == 16)
        {
            Transpose16((float*)source, sourceStride, rows, (float*)target, targetStride);
        }
        else
        {
            ScalarLanes<T>.Exchange(source, sourceStride, rows, target, targetStride, lanes);
        }
    }

    /// <summary>16 lanes of up to 16 rows: pairs, quadruples, then 128-bit quarters are exchanged. Missing rows repeat the last, and are not stored.</summary>
    private static void Transpose16(float* source, nint stride, int rows, float* target, nint targetStride)
    {
        Quadruple(source, stride, rows, 0, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        Quadruple(source, stride, rows, 4, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        Quadruple(source, stride, rows, 8, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3);
        Quadruple(source, stride, rows, 12, out Vector512<float> d0, out Vector512<float> d1, out Vector512<float> d2, out Vector512<float> d3);
        Vector512<float> mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(rows)).AsSingle();
        StoreQuarters(a0, b0, c0, d0, mask, target, 4 * targetStride);
        StoreQuarters(a1, b1, c1, d1, mask, target + targetStride, 4 * targetStride);
        StoreQuarters(a2, b2, c2, d2, mask, target + (2 * targetStride), 4 * targetStride);
        StoreQuarters(a3, b3, c3, d3, mask, target + (3 * targetStride), 4 * targetStride);
    }

    /// <summary>Four rows from a first on, exchanged within quarters: quarter p of result c holds column 4 p + c of the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quadruple(
        float* source, nint stride, int rows, int first, out Vector512<float> q0, out Vector512<float> q1, out Vector512<float> q2, out Vector512<float> q3)
    {
        Vector512<float> r0 = Vector512.Load(source + (Math.Min(first, rows - 1) * stride));
        Vector512<float> r1 = Vector512.Load(source + (Math.Min(first + 1, rows - 1) * stride));
        Vector512<float> r2 = Vector512.Load(source + (Math.Min(first + 2, rows - 1) * stride));
        Vector512<float> r3 = Vector512.Load(source + (Math.Min(first + 3, rows - 1) * stride));
        Vector512<double> low0 = Avx512F.UnpackLow(r0, r1).AsDouble();
        Vector512<double> low1 = Avx512F.UnpackLow(r2, r3).AsDouble();
        Vector512<double> high0 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> high1 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        q0 = Avx512F.UnpackLow(low0, low1).AsSingle();
        q1 = Avx512F.UnpackHigh(low0, low1).AsSingle();
        q2 = Avx512F.UnpackLow(high0, high1).AsSingle();
        q3 = Avx512F.UnpackHigh(high0, high1).AsSingle();
    }

    /// <summary>Collects the equal quarters of four registers and stores them as rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuarters(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, Vector512<float> mask, float* target, nint stride)
    {
        Vector512<float> even0 = Avx512F.Shuffle4x128(a, b, 0x88);
        Vector512<float> odd0 = Avx512F.Shuffle4x128(a, b, 0xDD);
        Vector512<float> even1 = Avx512F.Shuffle4x128(c, d, 0x88);
        Vector512<float> odd1 = Avx512F.Shuffle4x128(c, d, 0xDD);
        Avx512F.MaskStore(target, mask, Avx512F.Shuffle4x128(even0, even1, 0x88));
        Avx512F.MaskStore(target + stride, mask, Avx512F.Shuffle4x128(odd0, odd1, 0x88));
        Avx512F.MaskStore(target + (2 * stride), mask, Avx512F.Shuffle4x128(even0, even1, 0xDD));
        Avx512F.MaskStore(target + (3 * stride), mask, Avx512F.Shuffle4x128(odd0, odd1, 0xDD));
    }
}

/// <summary>256-bit registers, of which there are 16.</summary>
internal readonly unsafe struct Lanes256<T> : ILanes<T, Vector256<T>>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector256<T>.Count;

    public static int Rows => 6;

    public static int Taps => 2;

    public static Vector256<T> Zero => Vector256<T>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Load(T* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<T> value, T* target) => Vector256.Store(value, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;

    // Where the processor has no fused instruction, a library call per lane would take its place: round twice instead.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) => typeof(T) == typeof(float)
        ? Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector256.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    public static void Transpose(T* source, nint sourceStride, int rows, T* target, nint targetStride, int lanes) =>
        ScalarLanes<T>.Exchange(source, sourceStride, rows, target, targetStride, lanes);
}

/// <summary>One element at a time, for machines without wide registers.</summary>
internal readonly unsafe struct ScalarLanes<T> : ILanes<T, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => 1;

    public static int Rows => 6;

    public static int Taps => 2;

    public static T Zero => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load(T* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T value, T* target) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Broadcast(T value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add(T a, T b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MultiplyAdd(T a, T b, T c) => (a * b) + c;

    public static void Transpose(T* source, nint sourceStride, int rows, T* target, nint targetStride, int lanes) =>
        Exchange(source, sourceStride, rows, target, targetStride, lanes);

    /// <summary>target[l, r] = source[r, l].</summary>
    public static void Exchange(T* source, nint sourceStride, int rows, T* target, nint targetStride, int lanes)
    {
        for (int l = 0; l < lanes; l++)
        {
            for (int r = 0; r < rows; r++)
            {
                target[(l * targetStride) + r] = source[(r * sourceStride) + l];
            }
        }
    }
}
