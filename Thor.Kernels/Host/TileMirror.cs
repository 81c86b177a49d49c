using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lanes = Thor.Kernels.Host.TileLanes512<float, Thor.Kernels.Host.TileGroups.Two>;
using Weave = Thor.Kernels.Host.TileWeave<Thor.Kernels.Host.TileLanes512<float, Thor.Kernels.Host.TileGroups.Two>, System.Runtime.Intrinsics.Vector512<float>, float>;

namespace Thor.Kernels.Host;

/// <summary>Blocks of 8 of two inverses that lie interleaved, on their way to both places that they have in their tiles.</summary>
internal static unsafe class TileMirror
{
    /// <summary>Stores a block and, off the diagonal, its transpose; a block on the diagonal is symmetric.</summary>
    /// <param name="woven">The block: 8 rows of a register.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="tiles">The two tiles, both good.</param>
    /// <param name="n">Their dimension.</param>
    /// <param name="row">Row of the block's first element in the tiles.</param>
    /// <param name="column">Its column, at most the row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* woven, nint stride, TileInversionTile<float>* tiles, nint n, int row, int column)
    {
        Vector512<float> scale = Avx512F.UnpackLow(Vector512.Create(tiles[0].Scale), Vector512.Create(tiles[1].Scale));
        Vector512<float> floor = Avx512F.UnpackLow(Vector512.Create(tiles[0].Floor), Vector512.Create(tiles[1].Floor));
        Vector512<double> r0 = Scaled(woven, scale, floor);
        Vector512<double> r1 = Scaled(woven + stride, scale, floor);
        Vector512<double> r2 = Scaled(woven + (2 * stride), scale, floor);
        Vector512<double> r3 = Scaled(woven + (3 * stride), scale, floor);
        Vector512<double> r4 = Scaled(woven + (4 * stride), scale, floor);
        Vector512<double> r5 = Scaled(woven + (5 * stride), scale, floor);
        Vector512<double> r6 = Scaled(woven + (6 * stride), scale, floor);
        Vector512<double> r7 = Scaled(woven + (7 * stride), scale, floor);
        float* first = tiles[0].Destination + (row * n) + column;
        float* second = tiles[1].Destination + (row * n) + column;
        Weave.Part(r0.AsSingle(), first, second);
        Weave.Part(r1.AsSingle(), first + n, second + n);
        Weave.Part(r2.AsSingle(), first + (2 * n), second + (2 * n));
        Weave.Part(r3.AsSingle(), first + (3 * n), second + (3 * n));
        Weave.Part(r4.AsSingle(), first + (4 * n), second + (4 * n));
        Weave.Part(r5.AsSingle(), first + (5 * n), second + (5 * n));
        Weave.Part(r6.AsSingle(), first + (6 * n), second + (6 * n));
        Weave.Part(r7.AsSingle(), first + (7 * n), second + (7 * n));
        if (row == column)
        {
            return;
        }

        // Pairs of rows are interleaved by pairs of elements; then quarters of rows change places, twice.
        first = tiles[0].Destination + (column * n) + row;
        second = tiles[1].Destination + (column * n) + row;
        Quarters(
            Avx512F.UnpackLow(r0, r1), Avx512F.UnpackLow(r2, r3), Avx512F.UnpackLow(r4, r5), Avx512F.UnpackLow(r6, r7), first, second, 2 * n);
        Quarters(
            Avx512F.UnpackHigh(r0, r1), Avx512F.UnpackHigh(r2, r3), Avx512F.UnpackHigh(r4, r5), Avx512F.UnpackHigh(r6, r7), first + n, second + n, 2 * n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Scaled(float* row, Vector512<float> scale, Vector512<float> floor) =>
        (Lanes.Flush(Vector512.Load(row), floor) * scale).AsDouble();

    /// <summary>Stores the first quarters of all, then the second ones, and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(
        Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d, float* first, float* second, nint distance)
    {
        Vector512<double> evenLeft = Avx512F.Shuffle4x128(a, b, 0x88);
        Vector512<double> oddLeft = Avx512F.Shuffle4x128(a, b, 0xDD);
        Vector512<double> evenRight = Avx512F.Shuffle4x128(c, d, 0x88);
        Vector512<double> oddRight = Avx512F.Shuffle4x128(c, d, 0xDD);
        Weave.Part(Avx512F.Shuffle4x128(evenLeft, evenRight, 0x88).AsSingle(), first, second);
        Weave.Part(Avx512F.Shuffle4x128(oddLeft, oddRight, 0x88).AsSingle(), first + distance, second + distance);
        Weave.Part(Avx512F.Shuffle4x128(evenLeft, evenRight, 0xDD).AsSingle(), first + (2 * distance), second + (2 * distance));
        Weave.Part(Avx512F.Shuffle4x128(oddLeft, oddRight, 0xDD).AsSingle(), first + (3 * distance), second + (3 * distance));
    }
}
