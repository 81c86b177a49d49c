using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>Products of a lower triangular block of 8 with columns, in place.</summary>
/// <remarks>All 8 rows of one or two registers are read before the first is written, and a row needs those above it only.</remarks>
/// <typeparam name="TLanes">The register's operations.</typeparam>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe class TileSolve<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>columns = x columns.</summary>
    /// <param name="x">The block without gaps; what it holds above the diagonal is not read.</param>
    /// <param name="columns">First of 8 rows.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">Elements of a row: whole registers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(T* x, T* columns, nint stride, int count)
    {
        int column = 0;
        for (; TLanes.Wide && column <= count - (2 * TLanes.Count); column += 2 * TLanes.Count)
        {
            Two(x, columns + column, stride);
        }

        for (; column < count; column += TLanes.Count)
        {
            One(x, columns + column, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(T* x, T* columns, nint stride)
    {
        TVector c00 = TLanes.Load(columns);
        TVector c01 = TLanes.Load(columns + TLanes.Count);
        TVector c10 = TLanes.Load(columns + stride);
        TVector c11 = TLanes.Load(columns + stride + TLanes.Count);
        TVector c20 = TLanes.Load(columns + (2 * stride));
        TVector c21 = TLanes.Load(columns + (2 * stride) + TLanes.Count);
        TVector c30 = TLanes.Load(columns + (3 * stride));
        TVector c31 = TLanes.Load(columns + (3 * stride) + TLanes.Count);
        TVector c40 = TLanes.Load(columns + (4 * stride));
        TVector c41 = TLanes.Load(columns + (4 * stride) + TLanes.Count);
        TVector c50 = TLanes.Load(columns + (5 * stride));
        TVector c51 = TLanes.Load(columns + (5 * stride) + TLanes.Count);
        TVector c60 = TLanes.Load(columns + (6 * stride));
        TVector c61 = TLanes.Load(columns + (6 * stride) + TLanes.Count);
        TVector c70 = TLanes.Load(columns + (7 * stride));
        TVector c71 = TLanes.Load(columns + (7 * stride) + TLanes.Count);
        TVector a = TLanes.Broadcast(x);
        TVector s0 = TLanes.Multiply(a, c00);
        TVector s1 = TLanes.Multiply(a, c01);
        TLanes.Store(s0, columns);
        TLanes.Store(s1, columns + TLanes.Count);

        a = TLanes.Broadcast(x + (8 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        s1 = TLanes.Multiply(a, c01);
        a = TLanes.Broadcast(x + (9 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        s1 = TLanes.MultiplyAdd(a, c11, s1);
        TLanes.Store(s0, columns + stride);
        TLanes.Store(s1, columns + stride + TLanes.Count);

        a = TLanes.Broadcast(x + (16 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        s1 = TLanes.Multiply(a, c01);
        a = TLanes.Broadcast(x + (17 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        s1 = TLanes.MultiplyAdd(a, c11, s1);
        a = TLanes.Broadcast(x + (18 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        s1 = TLanes.MultiplyAdd(a, c21, s1);
        TLanes.Store(s0, columns + (2 * stride));
        TLanes.Store(s1, columns + (2 * stride) + TLanes.Count);

        a = TLanes.Broadcast(x + (24 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        s1 = TLanes.Multiply(a, c01);
        a = TLanes.Broadcast(x + (25 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        s1 = TLanes.MultiplyAdd(a, c11, s1);
        a = TLanes.Broadcast(x + (26 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        s1 = TLanes.MultiplyAdd(a, c21, s1);
        a = TLanes.Broadcast(x + (27 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        s1 = TLanes.MultiplyAdd(a, c31, s1);
        TLanes.Store(s0, columns + (3 * stride));
        TLanes.Store(s1, columns + (3 * stride) + TLanes.Count);

        a = TLanes.Broadcast(x + (32 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        s1 = TLanes.Multiply(a, c01);
        a = TLanes.Broadcast(x + (33 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        s1 = TLanes.MultiplyAdd(a, c11, s1);
        a = TLanes.Broadcast(x + (34 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        s1 = TLanes.MultiplyAdd(a, c21, s1);
        a = TLanes.Broadcast(x + (35 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        s1 = TLanes.MultiplyAdd(a, c31, s1);
        a = TLanes.Broadcast(x + (36 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        s1 = TLanes.MultiplyAdd(a, c41, s1);
        TLanes.Store(s0, columns + (4 * stride));
        TLanes.Store(s1, columns + (4 * stride) + TLanes.Count);

        a = TLanes.Broadcast(x + (40 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        s1 = TLanes.Multiply(a, c01);
        a = TLanes.Broadcast(x + (41 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        s1 = TLanes.MultiplyAdd(a, c11, s1);
        a = TLanes.Broadcast(x + (42 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        s1 = TLanes.MultiplyAdd(a, c21, s1);
        a = TLanes.Broadcast(x + (43 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        s1 = TLanes.MultiplyAdd(a, c31, s1);
        a = TLanes.Broadcast(x + (44 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        s1 = TLanes.MultiplyAdd(a, c41, s1);
        a = TLanes.Broadcast(x + (45 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c50, s0);
        s1 = TLanes.MultiplyAdd(a, c51, s1);
        TLanes.Store(s0, columns + (5 * stride));
        TLanes.Store(s1, columns + (5 * stride) + TLanes.Count);

        a = TLanes.Broadcast(x + (48 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        s1 = TLanes.Multiply(a, c01);
        a = TLanes.Broadcast(x + (49 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        s1 = TLanes.MultiplyAdd(a, c11, s1);
        a = TLanes.Broadcast(x + (50 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        s1 = TLanes.MultiplyAdd(a, c21, s1);
        a = TLanes.Broadcast(x + (51 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        s1 = TLanes.MultiplyAdd(a, c31, s1);
        a = TLanes.Broadcast(x + (52 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        s1 = TLanes.MultiplyAdd(a, c41, s1);
        a = TLanes.Broadcast(x + (53 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c50, s0);
        s1 = TLanes.MultiplyAdd(a, c51, s1);
        a = TLanes.Broadcast(x + (54 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c60, s0);
        s1 = TLanes.MultiplyAdd(a, c61, s1);
        TLanes.Store(s0, columns + (6 * stride));
        TLanes.Store(s1, columns + (6 * stride) + TLanes.Count);

        a = TLanes.Broadcast(x + (56 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        s1 = TLanes.Multiply(a, c01);
        a = TLanes.Broadcast(x + (57 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        s1 = TLanes.MultiplyAdd(a, c11, s1);
        a = TLanes.Broadcast(x + (58 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        s1 = TLanes.MultiplyAdd(a, c21, s1);
        a = TLanes.Broadcast(x + (59 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        s1 = TLanes.MultiplyAdd(a, c31, s1);
        a = TLanes.Broadcast(x + (60 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        s1 = TLanes.MultiplyAdd(a, c41, s1);
        a = TLanes.Broadcast(x + (61 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c50, s0);
        s1 = TLanes.MultiplyAdd(a, c51, s1);
        a = TLanes.Broadcast(x + (62 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c60, s0);
        s1 = TLanes.MultiplyAdd(a, c61, s1);
        a = TLanes.Broadcast(x + (63 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c70, s0);
        s1 = TLanes.MultiplyAdd(a, c71, s1);
        TLanes.Store(s0, columns + (7 * stride));
        TLanes.Store(s1, columns + (7 * stride) + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(T* x, T* columns, nint stride)
    {
        TVector c00 = TLanes.Load(columns);
        TVector c10 = TLanes.Load(columns + stride);
        TVector c20 = TLanes.Load(columns + (2 * stride));
        TVector c30 = TLanes.Load(columns + (3 * stride));
        TVector c40 = TLanes.Load(columns + (4 * stride));
        TVector c50 = TLanes.Load(columns + (5 * stride));
        TVector c60 = TLanes.Load(columns + (6 * stride));
        TVector c70 = TLanes.Load(columns + (7 * stride));
        TVector a = TLanes.Broadcast(x);
        TVector s0 = TLanes.Multiply(a, c00);
        TLanes.Store(s0, columns);

        a = TLanes.Broadcast(x + (8 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        a = TLanes.Broadcast(x + (9 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        TLanes.Store(s0, columns + stride);

        a = TLanes.Broadcast(x + (16 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        a = TLanes.Broadcast(x + (17 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        a = TLanes.Broadcast(x + (18 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        TLanes.Store(s0, columns + (2 * stride));

        a = TLanes.Broadcast(x + (24 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        a = TLanes.Broadcast(x + (25 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        a = TLanes.Broadcast(x + (26 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        a = TLanes.Broadcast(x + (27 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        TLanes.Store(s0, columns + (3 * stride));

        a = TLanes.Broadcast(x + (32 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        a = TLanes.Broadcast(x + (33 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        a = TLanes.Broadcast(x + (34 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        a = TLanes.Broadcast(x + (35 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        a = TLanes.Broadcast(x + (36 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        TLanes.Store(s0, columns + (4 * stride));

        a = TLanes.Broadcast(x + (40 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        a = TLanes.Broadcast(x + (41 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        a = TLanes.Broadcast(x + (42 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        a = TLanes.Broadcast(x + (43 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        a = TLanes.Broadcast(x + (44 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        a = TLanes.Broadcast(x + (45 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c50, s0);
        TLanes.Store(s0, columns + (5 * stride));

        a = TLanes.Broadcast(x + (48 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        a = TLanes.Broadcast(x + (49 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        a = TLanes.Broadcast(x + (50 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        a = TLanes.Broadcast(x + (51 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        a = TLanes.Broadcast(x + (52 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        a = TLanes.Broadcast(x + (53 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c50, s0);
        a = TLanes.Broadcast(x + (54 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c60, s0);
        TLanes.Store(s0, columns + (6 * stride));

        a = TLanes.Broadcast(x + (56 * TLanes.Tiles));
        s0 = TLanes.Multiply(a, c00);
        a = TLanes.Broadcast(x + (57 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c10, s0);
        a = TLanes.Broadcast(x + (58 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c20, s0);
        a = TLanes.Broadcast(x + (59 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c30, s0);
        a = TLanes.Broadcast(x + (60 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c40, s0);
        a = TLanes.Broadcast(x + (61 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c50, s0);
        a = TLanes.Broadcast(x + (62 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c60, s0);
        a = TLanes.Broadcast(x + (63 * TLanes.Tiles));
        s0 = TLanes.MultiplyAdd(a, c70, s0);
        TLanes.Store(s0, columns + (7 * stride));
    }
}
