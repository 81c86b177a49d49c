using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>
/// The register blocks under all tile primitives: c = alpha P^T Q (+ c) with P (k, rows) and Q (k, columns) both row-major,
/// so that every step reads one short row of each and nothing is ever transposed.
/// </summary>
/// <remarks>
/// A block of R rows and W registers keeps R W sums in registers over all of k and costs R broadcasts and W loads for R W
/// multiply-adds: 0.46 loads each for 8 x 3, where processors with two 512-bit multipliers can load two a cycle. Sums are
/// separate locals because the compiler keeps neither arrays nor structs of vectors in registers. Every element sees the
/// same operations in the order of k whichever block it falls into, so results do not depend on the blocking.
/// </remarks>
/// <typeparam name="TLanes">The register's operations.</typeparam>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe partial class TileBlocks<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x3(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c01 = TLanes.Zero;
        TVector c02 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c11 = TLanes.Zero;
        TVector c12 = TLanes.Zero;
        TVector c20 = TLanes.Zero;
        TVector c21 = TLanes.Zero;
        TVector c22 = TLanes.Zero;
        TVector c30 = TLanes.Zero;
        TVector c31 = TLanes.Zero;
        TVector c32 = TLanes.Zero;
        TVector c40 = TLanes.Zero;
        TVector c41 = TLanes.Zero;
        TVector c42 = TLanes.Zero;
        TVector c50 = TLanes.Zero;
        TVector c51 = TLanes.Zero;
        TVector c52 = TLanes.Zero;
        TVector c60 = TLanes.Zero;
        TVector c61 = TLanes.Zero;
        TVector c62 = TLanes.Zero;
        TVector c70 = TLanes.Zero;
        TVector c71 = TLanes.Zero;
        TVector c72 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            c02 = TLanes.MultiplyAdd(a, b2, c02);
            a = TLanes.Broadcast(p[1]);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            c12 = TLanes.MultiplyAdd(a, b2, c12);
            a = TLanes.Broadcast(p[2]);
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            c22 = TLanes.MultiplyAdd(a, b2, c22);
            a = TLanes.Broadcast(p[3]);
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            c32 = TLanes.MultiplyAdd(a, b2, c32);
            a = TLanes.Broadcast(p[4]);
            c40 = TLanes.MultiplyAdd(a, b0, c40);
            c41 = TLanes.MultiplyAdd(a, b1, c41);
            c42 = TLanes.MultiplyAdd(a, b2, c42);
            a = TLanes.Broadcast(p[5]);
            c50 = TLanes.MultiplyAdd(a, b0, c50);
            c51 = TLanes.MultiplyAdd(a, b1, c51);
            c52 = TLanes.MultiplyAdd(a, b2, c52);
            a = TLanes.Broadcast(p[6]);
            c60 = TLanes.MultiplyAdd(a, b0, c60);
            c61 = TLanes.MultiplyAdd(a, b1, c61);
            c62 = TLanes.MultiplyAdd(a, b2, c62);
            a = TLanes.Broadcast(p[7]);
            c70 = TLanes.MultiplyAdd(a, b0, c70);
            c71 = TLanes.MultiplyAdd(a, b1, c71);
            c72 = TLanes.MultiplyAdd(a, b2, c72);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, c01, c02, factor, c, accumulate);
        Finish(c10, c11, c12, factor, c + cStride, accumulate);
        Finish(c20, c21, c22, factor, c + (2 * cStride), accumulate);
        Finish(c30, c31, c32, factor, c + (3 * cStride), accumulate);
        Finish(c40, c41, c42, factor, c + (4 * cStride), accumulate);
        Finish(c50, c51, c52, factor, c + (5 * cStride), accumulate);
        Finish(c60, c61, c62, factor, c + (6 * cStride), accumulate);
        Finish(c70, c71, c72, factor, c + (7 * cStride), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x2(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c01 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c11 = TLanes.Zero;
        TVector c20 = TLanes.Zero;
        TVector c21 = TLanes.Zero;
        TVector c30 = TLanes.Zero;
        TVector c31 = TLanes.Zero;
        TVector c40 = TLanes.Zero;
        TVector c41 = TLanes.Zero;
        TVector c50 = TLanes.Zero;
        TVector c51 = TLanes.Zero;
        TVector c60 = TLanes.Zero;
        TVector c61 = TLanes.Zero;
        TVector c70 = TLanes.Zero;
        TVector c71 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            a = TLanes.Broadcast(p[1]);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            a = TLanes.Broadcast(p[2]);
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            a = TLanes.Broadcast(p[3]);
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            a = TLanes.Broadcast(p[4]);
            c40 = TLanes.MultiplyAdd(a, b0, c40);
            c41 = TLanes.MultiplyAdd(a, b1, c41);
            a = TLanes.Broadcast(p[5]);
            c50 = TLanes.MultiplyAdd(a, b0, c50);
            c51 = TLanes.MultiplyAdd(a, b1, c51);
            a = TLanes.Broadcast(p[6]);
            c60 = TLanes.MultiplyAdd(a, b0, c60);
            c61 = TLanes.MultiplyAdd(a, b1, c61);
            a = TLanes.Broadcast(p[7]);
            c70 = TLanes.MultiplyAdd(a, b0, c70);
            c71 = TLanes.MultiplyAdd(a, b1, c71);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, c01, factor, c, accumulate);
        Finish(c10, c11, factor, c + cStride, accumulate);
        Finish(c20, c21, factor, c + (2 * cStride), accumulate);
        Finish(c30, c31, factor, c + (3 * cStride), accumulate);
        Finish(c40, c41, factor, c + (4 * cStride), accumulate);
        Finish(c50, c51, factor, c + (5 * cStride), accumulate);
        Finish(c60, c61, factor, c + (6 * cStride), accumulate);
        Finish(c70, c71, factor, c + (7 * cStride), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x1(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c20 = TLanes.Zero;
        TVector c30 = TLanes.Zero;
        TVector c40 = TLanes.Zero;
        TVector c50 = TLanes.Zero;
        TVector c60 = TLanes.Zero;
        TVector c70 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            a = TLanes.Broadcast(p[1]);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            a = TLanes.Broadcast(p[2]);
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            a = TLanes.Broadcast(p[3]);
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            a = TLanes.Broadcast(p[4]);
            c40 = TLanes.MultiplyAdd(a, b0, c40);
            a = TLanes.Broadcast(p[5]);
            c50 = TLanes.MultiplyAdd(a, b0, c50);
            a = TLanes.Broadcast(p[6]);
            c60 = TLanes.MultiplyAdd(a, b0, c60);
            a = TLanes.Broadcast(p[7]);
            c70 = TLanes.MultiplyAdd(a, b0, c70);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, factor, c, accumulate);
        Finish(c10, factor, c + cStride, accumulate);
        Finish(c20, factor, c + (2 * cStride), accumulate);
        Finish(c30, factor, c + (3 * cStride), accumulate);
        Finish(c40, factor, c + (4 * cStride), accumulate);
        Finish(c50, factor, c + (5 * cStride), accumulate);
        Finish(c60, factor, c + (6 * cStride), accumulate);
        Finish(c70, factor, c + (7 * cStride), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x3(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c01 = TLanes.Zero;
        TVector c02 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c11 = TLanes.Zero;
        TVector c12 = TLanes.Zero;
        TVector c20 = TLanes.Zero;
        TVector c21 = TLanes.Zero;
        TVector c22 = TLanes.Zero;
        TVector c30 = TLanes.Zero;
        TVector c31 = TLanes.Zero;
        TVector c32 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            c02 = TLanes.MultiplyAdd(a, b2, c02);
            a = TLanes.Broadcast(p[1]);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            c12 = TLanes.MultiplyAdd(a, b2, c12);
            a = TLanes.Broadcast(p[2]);
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            c22 = TLanes.MultiplyAdd(a, b2, c22);
            a = TLanes.Broadcast(p[3]);
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            c32 = TLanes.MultiplyAdd(a, b2, c32);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, c01, c02, factor, c, accumulate);
        Finish(c10, c11, c12, factor, c + cStride, accumulate);
        Finish(c20, c21, c22, factor, c + (2 * cStride), accumulate);
        Finish(c30, c31, c32, factor, c + (3 * cStride), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x2(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c01 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c11 = TLanes.Zero;
        TVector c20 = TLanes.Zero;
        TVector c21 = TLanes.Zero;
        TVector c30 = TLanes.Zero;
        TVector c31 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            a = TLanes.Broadcast(p[1]);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            a = TLanes.Broadcast(p[2]);
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            a = TLanes.Broadcast(p[3]);
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, c01, factor, c, accumulate);
        Finish(c10, c11, factor, c + cStride, accumulate);
        Finish(c20, c21, factor, c + (2 * cStride), accumulate);
        Finish(c30, c31, factor, c + (3 * cStride), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x1(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c20 = TLanes.Zero;
        TVector c30 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            a = TLanes.Broadcast(p[1]);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            a = TLanes.Broadcast(p[2]);
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            a = TLanes.Broadcast(p[3]);
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, factor, c, accumulate);
        Finish(c10, factor, c + cStride, accumulate);
        Finish(c20, factor, c + (2 * cStride), accumulate);
        Finish(c30, factor, c + (3 * cStride), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x3(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c01 = TLanes.Zero;
        TVector c02 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            c02 = TLanes.MultiplyAdd(a, b2, c02);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, c01, c02, factor, c, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x2(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        TVector c01 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, c01, factor, c, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x1(T* p, nint pStride, T* q, nint qStride, nint k, T* c, nint cStride, T alpha, bool accumulate)
    {
        TVector c00 = TLanes.Zero;
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector a = TLanes.Broadcast(p[0]);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            p += pStride;
            q += qStride;
        }

        TVector factor = TLanes.Broadcast(alpha);
        Finish(c00, factor, c, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(TVector sum, TVector factor, T* c, bool accumulate) =>
        TLanes.Store(accumulate ? TLanes.MultiplyAdd(sum, factor, TLanes.Load(c)) : TLanes.Multiply(sum, factor), c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(TVector sum0, TVector sum1, TVector factor, T* c, bool accumulate)
    {
        Finish(sum0, factor, c, accumulate);
        Finish(sum1, factor, c + TLanes.Count, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(TVector sum0, TVector sum1, TVector sum2, TVector factor, T* c, bool accumulate)
    {
        Finish(sum0, sum1, factor, c, accumulate);
        Finish(sum2, factor, c + (2 * TLanes.Count), accumulate);
    }
}
