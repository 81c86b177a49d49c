using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>Factorisation and triangular inverse of a diagonal block of 16.</summary>
internal static unsafe class TilePivot
{
    private const int Size = 16;

    /// <summary>
    /// Replaces the block A, given by its upper triangle, by X with X A X^T = I: lower triangular, zeros above. Also writes
    /// the transpose of X, without gaps.
    /// </summary>
    /// <returns>16, or the number of good pivots before the first that is not positive and finite; the block is then spoilt.</returns>
    public static int Run<T>(T* block, nint stride, T* transposed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Run<TileLanes512<T>, Vector512<T>, T>(block, stride, transposed);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            return Run<TileLanes256<T>, Vector256<T>, T>(block, stride, transposed);
        }

        return Vector128.IsHardwareAccelerated
            ? Run<TileLanes128<T>, Vector128<T>, T>(block, stride, transposed)
            : Run<TileLanes1<T>, T, T>(block, stride, transposed);
    }

    // Elimination without square roots, A = L D L^T, of the block and the identity side by side: the next pivot waits for one
    // division only. The square roots come at the end, all independent.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Run<TLanes, TVector, T>(T* block, nint stride, T* transposed)
        where TLanes : struct, ITileLanes<TVector, T>
        where TVector : unmanaged
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T* x = stackalloc T[Size * Size];
        T* pivots = stackalloc T[Size];
        new Span<T>(x, Size * Size).Clear();
        for (int k = 0; k < Size; k++)
        {
            T* row = block + (k * stride);
            T* inverseRow = x + (k * Size);
            T pivot = row[k];
            if (!(pivot > T.Zero && T.IsFinite(pivot)))
            {
                return k;
            }

            pivots[k] = pivot;
            inverseRow[k] = T.One;
            T reciprocal = T.NegativeOne / pivot;
            int left = k & ~(TLanes.Count - 1);
            for (int i = k + 1; i < Size; i++)
            {
                TVector factor = TLanes.Broadcast(row[i] * reciprocal);
                T* target = block + (i * stride);
                T* inverseTarget = x + (i * Size);
                for (int lane = left; lane < Size; lane += TLanes.Count)
                {
                    TLanes.Store(TLanes.MultiplyAdd(factor, TLanes.Load(row + lane), TLanes.Load(target + lane)), target + lane);
                }

                for (int lane = 0; lane <= left; lane += TLanes.Count)
                {
                    TLanes.Store(TLanes.MultiplyAdd(factor, TLanes.Load(inverseRow + lane), TLanes.Load(inverseTarget + lane)), inverseTarget + lane);
                }
            }
        }

        for (int k = 0; k < Size; k++)
        {
            TVector factor = TLanes.Broadcast(T.One / T.Sqrt(pivots[k]));
            for (int lane = 0; lane < Size; lane += TLanes.Count)
            {
                TLanes.Store(TLanes.Multiply(factor, TLanes.Load(x + (k * Size) + lane)), block + (k * stride) + lane);
            }
        }

        TileTranspose.Run(block, stride, transposed, Size, Size, Size);
        return Size;
    }
}
