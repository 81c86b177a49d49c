using System.Numerics;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>Products on the widest registers that the processor has and the columns fill.</summary>
internal static unsafe class TileMultiply
{
    /// <summary>c = P^T Q (+ c), see <see cref="TileBlocks{TLanes, TVector, T}"/>.</summary>
    public static void Run<T>(
        T* p, nint pStride, T* q, nint qStride, T* c, nint cStride, int rows, int columns, int k, bool accumulate = false)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated && columns >= Vector512<T>.Count)
        {
            TileBlocks<TileLanes512<T, TileGroups.One>, Vector512<T>, T>.Multiply(p, pStride, q, qStride, c, cStride, rows, columns, k, accumulate);
        }
        else if (Vector256.IsHardwareAccelerated && columns >= Vector256<T>.Count)
        {
            TileBlocks<TileLanes256<T, TileGroups.One>, Vector256<T>, T>.Multiply(p, pStride, q, qStride, c, cStride, rows, columns, k, accumulate);
        }
        else if (Vector128.IsHardwareAccelerated && columns >= Vector128<T>.Count)
        {
            TileBlocks<TileLanes128<T>, Vector128<T>, T>.Multiply(p, pStride, q, qStride, c, cStride, rows, columns, k, accumulate);
        }
        else
        {
            TileBlocks<TileLanes1<T>, T, T>.Multiply(p, pStride, q, qStride, c, cStride, rows, columns, k, accumulate);
        }
    }
}
