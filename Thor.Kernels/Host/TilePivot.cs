using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>Factorisation and triangular inverse of a diagonal block of 8.</summary>
/// <remarks>
/// Elimination without square roots, A = L D L^T, of the block and the identity side by side: the next pivot waits for one
/// division only. The square roots come at the end, all independent.
/// </remarks>
/// <typeparam name="TLanes">The register's operations.</typeparam>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe class TilePivot<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows and columns of the block.</summary>
    public const int Size = 8;

    /// <summary>
    /// Replaces the block -A, given by its upper triangle, by X with X A X^T = I: lower triangular, zeros above. A pivot that is
    /// not positive and finite spoils its tile.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="stride">Elements from one of its rows to the next.</param>
    /// <param name="x">Receives -X, without gaps.</param>
    /// <param name="pivots">Receives the pivots.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(T* block, nint stride, T* x, T* pivots)
    {
        int tiles = TLanes.Tiles;
        int width = Size * tiles;
        new Span<T>(x, Size * width).Clear();
        for (int k = 0; k < Size; k++)
        {
            T* row = block + (k * stride);
            T* inverseRow = x + (k * width);
            for (int tile = 0; tile < tiles; tile++)
            {
                inverseRow[(k * tiles) + tile] = T.One;
            }

            TVector reciprocal = TLanes.Divide(TLanes.Broadcast(T.NegativeOne), TLanes.Broadcast(row + (k * tiles)));
            int left = (k * tiles) & ~(TLanes.Count - 1);
            for (int i = k + 1; i < Size; i++)
            {
                TVector factor = TLanes.Multiply(TLanes.Broadcast(row + (i * tiles)), reciprocal);
                T* target = block + (i * stride);
                T* inverseTarget = x + (i * width);
                for (int lane = left; lane < width; lane += TLanes.Count)
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
            T* row = block + (k * stride);
            for (int tile = 0; tile < tiles; tile++)
            {
                pivots[(k * tiles) + tile] = -row[(k * tiles) + tile];
            }

            TVector negative = TLanes.Broadcast(T.NegativeOne);
            TVector factor = TLanes.Divide(TLanes.Broadcast(T.One), TLanes.SquareRoot(TLanes.Multiply(negative, TLanes.Broadcast(row + (k * tiles)))));
            for (int lane = 0; lane < width; lane += TLanes.Count)
            {
                TVector value = TLanes.Multiply(factor, TLanes.Load(x + (k * width) + lane));
                TLanes.Store(value, row + lane);
                TLanes.Store(TLanes.Multiply(negative, value), x + (k * width) + lane);
            }
        }
    }
}
