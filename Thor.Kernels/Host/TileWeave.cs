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
    /// <summary>A register of columns from either place, times the scales; what is smaller than the floor becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Join(T* first, T* second, TVector scales, TVector floor) =>
        TLanes.Flush(TLanes.Multiply(TLanes.Tiles == 2 ? Zip(first, second) : TLanes.Load(first), scales), floor);

    /// <summary>The way back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Part(TVector woven, T* first, T* second)
    {
        if (TLanes.Tiles == 1)
        {
            TLanes.Store(woven, first);
        }
        else if (typeof(TVector) == typeof(Vector512<float>))
        {
            Vector512<int> order = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
            Vector512<float> parted = Avx512F.PermuteVar16x32(Unsafe.BitCast<TVector, Vector512<float>>(woven), order);
            parted.GetLower().Store((float*)first);
            parted.GetUpper().Store((float*)second);
        }
        else
        {
            Vector256<int> order = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);
            Vector256<float> parted = Avx2.PermuteVar8x32(Unsafe.BitCast<TVector, Vector256<float>>(woven), order);
            parted.GetLower().Store((float*)first);
            parted.GetUpper().Store((float*)second);
        }
    }

    /// <summary>Half a register from either place, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Zip(T* first, T* second)
    {
        if (typeof(TVector) == typeof(Vector512<float>))
        {
            Vector512<float> both = Avx512F.InsertVector256(Vector256.Load((float*)first).ToVector512Unsafe(), Vector256.Load((float*)second), 1);
            Vector512<int> order = Vector512.Create(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
            return Unsafe.BitCast<Vector512<float>, TVector>(Avx512F.PermuteVar16x32(both, order));
        }

        Vector128<float> a = Vector128.Load((float*)first);
        Vector128<float> b = Vector128.Load((float*)second);
        return Unsafe.BitCast<Vector256<float>, TVector>(Vector256.Create(Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b)));
    }
}
