using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>
/// Strips of 8 rows and 3 registers of the inversion: their 24 sums stay in registers from the first row that they need until they are
/// what belongs into scratch memory.
/// </summary>
/// <remarks>
/// Next to <see cref="TileBlocks{TLanes, TVector, T}"/> and <see cref="TileSolve{TLanes, TVector, T}"/>, which do the same for any shape, they skip
/// what is known to be zero where a triangle begins, and save a store and a load of all sums between product and solution. Skipped are only
/// additions of zero, and the rest keeps its order, so that both ways lead to the same bits.
/// </remarks>
/// <typeparam name="TLanes">The register's operations.</typeparam>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe class TileStrip<TLanes, TVector, T>
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Right of the diagonal: c = x (tiles + P^T Q).</summary>
    /// <param name="source">The tiles.</param>
    /// <param name="place">Where in a tile the strip begins.</param>
    /// <param name="p">First of k rows of 8 columns.</param>
    /// <param name="q">First of k rows of the strip.</param>
    /// <param name="stride">Elements from row to row, of c too.</param>
    /// <param name="k">Rows.</param>
    /// <param name="x">Lower triangular block of 8 without gaps.</param>
    /// <param name="c">The strip.</param>
    /// <param name="ahead">Lines to fetch on the way, one a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Right(in TileInversionSource<TLanes, TVector, T> source, nint place, T* p, T* q, nint stride, nint k, T* x, T* c, byte* ahead)
    {
        T* first = source.First + place;
        T* second = source.Second + place;
        TVector scale = source.Scale;
        TVector floor = source.Floor;
        int columns = TLanes.Count / TLanes.Tiles;
        TVector c00 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c01 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c02 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        first += source.Stride;
        second += source.Stride;
        TVector c10 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c11 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c12 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        first += source.Stride;
        second += source.Stride;
        TVector c20 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c21 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c22 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        first += source.Stride;
        second += source.Stride;
        TVector c30 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c31 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c32 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        first += source.Stride;
        second += source.Stride;
        TVector c40 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c41 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c42 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        first += source.Stride;
        second += source.Stride;
        TVector c50 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c51 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c52 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        first += source.Stride;
        second += source.Stride;
        TVector c60 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c61 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c62 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        first += source.Stride;
        second += source.Stride;
        TVector c70 = TileWeave<TLanes, TVector, T>.Join(first, second, scale, floor);
        TVector c71 = TileWeave<TLanes, TVector, T>.Join(first + columns, second + columns, scale, floor);
        TVector c72 = TileWeave<TLanes, TVector, T>.Join(first + (2 * columns), second + (2 * columns), scale, floor);
        for (; k > 0; k--)
        {
            TileAhead.Fetch(ref ahead);
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
            Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
            Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
            Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
            Add(p + (4 * TLanes.Tiles), b0, b1, b2, ref c40, ref c41, ref c42);
            Add(p + (5 * TLanes.Tiles), b0, b1, b2, ref c50, ref c51, ref c52);
            Add(p + (6 * TLanes.Tiles), b0, b1, b2, ref c60, ref c61, ref c62);
            Add(p + (7 * TLanes.Tiles), b0, b1, b2, ref c70, ref c71, ref c72);
            p += stride;
            q += stride;
        }

        Solve(x, ref c00, ref c01, ref c02, ref c10, ref c11, ref c12, ref c20, ref c21, ref c22, ref c30, ref c31, ref c32, ref c40, ref c41, ref c42, ref c50, ref c51, ref c52, ref c60, ref c61, ref c62, ref c70, ref c71, ref c72);
        Store(c00, c01, c02, c);
        Store(c10, c11, c12, c + stride);
        Store(c20, c21, c22, c + (2 * stride));
        Store(c30, c31, c32, c + (3 * stride));
        Store(c40, c41, c42, c + (4 * stride));
        Store(c50, c51, c52, c + (5 * stride));
        Store(c60, c61, c62, c + (6 * stride));
        Store(c70, c71, c72, c + (7 * stride));
    }

    /// <summary>Left of the diagonal: c = x P^T Q, where Q begins with the triangle's own blocks; adds the squares of c to sums down its columns.</summary>
    /// <param name="p">First of k rows of 8 columns.</param>
    /// <param name="q">First of k rows of the strip; of the first 8 only a block is not zero, of the next 8 two are.</param>
    /// <param name="stride">Elements from row to row, of c too.</param>
    /// <param name="k">Rows: 24 at least.</param>
    /// <param name="x">Lower triangular block of 8 without gaps.</param>
    /// <param name="c">The strip.</param>
    /// <param name="norms">Sums of squares.</param>
    /// <param name="ahead">Lines to fetch on the way, one a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Left(T* p, T* q, nint stride, nint k, T* x, T* c, T* norms, byte* ahead)
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
        nint rest = k - 16;
        for (k = 8; k > 0; k--)
        {
            TileAhead.Fetch(ref ahead);
            TVector b0 = TLanes.Load(q);
            c00 = TLanes.MultiplyAdd(TLanes.Broadcast(p), b0, c00);
            c10 = TLanes.MultiplyAdd(TLanes.Broadcast(p + TLanes.Tiles), b0, c10);
            c20 = TLanes.MultiplyAdd(TLanes.Broadcast(p + (2 * TLanes.Tiles)), b0, c20);
            c30 = TLanes.MultiplyAdd(TLanes.Broadcast(p + (3 * TLanes.Tiles)), b0, c30);
            c40 = TLanes.MultiplyAdd(TLanes.Broadcast(p + (4 * TLanes.Tiles)), b0, c40);
            c50 = TLanes.MultiplyAdd(TLanes.Broadcast(p + (5 * TLanes.Tiles)), b0, c50);
            c60 = TLanes.MultiplyAdd(TLanes.Broadcast(p + (6 * TLanes.Tiles)), b0, c60);
            c70 = TLanes.MultiplyAdd(TLanes.Broadcast(p + (7 * TLanes.Tiles)), b0, c70);
            p += stride;
            q += stride;
        }

        for (k = 8; k > 0; k--)
        {
            TileAhead.Fetch(ref ahead);
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            Add(p, b0, b1, ref c00, ref c01);
            Add(p + TLanes.Tiles, b0, b1, ref c10, ref c11);
            Add(p + (2 * TLanes.Tiles), b0, b1, ref c20, ref c21);
            Add(p + (3 * TLanes.Tiles), b0, b1, ref c30, ref c31);
            Add(p + (4 * TLanes.Tiles), b0, b1, ref c40, ref c41);
            Add(p + (5 * TLanes.Tiles), b0, b1, ref c50, ref c51);
            Add(p + (6 * TLanes.Tiles), b0, b1, ref c60, ref c61);
            Add(p + (7 * TLanes.Tiles), b0, b1, ref c70, ref c71);
            p += stride;
            q += stride;
        }

        for (; rest > 0; rest--)
        {
            TileAhead.Fetch(ref ahead);
            TVector b0 = TLanes.Load(q);
            TVector b1 = TLanes.Load(q + TLanes.Count);
            TVector b2 = TLanes.Load(q + (2 * TLanes.Count));
            Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
            Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
            Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
            Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
            Add(p + (4 * TLanes.Tiles), b0, b1, b2, ref c40, ref c41, ref c42);
            Add(p + (5 * TLanes.Tiles), b0, b1, b2, ref c50, ref c51, ref c52);
            Add(p + (6 * TLanes.Tiles), b0, b1, b2, ref c60, ref c61, ref c62);
            Add(p + (7 * TLanes.Tiles), b0, b1, b2, ref c70, ref c71, ref c72);
            p += stride;
            q += stride;
        }

        Solve(x, ref c00, ref c01, ref c02, ref c10, ref c11, ref c12, ref c20, ref c21, ref c22, ref c30, ref c31, ref c32, ref c40, ref c41, ref c42, ref c50, ref c51, ref c52, ref c60, ref c61, ref c62, ref c70, ref c71, ref c72);
        Store(c00, c01, c02, c);
        Store(c10, c11, c12, c + stride);
        Store(c20, c21, c22, c + (2 * stride));
        Store(c30, c31, c32, c + (3 * stride));
        Store(c40, c41, c42, c + (4 * stride));
        Store(c50, c51, c52, c + (5 * stride));
        Store(c60, c61, c62, c + (6 * stride));
        Store(c70, c71, c72, c + (7 * stride));
        TVector n0 = TLanes.Load(norms);
        TVector n1 = TLanes.Load(norms + TLanes.Count);
        TVector n2 = TLanes.Load(norms + (2 * TLanes.Count));
        n0 = TLanes.MultiplyAdd(c00, c00, n0);
        n1 = TLanes.MultiplyAdd(c01, c01, n1);
        n2 = TLanes.MultiplyAdd(c02, c02, n2);
        n0 = TLanes.MultiplyAdd(c10, c10, n0);
        n1 = TLanes.MultiplyAdd(c11, c11, n1);
        n2 = TLanes.MultiplyAdd(c12, c12, n2);
        n0 = TLanes.MultiplyAdd(c20, c20, n0);
        n1 = TLanes.MultiplyAdd(c21, c21, n1);
        n2 = TLanes.MultiplyAdd(c22, c22, n2);
        n0 = TLanes.MultiplyAdd(c30, c30, n0);
        n1 = TLanes.MultiplyAdd(c31, c31, n1);
        n2 = TLanes.MultiplyAdd(c32, c32, n2);
        n0 = TLanes.MultiplyAdd(c40, c40, n0);
        n1 = TLanes.MultiplyAdd(c41, c41, n1);
        n2 = TLanes.MultiplyAdd(c42, c42, n2);
        n0 = TLanes.MultiplyAdd(c50, c50, n0);
        n1 = TLanes.MultiplyAdd(c51, c51, n1);
        n2 = TLanes.MultiplyAdd(c52, c52, n2);
        n0 = TLanes.MultiplyAdd(c60, c60, n0);
        n1 = TLanes.MultiplyAdd(c61, c61, n1);
        n2 = TLanes.MultiplyAdd(c62, c62, n2);
        n0 = TLanes.MultiplyAdd(c70, c70, n0);
        n1 = TLanes.MultiplyAdd(c71, c71, n1);
        n2 = TLanes.MultiplyAdd(c72, c72, n2);
        Store(n0, n1, n2, norms);
    }

    /// <summary>c = P^T Q, where the first 8 rows of P are a lower triangle.</summary>
    /// <param name="p">First of k rows of 8 columns.</param>
    /// <param name="q">First of k rows of the strip.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="k">Rows: 8 at least.</param>
    /// <param name="c">The strip.</param>
    /// <param name="cStride">Elements from one of its rows to the next.</param>
    /// <param name="ahead">Lines to fetch on the way, one a row after the first 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(T* p, T* q, nint stride, nint k, T* c, nint cStride, byte* ahead)
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
        TVector b0;
        TVector b1;
        TVector b2;
        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        p += stride;
        q += stride;

        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
        p += stride;
        q += stride;

        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
        Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
        p += stride;
        q += stride;

        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
        Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
        Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
        p += stride;
        q += stride;

        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
        Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
        Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
        Add(p + (4 * TLanes.Tiles), b0, b1, b2, ref c40, ref c41, ref c42);
        p += stride;
        q += stride;

        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
        Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
        Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
        Add(p + (4 * TLanes.Tiles), b0, b1, b2, ref c40, ref c41, ref c42);
        Add(p + (5 * TLanes.Tiles), b0, b1, b2, ref c50, ref c51, ref c52);
        p += stride;
        q += stride;

        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
        Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
        Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
        Add(p + (4 * TLanes.Tiles), b0, b1, b2, ref c40, ref c41, ref c42);
        Add(p + (5 * TLanes.Tiles), b0, b1, b2, ref c50, ref c51, ref c52);
        Add(p + (6 * TLanes.Tiles), b0, b1, b2, ref c60, ref c61, ref c62);
        p += stride;
        q += stride;

        b0 = TLanes.Load(q);
        b1 = TLanes.Load(q + TLanes.Count);
        b2 = TLanes.Load(q + (2 * TLanes.Count));
        Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
        Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
        Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
        Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
        Add(p + (4 * TLanes.Tiles), b0, b1, b2, ref c40, ref c41, ref c42);
        Add(p + (5 * TLanes.Tiles), b0, b1, b2, ref c50, ref c51, ref c52);
        Add(p + (6 * TLanes.Tiles), b0, b1, b2, ref c60, ref c61, ref c62);
        Add(p + (7 * TLanes.Tiles), b0, b1, b2, ref c70, ref c71, ref c72);
        p += stride;
        q += stride;

        for (k -= 8; k > 0; k--)
        {
            TileAhead.Fetch(ref ahead);
            b0 = TLanes.Load(q);
            b1 = TLanes.Load(q + TLanes.Count);
            b2 = TLanes.Load(q + (2 * TLanes.Count));
            Add(p, b0, b1, b2, ref c00, ref c01, ref c02);
            Add(p + TLanes.Tiles, b0, b1, b2, ref c10, ref c11, ref c12);
            Add(p + (2 * TLanes.Tiles), b0, b1, b2, ref c20, ref c21, ref c22);
            Add(p + (3 * TLanes.Tiles), b0, b1, b2, ref c30, ref c31, ref c32);
            Add(p + (4 * TLanes.Tiles), b0, b1, b2, ref c40, ref c41, ref c42);
            Add(p + (5 * TLanes.Tiles), b0, b1, b2, ref c50, ref c51, ref c52);
            Add(p + (6 * TLanes.Tiles), b0, b1, b2, ref c60, ref c61, ref c62);
            Add(p + (7 * TLanes.Tiles), b0, b1, b2, ref c70, ref c71, ref c72);
            p += stride;
            q += stride;
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

    /// <summary>Replaces the sums by what x makes of them, from the last row up: a row needs those above it only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Solve(
        T* x,
        ref TVector c00, ref TVector c01, ref TVector c02,
        ref TVector c10, ref TVector c11, ref TVector c12,
        ref TVector c20, ref TVector c21, ref TVector c22,
        ref TVector c30, ref TVector c31, ref TVector c32,
        ref TVector c40, ref TVector c41, ref TVector c42,
        ref TVector c50, ref TVector c51, ref TVector c52,
        ref TVector c60, ref TVector c61, ref TVector c62,
        ref TVector c70, ref TVector c71, ref TVector c72)
    {
        TVector s0;
        TVector s1;
        TVector s2;
        Begin(x + (56 * TLanes.Tiles), c00, c01, c02, out s0, out s1, out s2);
        Add(x + (57 * TLanes.Tiles), c10, c11, c12, ref s0, ref s1, ref s2);
        Add(x + (58 * TLanes.Tiles), c20, c21, c22, ref s0, ref s1, ref s2);
        Add(x + (59 * TLanes.Tiles), c30, c31, c32, ref s0, ref s1, ref s2);
        Add(x + (60 * TLanes.Tiles), c40, c41, c42, ref s0, ref s1, ref s2);
        Add(x + (61 * TLanes.Tiles), c50, c51, c52, ref s0, ref s1, ref s2);
        Add(x + (62 * TLanes.Tiles), c60, c61, c62, ref s0, ref s1, ref s2);
        Add(x + (63 * TLanes.Tiles), c70, c71, c72, ref s0, ref s1, ref s2);
        c70 = s0;
        c71 = s1;
        c72 = s2;

        Begin(x + (48 * TLanes.Tiles), c00, c01, c02, out s0, out s1, out s2);
        Add(x + (49 * TLanes.Tiles), c10, c11, c12, ref s0, ref s1, ref s2);
        Add(x + (50 * TLanes.Tiles), c20, c21, c22, ref s0, ref s1, ref s2);
        Add(x + (51 * TLanes.Tiles), c30, c31, c32, ref s0, ref s1, ref s2);
        Add(x + (52 * TLanes.Tiles), c40, c41, c42, ref s0, ref s1, ref s2);
        Add(x + (53 * TLanes.Tiles), c50, c51, c52, ref s0, ref s1, ref s2);
        Add(x + (54 * TLanes.Tiles), c60, c61, c62, ref s0, ref s1, ref s2);
        c60 = s0;
        c61 = s1;
        c62 = s2;

        Begin(x + (40 * TLanes.Tiles), c00, c01, c02, out s0, out s1, out s2);
        Add(x + (41 * TLanes.Tiles), c10, c11, c12, ref s0, ref s1, ref s2);
        Add(x + (42 * TLanes.Tiles), c20, c21, c22, ref s0, ref s1, ref s2);
        Add(x + (43 * TLanes.Tiles), c30, c31, c32, ref s0, ref s1, ref s2);
        Add(x + (44 * TLanes.Tiles), c40, c41, c42, ref s0, ref s1, ref s2);
        Add(x + (45 * TLanes.Tiles), c50, c51, c52, ref s0, ref s1, ref s2);
        c50 = s0;
        c51 = s1;
        c52 = s2;

        Begin(x + (32 * TLanes.Tiles), c00, c01, c02, out s0, out s1, out s2);
        Add(x + (33 * TLanes.Tiles), c10, c11, c12, ref s0, ref s1, ref s2);
        Add(x + (34 * TLanes.Tiles), c20, c21, c22, ref s0, ref s1, ref s2);
        Add(x + (35 * TLanes.Tiles), c30, c31, c32, ref s0, ref s1, ref s2);
        Add(x + (36 * TLanes.Tiles), c40, c41, c42, ref s0, ref s1, ref s2);
        c40 = s0;
        c41 = s1;
        c42 = s2;

        Begin(x + (24 * TLanes.Tiles), c00, c01, c02, out s0, out s1, out s2);
        Add(x + (25 * TLanes.Tiles), c10, c11, c12, ref s0, ref s1, ref s2);
        Add(x + (26 * TLanes.Tiles), c20, c21, c22, ref s0, ref s1, ref s2);
        Add(x + (27 * TLanes.Tiles), c30, c31, c32, ref s0, ref s1, ref s2);
        c30 = s0;
        c31 = s1;
        c32 = s2;

        Begin(x + (16 * TLanes.Tiles), c00, c01, c02, out s0, out s1, out s2);
        Add(x + (17 * TLanes.Tiles), c10, c11, c12, ref s0, ref s1, ref s2);
        Add(x + (18 * TLanes.Tiles), c20, c21, c22, ref s0, ref s1, ref s2);
        c20 = s0;
        c21 = s1;
        c22 = s2;

        Begin(x + (8 * TLanes.Tiles), c00, c01, c02, out s0, out s1, out s2);
        Add(x + (9 * TLanes.Tiles), c10, c11, c12, ref s0, ref s1, ref s2);
        c10 = s0;
        c11 = s1;
        c12 = s2;

        Begin(x, c00, c01, c02, out s0, out s1, out s2);
        c00 = s0;
        c01 = s1;
        c02 = s2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Begin(T* factor, TVector b0, TVector b1, TVector b2, out TVector c0, out TVector c1, out TVector c2)
    {
        TVector a = TLanes.Broadcast(factor);
        c0 = TLanes.Multiply(a, b0);
        c1 = TLanes.Multiply(a, b1);
        c2 = TLanes.Multiply(a, b2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* factor, TVector b0, TVector b1, ref TVector c0, ref TVector c1)
    {
        TVector a = TLanes.Broadcast(factor);
        c0 = TLanes.MultiplyAdd(a, b0, c0);
        c1 = TLanes.MultiplyAdd(a, b1, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* factor, TVector b0, TVector b1, TVector b2, ref TVector c0, ref TVector c1, ref TVector c2)
    {
        TVector a = TLanes.Broadcast(factor);
        c0 = TLanes.MultiplyAdd(a, b0, c0);
        c1 = TLanes.MultiplyAdd(a, b1, c1);
        c2 = TLanes.MultiplyAdd(a, b2, c2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector sum0, TVector sum1, TVector sum2, T* c)
    {
        TLanes.Store(sum0, c);
        TLanes.Store(sum1, c + TLanes.Count);
        TLanes.Store(sum2, c + (2 * TLanes.Count));
    }
}
