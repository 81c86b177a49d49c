using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>
/// Products of matrices whose rows lie interleaved by twos, element by element: the sums over even rows beside those over odd
/// ones. A register then holds half as many columns, so that less of it is wasted at the diagonal of a triangle.
/// </summary>
internal static unsafe class TilePairs
{
    /// <summary>Whether there is code for the element type on this processor.</summary>
    public static bool Supports<T>()
        where T : unmanaged => typeof(T) == typeof(float) && Avx2.IsSupported;

    /// <summary>c = P^T Q (+ c), see <see cref="TileBlocks{TLanes, TVector, T}"/>; columns and strides in elements, two for each column of the matrix.</summary>
    public static void Multiply<T>(
        T* p, nint pStride, T* q, nint qStride, T* c, nint cStride, int rows, int columns, int k, bool accumulate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            TileBlocks<TileLanes512<T, TileGroups.Two>, Vector512<T>, T>.Multiply(p, pStride, q, qStride, c, cStride, rows, columns, k, accumulate);
        }
        else
        {
            TileBlocks<TileLanes256<T, TileGroups.Two>, Vector256<T>, T>.Multiply(p, pStride, q, qStride, c, cStride, rows, columns, k, accumulate);
        }
    }

    /// <summary>Interleaves two rows.</summary>
    public static void Join<T>(T* even, T* odd, T* woven, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int i = Vector512.IsHardwareAccelerated
            ? TileWeave<TileLanes512<T, TileGroups.Two>, Vector512<T>, T>.Join(even, odd, woven, count)
            : TileWeave<TileLanes256<T, TileGroups.Two>, Vector256<T>, T>.Join(even, odd, woven, count);
        for (; i < count; i++)
        {
            woven[2 * i] = even[i];
            woven[(2 * i) + 1] = odd[i];
        }
    }

    /// <summary>sums[i] = woven[2 i] + woven[2 i + 1], possibly in place.</summary>
    public static void Fold<T>(T* woven, T* sums, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int i = Vector512.IsHardwareAccelerated
            ? TileWeave<TileLanes512<T, TileGroups.Two>, Vector512<T>, T>.Fold(woven, sums, count)
            : TileWeave<TileLanes256<T, TileGroups.Two>, Vector256<T>, T>.Fold(woven, sums, count);
        for (; i < count; i++)
        {
            sums[i] = woven[2 * i] + woven[(2 * i) + 1];
        }
    }
}
