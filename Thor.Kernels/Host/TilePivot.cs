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
        if (TLanes.Wide && TLanes.Count == width)
        {
            RunInRegisters(block, stride, x, pivots);
            return;
        }

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

    /// <summary>The same where a row of the block is a register: the next pivot never waits for memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunInRegisters(T* block, nint stride, T* x, T* pivots)
    {
        TVector negative = TLanes.Broadcast(T.NegativeOne);
        TVector a0 = TLanes.Load(block);
        TVector a1 = TLanes.Load(block + stride);
        TVector a2 = TLanes.Load(block + (2 * stride));
        TVector a3 = TLanes.Load(block + (3 * stride));
        TVector a4 = TLanes.Load(block + (4 * stride));
        TVector a5 = TLanes.Load(block + (5 * stride));
        TVector a6 = TLanes.Load(block + (6 * stride));
        TVector a7 = TLanes.Load(block + (7 * stride));
        TVector x0 = TLanes.Unit(0);
        TVector x1 = TLanes.Unit(1);
        TVector x2 = TLanes.Unit(2);
        TVector x3 = TLanes.Unit(3);
        TVector x4 = TLanes.Unit(4);
        TVector x5 = TLanes.Unit(5);
        TVector x6 = TLanes.Unit(6);
        TVector x7 = TLanes.Unit(7);
        TVector reciprocal;
        reciprocal = TLanes.Divide(negative, TLanes.Spread(a0, 0));
        Eliminate(a0, x0, reciprocal, 1, ref a1, ref x1);
        Eliminate(a0, x0, reciprocal, 2, ref a2, ref x2);
        Eliminate(a0, x0, reciprocal, 3, ref a3, ref x3);
        Eliminate(a0, x0, reciprocal, 4, ref a4, ref x4);
        Eliminate(a0, x0, reciprocal, 5, ref a5, ref x5);
        Eliminate(a0, x0, reciprocal, 6, ref a6, ref x6);
        Eliminate(a0, x0, reciprocal, 7, ref a7, ref x7);
        reciprocal = TLanes.Divide(negative, TLanes.Spread(a1, 1));
        Eliminate(a1, x1, reciprocal, 2, ref a2, ref x2);
        Eliminate(a1, x1, reciprocal, 3, ref a3, ref x3);
        Eliminate(a1, x1, reciprocal, 4, ref a4, ref x4);
        Eliminate(a1, x1, reciprocal, 5, ref a5, ref x5);
        Eliminate(a1, x1, reciprocal, 6, ref a6, ref x6);
        Eliminate(a1, x1, reciprocal, 7, ref a7, ref x7);
        reciprocal = TLanes.Divide(negative, TLanes.Spread(a2, 2));
        Eliminate(a2, x2, reciprocal, 3, ref a3, ref x3);
        Eliminate(a2, x2, reciprocal, 4, ref a4, ref x4);
        Eliminate(a2, x2, reciprocal, 5, ref a5, ref x5);
        Eliminate(a2, x2, reciprocal, 6, ref a6, ref x6);
        Eliminate(a2, x2, reciprocal, 7, ref a7, ref x7);
        reciprocal = TLanes.Divide(negative, TLanes.Spread(a3, 3));
        Eliminate(a3, x3, reciprocal, 4, ref a4, ref x4);
        Eliminate(a3, x3, reciprocal, 5, ref a5, ref x5);
        Eliminate(a3, x3, reciprocal, 6, ref a6, ref x6);
        Eliminate(a3, x3, reciprocal, 7, ref a7, ref x7);
        reciprocal = TLanes.Divide(negative, TLanes.Spread(a4, 4));
        Eliminate(a4, x4, reciprocal, 5, ref a5, ref x5);
        Eliminate(a4, x4, reciprocal, 6, ref a6, ref x6);
        Eliminate(a4, x4, reciprocal, 7, ref a7, ref x7);
        reciprocal = TLanes.Divide(negative, TLanes.Spread(a5, 5));
        Eliminate(a5, x5, reciprocal, 6, ref a6, ref x6);
        Eliminate(a5, x5, reciprocal, 7, ref a7, ref x7);
        reciprocal = TLanes.Divide(negative, TLanes.Spread(a6, 6));
        Eliminate(a6, x6, reciprocal, 7, ref a7, ref x7);

        // The pivots of all rows, from the diagonal.
        TVector diagonal = a0;
        diagonal = TLanes.Select(1, a1, diagonal);
        diagonal = TLanes.Select(2, a2, diagonal);
        diagonal = TLanes.Select(3, a3, diagonal);
        diagonal = TLanes.Select(4, a4, diagonal);
        diagonal = TLanes.Select(5, a5, diagonal);
        diagonal = TLanes.Select(6, a6, diagonal);
        diagonal = TLanes.Select(7, a7, diagonal);
        TVector positive = TLanes.Multiply(negative, diagonal);
        TLanes.Store(positive, pivots);
        TVector roots = TLanes.Divide(TLanes.Broadcast(T.One), TLanes.SquareRoot(positive));
        Finish(TLanes.Multiply(TLanes.Spread(roots, 0), x0), negative, block, x);
        Finish(TLanes.Multiply(TLanes.Spread(roots, 1), x1), negative, block + stride, x + TLanes.Count);
        Finish(TLanes.Multiply(TLanes.Spread(roots, 2), x2), negative, block + (2 * stride), x + (2 * TLanes.Count));
        Finish(TLanes.Multiply(TLanes.Spread(roots, 3), x3), negative, block + (3 * stride), x + (3 * TLanes.Count));
        Finish(TLanes.Multiply(TLanes.Spread(roots, 4), x4), negative, block + (4 * stride), x + (4 * TLanes.Count));
        Finish(TLanes.Multiply(TLanes.Spread(roots, 5), x5), negative, block + (5 * stride), x + (5 * TLanes.Count));
        Finish(TLanes.Multiply(TLanes.Spread(roots, 6), x6), negative, block + (6 * stride), x + (6 * TLanes.Count));
        Finish(TLanes.Multiply(TLanes.Spread(roots, 7), x7), negative, block + (7 * stride), x + (7 * TLanes.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eliminate(TVector a, TVector x, TVector reciprocal, int column, ref TVector target, ref TVector inverseTarget)
    {
        TVector factor = TLanes.Multiply(TLanes.Spread(a, column), reciprocal);
        target = TLanes.MultiplyAdd(factor, a, target);
        inverseTarget = TLanes.MultiplyAdd(factor, x, inverseTarget);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(TVector row, TVector negative, T* block, T* x)
    {
        TLanes.Store(row, block);
        TLanes.Store(TLanes.Multiply(negative, row), x);
    }
}
