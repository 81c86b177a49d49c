using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>Blocks of X^T X of 8 rows and 2 or 3 registers of 16 columns, or of 16 rows and one register, for float32 on 512 bits, that fetch other rows meanwhile.</summary>
/// <remarks>
/// The same sums as those of <see cref="TileBlocks{TLanes, TVector, T}"/>. A line of other rows is fetched every second step, which costs little beside 24
/// multiply-adds a step.
/// </remarks>
internal static unsafe class TileStripBlocks
{
    private const int Lanes = 16;
    private const int Height = 8;

    /// <summary>Adds products of a strip's rows to a block, and returns how many rows the block has.</summary>
    /// <param name="p">First of the columns of the strip that are the block's rows.</param>
    /// <param name="q">First of those that are its columns.</param>
    /// <param name="stride">Elements from one row of the strip to the next.</param>
    /// <param name="registers">Registers of columns: 1 to 3.</param>
    /// <param name="rows">Rows of the strip.</param>
    /// <param name="sums">The block.</param>
    /// <param name="width">Elements from one of its rows to the next.</param>
    /// <param name="accumulate">Whether sums go on from what the block holds.</param>
    /// <param name="copy">What is fetched meanwhile.</param>
    public static int Multiply(
        float* p, float* q, nint stride, int registers, int rows, float* sums, nint width, bool accumulate, ref TileCopy copy)
    {
        float* zeros = stackalloc float[3 * Lanes];
        float* s = accumulate ? sums : zeros;
        nint sStride = accumulate ? width : 0;
        TileCopy.Share share = copy.Take(rows / 2, zeros);
        switch (registers)
        {
            case 1:
                Multiply<One>(p, q, stride, rows, s, sStride, sums, width, share);
                return 2 * Height;
            case 2:
                Multiply<Two>(p, q, stride, rows, s, sStride, sums, width, share);
                return Height;
            default:
                Multiply<Three>(p, q, stride, rows, s, sStride, sums, width, share);
                return Height;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRegisters>(
        float* p, float* q, nint stride, int rows, float* s, nint sStride, float* sums, nint width, TileCopy.Share copy)
        where TRegisters : struct, IRegisters
    {
        TileCopy.Share share = copy;
        Start<TRegisters>(s, sStride, out Vector512<float> c00, out Vector512<float> c01, out Vector512<float> c02);
        Start<TRegisters>(s + sStride, sStride, out Vector512<float> c10, out Vector512<float> c11, out Vector512<float> c12);
        Start<TRegisters>(s + (2 * sStride), sStride, out Vector512<float> c20, out Vector512<float> c21, out Vector512<float> c22);
        Start<TRegisters>(s + (3 * sStride), sStride, out Vector512<float> c30, out Vector512<float> c31, out Vector512<float> c32);
        Start<TRegisters>(s + (4 * sStride), sStride, out Vector512<float> c40, out Vector512<float> c41, out Vector512<float> c42);
        Start<TRegisters>(s + (5 * sStride), sStride, out Vector512<float> c50, out Vector512<float> c51, out Vector512<float> c52);
        Start<TRegisters>(s + (6 * sStride), sStride, out Vector512<float> c60, out Vector512<float> c61, out Vector512<float> c62);
        Start<TRegisters>(s + (7 * sStride), sStride, out Vector512<float> c70, out Vector512<float> c71, out Vector512<float> c72);
        while (rows > 0)
        {
            int lines = share.Lines;
            for (; rows > 0 && lines > 0; lines--)
            {
                share.Next();
                Vector512<float> b0 = Vector512.Load(q);
                Vector512<float> b1 = TRegisters.Count > 1 ? Vector512.Load(q + Lanes) : b0;
                Vector512<float> b2 = TRegisters.Count > 2 ? Vector512.Load(q + (2 * Lanes)) : b0;
                Step<TRegisters>(p, b0, b1, b2, ref c00, ref c01, ref c02);
                Step<TRegisters>(p + 1, b0, b1, b2, ref c10, ref c11, ref c12);
                Step<TRegisters>(p + 2, b0, b1, b2, ref c20, ref c21, ref c22);
                Step<TRegisters>(p + 3, b0, b1, b2, ref c30, ref c31, ref c32);
                Step<TRegisters>(p + 4, b0, b1, b2, ref c40, ref c41, ref c42);
                Step<TRegisters>(p + 5, b0, b1, b2, ref c50, ref c51, ref c52);
                Step<TRegisters>(p + 6, b0, b1, b2, ref c60, ref c61, ref c62);
                Step<TRegisters>(p + 7, b0, b1, b2, ref c70, ref c71, ref c72);
                rows--;
                if (rows == 0)
                {
                    break;
                }

                p += stride;
                q += stride;
                b0 = Vector512.Load(q);
                b1 = TRegisters.Count > 1 ? Vector512.Load(q + Lanes) : b0;
                b2 = TRegisters.Count > 2 ? Vector512.Load(q + (2 * Lanes)) : b0;
                Step<TRegisters>(p, b0, b1, b2, ref c00, ref c01, ref c02);
                Step<TRegisters>(p + 1, b0, b1, b2, ref c10, ref c11, ref c12);
                Step<TRegisters>(p + 2, b0, b1, b2, ref c20, ref c21, ref c22);
                Step<TRegisters>(p + 3, b0, b1, b2, ref c30, ref c31, ref c32);
                Step<TRegisters>(p + 4, b0, b1, b2, ref c40, ref c41, ref c42);
                Step<TRegisters>(p + 5, b0, b1, b2, ref c50, ref c51, ref c52);
                Step<TRegisters>(p + 6, b0, b1, b2, ref c60, ref c61, ref c62);
                Step<TRegisters>(p + 7, b0, b1, b2, ref c70, ref c71, ref c72);
                p += stride;
                q += stride;
                rows--;
            }

            share.NextRow();
        }

        End<TRegisters>(sums, width, c00, c01, c02);
        End<TRegisters>(sums + width, width, c10, c11, c12);
        End<TRegisters>(sums + (2 * width), width, c20, c21, c22);
        End<TRegisters>(sums + (3 * width), width, c30, c31, c32);
        End<TRegisters>(sums + (4 * width), width, c40, c41, c42);
        End<TRegisters>(sums + (5 * width), width, c50, c51, c52);
        End<TRegisters>(sums + (6 * width), width, c60, c61, c62);
        End<TRegisters>(sums + (7 * width), width, c70, c71, c72);
    }

    // The second register of a row is that of the row 8 below where a row has but one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Second<TRegisters>(nint stride)
        where TRegisters : struct, IRegisters => TRegisters.Count == 1 ? Height * stride : Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Start<TRegisters>(float* s, nint stride, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2)
        where TRegisters : struct, IRegisters
    {
        c0 = Vector512.Load(s);
        c1 = Vector512.Load(s + Second<TRegisters>(stride));
        c2 = TRegisters.Count > 2 ? Vector512.Load(s + (2 * Lanes)) : c0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TRegisters>(
        float* p, Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, ref Vector512<float> c0, ref Vector512<float> c1, ref Vector512<float> c2)
        where TRegisters : struct, IRegisters
    {
        Vector512<float> a = Vector512.Create(*p);
        c0 = Vector512.MultiplyAddEstimate(a, b0, c0);
        c1 = TRegisters.Count == 1
            ? Vector512.MultiplyAddEstimate(Vector512.Create(p[Height]), b0, c1)
            : Vector512.MultiplyAddEstimate(a, b1, c1);
        if (TRegisters.Count > 2)
        {
            c2 = Vector512.MultiplyAddEstimate(a, b2, c2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void End<TRegisters>(float* c, nint stride, Vector512<float> c0, Vector512<float> c1, Vector512<float> c2)
        where TRegisters : struct, IRegisters
    {
        c0.Store(c);
        c1.Store(c + Second<TRegisters>(stride));
        if (TRegisters.Count > 2)
        {
            c2.Store(c + (2 * Lanes));
        }
    }

    /// <summary>A number of registers that the compiler knows.</summary>
    private interface IRegisters
    {
        static abstract int Count { get; }
    }

    private readonly struct One : IRegisters
    {
        public static int Count => 1;
    }

    private readonly struct Two : IRegisters
    {
        public static int Count => 2;
    }

    private readonly struct Three : IRegisters
    {
        public static int Count => 3;
    }
}
