using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Host;

/// <summary>
/// The register blocks under all tile primitives: c = P^T Q (+ c) with P (k, rows) and Q (k, columns) both row-major,
/// so that every step reads one short row of each and nothing is ever transposed.
/// </summary>
/// <remarks>
/// A block of R rows and W registers keeps R W sums in registers over all of k and costs R broadcasts and W loads for R W
/// multiply-adds: 0.46 loads each for 8 x 3, where processors with two 512-bit multipliers can load two a cycle. Sums are
/// separate locals because the compiler keeps neither arrays nor structs of vectors in registers. Every element sees the
/// same operations in the order of k whichever block it falls into, and sums go on from what they are added to, so results do
/// not depend on the blocking, nor on where k is cut.
/// </remarks>
/// <typeparam name="TLanes">The register's operations.</typeparam>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe partial class TileBlocks<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Where sums start that do not go on from earlier ones.
    private static readonly T* s_zeros = Zeros();

    private static T* Zeros() => (T*)NativeMemory.AllocZeroed((nuint)(3 * TLanes.Count * sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x3(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c01 = TLanes.Load(s + TLanes.Count);
        TVector c02 = TLanes.Load(s + (2 * TLanes.Count));
        TVector c10 = TLanes.Load(s + sStride);
        TVector c11 = TLanes.Load(s + sStride + TLanes.Count);
        TVector c12 = TLanes.Load(s + sStride + (2 * TLanes.Count));
        TVector c20 = TLanes.Load(s + (2 * sStride));
        TVector c21 = TLanes.Load(s + (2 * sStride) + TLanes.Count);
        TVector c22 = TLanes.Load(s + (2 * sStride) + (2 * TLanes.Count));
        TVector c30 = TLanes.Load(s + (3 * sStride));
        TVector c31 = TLanes.Load(s + (3 * sStride) + TLanes.Count);
        TVector c32 = TLanes.Load(s + (3 * sStride) + (2 * TLanes.Count));
        TVector c40 = TLanes.Load(s + (4 * sStride));
        TVector c41 = TLanes.Load(s + (4 * sStride) + TLanes.Count);
        TVector c42 = TLanes.Load(s + (4 * sStride) + (2 * TLanes.Count));
        TVector c50 = TLanes.Load(s + (5 * sStride));
        TVector c51 = TLanes.Load(s + (5 * sStride) + TLanes.Count);
        TVector c52 = TLanes.Load(s + (5 * sStride) + (2 * TLanes.Count));
        TVector c60 = TLanes.Load(s + (6 * sStride));
        TVector c61 = TLanes.Load(s + (6 * sStride) + TLanes.Count);
        TVector c62 = TLanes.Load(s + (6 * sStride) + (2 * TLanes.Count));
        TVector c70 = TLanes.Load(s + (7 * sStride));
        TVector c71 = TLanes.Load(s + (7 * sStride) + TLanes.Count);
        TVector c72 = TLanes.Load(s + (7 * sStride) + (2 * TLanes.Count));
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            c02 = TLanes.MultiplyAdd(a, b2, c02);
            a = TLanes.Broadcast(p + TLanes.Tiles);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            c12 = TLanes.MultiplyAdd(a, b2, c12);
            a = TLanes.Broadcast(p + (2 * TLanes.Tiles));
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            c22 = TLanes.MultiplyAdd(a, b2, c22);
            a = TLanes.Broadcast(p + (3 * TLanes.Tiles));
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            c32 = TLanes.MultiplyAdd(a, b2, c32);
            a = TLanes.Broadcast(p + (4 * TLanes.Tiles));
            c40 = TLanes.MultiplyAdd(a, b0, c40);
            c41 = TLanes.MultiplyAdd(a, b1, c41);
            c42 = TLanes.MultiplyAdd(a, b2, c42);
            a = TLanes.Broadcast(p + (5 * TLanes.Tiles));
            c50 = TLanes.MultiplyAdd(a, b0, c50);
            c51 = TLanes.MultiplyAdd(a, b1, c51);
            c52 = TLanes.MultiplyAdd(a, b2, c52);
            a = TLanes.Broadcast(p + (6 * TLanes.Tiles));
            c60 = TLanes.MultiplyAdd(a, b0, c60);
            c61 = TLanes.MultiplyAdd(a, b1, c61);
            c62 = TLanes.MultiplyAdd(a, b2, c62);
            a = TLanes.Broadcast(p + (7 * TLanes.Tiles));
            c70 = TLanes.MultiplyAdd(a, b0, c70);
            c71 = TLanes.MultiplyAdd(a, b1, c71);
            c72 = TLanes.MultiplyAdd(a, b2, c72);
            p += pStride;
            q += qStride;
        }

        Store(c00, c01, c02, c);
        Store(c10, c11, c12, c + cStride);
        Store(c20, c21, c22, c + (2 * cStride));
        Store(c30, c31, c32, c + (3 * cStride));
        Store(c40, c41, c42, c + (4 * cStride));
        Store(c50, c51, c52, c + (5 * cStride));
        Store(c60, c61, c62, c + (6 * cStride));
        Store(c70, c71, c72, c + (7 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x2(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c01 = TLanes.Load(s + TLanes.Count);
        TVector c10 = TLanes.Load(s + sStride);
        TVector c11 = TLanes.Load(s + sStride + TLanes.Count);
        TVector c20 = TLanes.Load(s + (2 * sStride));
        TVector c21 = TLanes.Load(s + (2 * sStride) + TLanes.Count);
        TVector c30 = TLanes.Load(s + (3 * sStride));
        TVector c31 = TLanes.Load(s + (3 * sStride) + TLanes.Count);
        TVector c40 = TLanes.Load(s + (4 * sStride));
        TVector c41 = TLanes.Load(s + (4 * sStride) + TLanes.Count);
        TVector c50 = TLanes.Load(s + (5 * sStride));
        TVector c51 = TLanes.Load(s + (5 * sStride) + TLanes.Count);
        TVector c60 = TLanes.Load(s + (6 * sStride));
        TVector c61 = TLanes.Load(s + (6 * sStride) + TLanes.Count);
        TVector c70 = TLanes.Load(s + (7 * sStride));
        TVector c71 = TLanes.Load(s + (7 * sStride) + TLanes.Count);
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            a = TLanes.Broadcast(p + TLanes.Tiles);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            a = TLanes.Broadcast(p + (2 * TLanes.Tiles));
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            a = TLanes.Broadcast(p + (3 * TLanes.Tiles));
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            a = TLanes.Broadcast(p + (4 * TLanes.Tiles));
            c40 = TLanes.MultiplyAdd(a, b0, c40);
            c41 = TLanes.MultiplyAdd(a, b1, c41);
            a = TLanes.Broadcast(p + (5 * TLanes.Tiles));
            c50 = TLanes.MultiplyAdd(a, b0, c50);
            c51 = TLanes.MultiplyAdd(a, b1, c51);
            a = TLanes.Broadcast(p + (6 * TLanes.Tiles));
            c60 = TLanes.MultiplyAdd(a, b0, c60);
            c61 = TLanes.MultiplyAdd(a, b1, c61);
            a = TLanes.Broadcast(p + (7 * TLanes.Tiles));
            c70 = TLanes.MultiplyAdd(a, b0, c70);
            c71 = TLanes.MultiplyAdd(a, b1, c71);
            p += pStride;
            q += qStride;
        }

        Store(c00, c01, c);
        Store(c10, c11, c + cStride);
        Store(c20, c21, c + (2 * cStride));
        Store(c30, c31, c + (3 * cStride));
        Store(c40, c41, c + (4 * cStride));
        Store(c50, c51, c + (5 * cStride));
        Store(c60, c61, c + (6 * cStride));
        Store(c70, c71, c + (7 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x1(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c10 = TLanes.Load(s + sStride);
        TVector c20 = TLanes.Load(s + (2 * sStride));
        TVector c30 = TLanes.Load(s + (3 * sStride));
        TVector c40 = TLanes.Load(s + (4 * sStride));
        TVector c50 = TLanes.Load(s + (5 * sStride));
        TVector c60 = TLanes.Load(s + (6 * sStride));
        TVector c70 = TLanes.Load(s + (7 * sStride));
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            a = TLanes.Broadcast(p + TLanes.Tiles);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            a = TLanes.Broadcast(p + (2 * TLanes.Tiles));
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            a = TLanes.Broadcast(p + (3 * TLanes.Tiles));
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            a = TLanes.Broadcast(p + (4 * TLanes.Tiles));
            c40 = TLanes.MultiplyAdd(a, b0, c40);
            a = TLanes.Broadcast(p + (5 * TLanes.Tiles));
            c50 = TLanes.MultiplyAdd(a, b0, c50);
            a = TLanes.Broadcast(p + (6 * TLanes.Tiles));
            c60 = TLanes.MultiplyAdd(a, b0, c60);
            a = TLanes.Broadcast(p + (7 * TLanes.Tiles));
            c70 = TLanes.MultiplyAdd(a, b0, c70);
            p += pStride;
            q += qStride;
        }

        TLanes.Store(c00, c);
        TLanes.Store(c10, c + cStride);
        TLanes.Store(c20, c + (2 * cStride));
        TLanes.Store(c30, c + (3 * cStride));
        TLanes.Store(c40, c + (4 * cStride));
        TLanes.Store(c50, c + (5 * cStride));
        TLanes.Store(c60, c + (6 * cStride));
        TLanes.Store(c70, c + (7 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x3(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c01 = TLanes.Load(s + TLanes.Count);
        TVector c02 = TLanes.Load(s + (2 * TLanes.Count));
        TVector c10 = TLanes.Load(s + sStride);
        TVector c11 = TLanes.Load(s + sStride + TLanes.Count);
        TVector c12 = TLanes.Load(s + sStride + (2 * TLanes.Count));
        TVector c20 = TLanes.Load(s + (2 * sStride));
        TVector c21 = TLanes.Load(s + (2 * sStride) + TLanes.Count);
        TVector c22 = TLanes.Load(s + (2 * sStride) + (2 * TLanes.Count));
        TVector c30 = TLanes.Load(s + (3 * sStride));
        TVector c31 = TLanes.Load(s + (3 * sStride) + TLanes.Count);
        TVector c32 = TLanes.Load(s + (3 * sStride) + (2 * TLanes.Count));
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            c02 = TLanes.MultiplyAdd(a, b2, c02);
            a = TLanes.Broadcast(p + TLanes.Tiles);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            c12 = TLanes.MultiplyAdd(a, b2, c12);
            a = TLanes.Broadcast(p + (2 * TLanes.Tiles));
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            c22 = TLanes.MultiplyAdd(a, b2, c22);
            a = TLanes.Broadcast(p + (3 * TLanes.Tiles));
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            c32 = TLanes.MultiplyAdd(a, b2, c32);
            p += pStride;
            q += qStride;
        }

        Store(c00, c01, c02, c);
        Store(c10, c11, c12, c + cStride);
        Store(c20, c21, c22, c + (2 * cStride));
        Store(c30, c31, c32, c + (3 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x2(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c01 = TLanes.Load(s + TLanes.Count);
        TVector c10 = TLanes.Load(s + sStride);
        TVector c11 = TLanes.Load(s + sStride + TLanes.Count);
        TVector c20 = TLanes.Load(s + (2 * sStride));
        TVector c21 = TLanes.Load(s + (2 * sStride) + TLanes.Count);
        TVector c30 = TLanes.Load(s + (3 * sStride));
        TVector c31 = TLanes.Load(s + (3 * sStride) + TLanes.Count);
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            a = TLanes.Broadcast(p + TLanes.Tiles);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            c11 = TLanes.MultiplyAdd(a, b1, c11);
            a = TLanes.Broadcast(p + (2 * TLanes.Tiles));
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            c21 = TLanes.MultiplyAdd(a, b1, c21);
            a = TLanes.Broadcast(p + (3 * TLanes.Tiles));
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            c31 = TLanes.MultiplyAdd(a, b1, c31);
            p += pStride;
            q += qStride;
        }

        Store(c00, c01, c);
        Store(c10, c11, c + cStride);
        Store(c20, c21, c + (2 * cStride));
        Store(c30, c31, c + (3 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x1(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c10 = TLanes.Load(s + sStride);
        TVector c20 = TLanes.Load(s + (2 * sStride));
        TVector c30 = TLanes.Load(s + (3 * sStride));
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            a = TLanes.Broadcast(p + TLanes.Tiles);
            c10 = TLanes.MultiplyAdd(a, b0, c10);
            a = TLanes.Broadcast(p + (2 * TLanes.Tiles));
            c20 = TLanes.MultiplyAdd(a, b0, c20);
            a = TLanes.Broadcast(p + (3 * TLanes.Tiles));
            c30 = TLanes.MultiplyAdd(a, b0, c30);
            p += pStride;
            q += qStride;
        }

        TLanes.Store(c00, c);
        TLanes.Store(c10, c + cStride);
        TLanes.Store(c20, c + (2 * cStride));
        TLanes.Store(c30, c + (3 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x3(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c01 = TLanes.Load(s + TLanes.Count);
        TVector c02 = TLanes.Load(s + (2 * TLanes.Count));
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            c02 = TLanes.MultiplyAdd(a, b2, c02);
            p += pStride;
            q += qStride;
        }

        Store(c00, c01, c02, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x2(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        TVector c01 = TLanes.Load(s + TLanes.Count);
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            c01 = TLanes.MultiplyAdd(a, b1, c01);
            p += pStride;
            q += qStride;
        }

        Store(c00, c01, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x1(T* p, nint pStride, T* q, nint qStride, nint k, T* s, nint sStride, T* c, nint cStride)
    {
        TVector c00 = TLanes.Load(s);
        for (; k > 0; k--)
        {
            TVector b0 = TLanes.Load(q);
            TVector a = TLanes.Broadcast(p);
            c00 = TLanes.MultiplyAdd(a, b0, c00);
            p += pStride;
            q += qStride;
        }

        TLanes.Store(c00, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector sum0, TVector sum1, T* c)
    {
        TLanes.Store(sum0, c);
        TLanes.Store(sum1, c + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector sum0, TVector sum1, TVector sum2, T* c)
    {
        Store(sum0, sum1, c);
        TLanes.Store(sum2, c + (2 * TLanes.Count));
    }
}
