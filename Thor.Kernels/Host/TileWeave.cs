using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Rows of tiles on the way to scratch memory and back: there they lie interleaved, element by element, if they are two.</summary>
/// <typeparam name="TLanes">The register's operations.</typeparam>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe class TileWeave<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>woven = a register from either place, times its scale; then what is smaller than the floor becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join(T* first, T firstScale, T* second, T secondScale, TVector floor, T* woven)
    {
        TVector a = TLanes.Flush(TLanes.Multiply(TLanes.Load(first), TLanes.Broadcast(firstScale)), floor);
        if (TLanes.Tiles == 2)
        {
            TVector b = TLanes.Flush(TLanes.Multiply(TLanes.Load(second), TLanes.Broadcast(secondScale)), floor);
            Zip(ref a, ref b);
            TLanes.Store(b, woven + TLanes.Count);
        }

        TLanes.Store(a, woven);
    }

    /// <summary>The way back, without scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Part(T* woven, out TVector first, out TVector second)
    {
        first = TLanes.Load(woven);
        second = first;
        if (TLanes.Tiles == 2)
        {
            second = TLanes.Load(woven + TLanes.Count);
            Unzip(ref first, ref second);
        }
    }

    /// <summary>The lanes of both in turns: the first halves in a, the second in b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zip(ref TVector a, ref TVector b)
    {
        if (typeof(TVector) == typeof(Vector512<float>))
        {
            Vector512<float> x = Unsafe.BitCast<TVector, Vector512<float>>(a);
            Vector512<float> y = Unsafe.BitCast<TVector, Vector512<float>>(b);
            Vector512<int> first = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            a = Unsafe.BitCast<Vector512<float>, TVector>(Avx512F.PermuteVar16x32x2(x, first, y));
            b = Unsafe.BitCast<Vector512<float>, TVector>(Avx512F.PermuteVar16x32x2(x, first + Vector512.Create(8), y));
        }
        else
        {
            Vector256<float> x = Unsafe.BitCast<TVector, Vector256<float>>(a);
            Vector256<float> y = Unsafe.BitCast<TVector, Vector256<float>>(b);
            Vector256<float> low = Avx.UnpackLow(x, y);
            Vector256<float> high = Avx.UnpackHigh(x, y);
            a = Unsafe.BitCast<Vector256<float>, TVector>(Avx.Permute2x128(low, high, 0x20));
            b = Unsafe.BitCast<Vector256<float>, TVector>(Avx.Permute2x128(low, high, 0x31));
        }
    }

    /// <summary>Undoes <see cref="Zip"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unzip(ref TVector a, ref TVector b)
    {
        if (typeof(TVector) == typeof(Vector512<float>))
        {
            Vector512<float> x = Unsafe.BitCast<TVector, Vector512<float>>(a);
            Vector512<float> y = Unsafe.BitCast<TVector, Vector512<float>>(b);
            Vector512<int> even = Vector512<int>.Indices * 2;
            a = Unsafe.BitCast<Vector512<float>, TVector>(Avx512F.PermuteVar16x32x2(x, even, y));
            b = Unsafe.BitCast<Vector512<float>, TVector>(Avx512F.PermuteVar16x32x2(x, even + Vector512<int>.One, y));
        }
        else
        {
            Vector256<float> x = Unsafe.BitCast<TVector, Vector256<float>>(a);
            Vector256<float> y = Unsafe.BitCast<TVector, Vector256<float>>(b);
            Vector256<float> low = Avx.Permute2x128(x, y, 0x20);
            Vector256<float> high = Avx.Permute2x128(x, y, 0x31);
            a = Unsafe.BitCast<Vector256<float>, TVector>(Avx.Shuffle(low, high, 0x88));
            b = Unsafe.BitCast<Vector256<float>, TVector>(Avx.Shuffle(low, high, 0xDD));
        }
    }
}
