using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>
/// Correlates 4 rows with up to 6 others, lane by lane: target[r, t] += left[r, strip] * right[tap t, strip] summed over strips of one
/// register, all 24 sums in registers. Each strip loads 4 + 6 registers for 24 multiply-adds.
/// </summary>
internal static unsafe class CorrelationKernel
{
    /// <summary>Computes one tile of 4 rows and a number of taps from 1 to 6; target is (4, taps, lanes) and is added to.</summary>
    public static void Run<T, TVector, TLanes>(
        int tapCount, int strips, T* left, nint leftRow, T* right, int* taps, T* target)
        where T : unmanaged
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
    {
        switch (tapCount)
        {
            case 1:
                Compute<T, TVector, TLanes, N1>(strips, left, leftRow, right, taps, target);
                break;
            case 2:
                Compute<T, TVector, TLanes, N2>(strips, left, leftRow, right, taps, target);
                break;
            case 3:
                Compute<T, TVector, TLanes, N3>(strips, left, leftRow, right, taps, target);
                break;
            case 4:
                Compute<T, TVector, TLanes, N4>(strips, left, leftRow, right, taps, target);
                break;
            case 5:
                Compute<T, TVector, TLanes, N5>(strips, left, leftRow, right, taps, target);
                break;
            case 6:
                Compute<T, TVector, TLanes, N6>(strips, left, leftRow, right, taps, target);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(tapCount), tapCount, "A tile has 1 to 6 taps.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<T, TVector, TLanes, TTaps>(
        int strips, T* left, nint leftRow, T* right, int* taps, T* target)
        where T : unmanaged
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
        where TTaps : struct, IConstant
    {
        nint tap0 = TTaps.Value > 0 ? taps[0] : 0;
        nint tap1 = TTaps.Value > 1 ? taps[1] : 0;
        nint tap2 = TTaps.Value > 2 ? taps[2] : 0;
        nint tap3 = TTaps.Value > 3 ? taps[3] : 0;
        nint tap4 = TTaps.Value > 4 ? taps[4] : 0;
        nint tap5 = TTaps.Value > 5 ? taps[5] : 0;
        TVector s00 = TTaps.Value > 0 ? TLanes.Load(target + (((0 * TTaps.Value) + 0) * TLanes.Count)) : TLanes.Zero;
        TVector s10 = TTaps.Value > 0 ? TLanes.Load(target + (((1 * TTaps.Value) + 0) * TLanes.Count)) : TLanes.Zero;
        TVector s20 = TTaps.Value > 0 ? TLanes.Load(target + (((2 * TTaps.Value) + 0) * TLanes.Count)) : TLanes.Zero;
        TVector s30 = TTaps.Value > 0 ? TLanes.Load(target + (((3 * TTaps.Value) + 0) * TLanes.Count)) : TLanes.Zero;
        TVector s01 = TTaps.Value > 1 ? TLanes.Load(target + (((0 * TTaps.Value) + 1) * TLanes.Count)) : TLanes.Zero;
        TVector s11 = TTaps.Value > 1 ? TLanes.Load(target + (((1 * TTaps.Value) + 1) * TLanes.Count)) : TLanes.Zero;
        TVector s21 = TTaps.Value > 1 ? TLanes.Load(target + (((2 * TTaps.Value) + 1) * TLanes.Count)) : TLanes.Zero;
        TVector s31 = TTaps.Value > 1 ? TLanes.Load(target + (((3 * TTaps.Value) + 1) * TLanes.Count)) : TLanes.Zero;
        TVector s02 = TTaps.Value > 2 ? TLanes.Load(target + (((0 * TTaps.Value) + 2) * TLanes.Count)) : TLanes.Zero;
        TVector s12 = TTaps.Value > 2 ? TLanes.Load(target + (((1 * TTaps.Value) + 2) * TLanes.Count)) : TLanes.Zero;
        TVector s22 = TTaps.Value > 2 ? TLanes.Load(target + (((2 * TTaps.Value) + 2) * TLanes.Count)) : TLanes.Zero;
        TVector s32 = TTaps.Value > 2 ? TLanes.Load(target + (((3 * TTaps.Value) + 2) * TLanes.Count)) : TLanes.Zero;
        TVector s03 = TTaps.Value > 3 ? TLanes.Load(target + (((0 * TTaps.Value) + 3) * TLanes.Count)) : TLanes.Zero;
        TVector s13 = TTaps.Value > 3 ? TLanes.Load(target + (((1 * TTaps.Value) + 3) * TLanes.Count)) : TLanes.Zero;
        TVector s23 = TTaps.Value > 3 ? TLanes.Load(target + (((2 * TTaps.Value) + 3) * TLanes.Count)) : TLanes.Zero;
        TVector s33 = TTaps.Value > 3 ? TLanes.Load(target + (((3 * TTaps.Value) + 3) * TLanes.Count)) : TLanes.Zero;
        TVector s04 = TTaps.Value > 4 ? TLanes.Load(target + (((0 * TTaps.Value) + 4) * TLanes.Count)) : TLanes.Zero;
        TVector s14 = TTaps.Value > 4 ? TLanes.Load(target + (((1 * TTaps.Value) + 4) * TLanes.Count)) : TLanes.Zero;
        TVector s24 = TTaps.Value > 4 ? TLanes.Load(target + (((2 * TTaps.Value) + 4) * TLanes.Count)) : TLanes.Zero;
        TVector s34 = TTaps.Value > 4 ? TLanes.Load(target + (((3 * TTaps.Value) + 4) * TLanes.Count)) : TLanes.Zero;
        TVector s05 = TTaps.Value > 5 ? TLanes.Load(target + (((0 * TTaps.Value) + 5) * TLanes.Count)) : TLanes.Zero;
        TVector s15 = TTaps.Value > 5 ? TLanes.Load(target + (((1 * TTaps.Value) + 5) * TLanes.Count)) : TLanes.Zero;
        TVector s25 = TTaps.Value > 5 ? TLanes.Load(target + (((2 * TTaps.Value) + 5) * TLanes.Count)) : TLanes.Zero;
        TVector s35 = TTaps.Value > 5 ? TLanes.Load(target + (((3 * TTaps.Value) + 5) * TLanes.Count)) : TLanes.Zero;

        T* end = left + ((nint)strips * TLanes.Count);
        TVector x;
        for (; left < end; left += TLanes.Count, right += TLanes.Count)
        {
            if (Sse.IsSupported)
            {
                // The 4 rows after these are the next tile's, or the next image's: bring them closer while these are worked on.
                Sse.Prefetch1(left + (4 * leftRow));
                Sse.Prefetch1(left + (5 * leftRow));
                Sse.Prefetch1(left + (6 * leftRow));
                Sse.Prefetch1(left + (7 * leftRow));
            }

            TVector r0 = TLanes.Load(left);
            TVector r1 = TLanes.Load(left + leftRow);
            TVector r2 = TLanes.Load(left + (2 * leftRow));
            TVector r3 = TLanes.Load(left + (3 * leftRow));

            if (TTaps.Value > 0)
            {
                x = TLanes.Load(right + tap0);
                s00 = TLanes.MultiplyAdd(r0, x, s00);
                s10 = TLanes.MultiplyAdd(r1, x, s10);
                s20 = TLanes.MultiplyAdd(r2, x, s20);
                s30 = TLanes.MultiplyAdd(r3, x, s30);
            }

            if (TTaps.Value > 1)
            {
                x = TLanes.Load(right + tap1);
                s01 = TLanes.MultiplyAdd(r0, x, s01);
                s11 = TLanes.MultiplyAdd(r1, x, s11);
                s21 = TLanes.MultiplyAdd(r2, x, s21);
                s31 = TLanes.MultiplyAdd(r3, x, s31);
            }

            if (TTaps.Value > 2)
            {
                x = TLanes.Load(right + tap2);
                s02 = TLanes.MultiplyAdd(r0, x, s02);
                s12 = TLanes.MultiplyAdd(r1, x, s12);
                s22 = TLanes.MultiplyAdd(r2, x, s22);
                s32 = TLanes.MultiplyAdd(r3, x, s32);
            }

            if (TTaps.Value > 3)
            {
                x = TLanes.Load(right + tap3);
                s03 = TLanes.MultiplyAdd(r0, x, s03);
                s13 = TLanes.MultiplyAdd(r1, x, s13);
                s23 = TLanes.MultiplyAdd(r2, x, s23);
                s33 = TLanes.MultiplyAdd(r3, x, s33);
            }

            if (TTaps.Value > 4)
            {
                x = TLanes.Load(right + tap4);
                s04 = TLanes.MultiplyAdd(r0, x, s04);
                s14 = TLanes.MultiplyAdd(r1, x, s14);
                s24 = TLanes.MultiplyAdd(r2, x, s24);
                s34 = TLanes.MultiplyAdd(r3, x, s34);
            }

            if (TTaps.Value > 5)
            {
                x = TLanes.Load(right + tap5);
                s05 = TLanes.MultiplyAdd(r0, x, s05);
                s15 = TLanes.MultiplyAdd(r1, x, s15);
                s25 = TLanes.MultiplyAdd(r2, x, s25);
                s35 = TLanes.MultiplyAdd(r3, x, s35);
            }
        }

        if (TTaps.Value > 0)
        {
            TLanes.Store(s00, target + (((0 * TTaps.Value) + 0) * TLanes.Count));
            TLanes.Store(s10, target + (((1 * TTaps.Value) + 0) * TLanes.Count));
            TLanes.Store(s20, target + (((2 * TTaps.Value) + 0) * TLanes.Count));
            TLanes.Store(s30, target + (((3 * TTaps.Value) + 0) * TLanes.Count));
        }

        if (TTaps.Value > 1)
        {
            TLanes.Store(s01, target + (((0 * TTaps.Value) + 1) * TLanes.Count));
            TLanes.Store(s11, target + (((1 * TTaps.Value) + 1) * TLanes.Count));
            TLanes.Store(s21, target + (((2 * TTaps.Value) + 1) * TLanes.Count));
            TLanes.Store(s31, target + (((3 * TTaps.Value) + 1) * TLanes.Count));
        }

        if (TTaps.Value > 2)
        {
            TLanes.Store(s02, target + (((0 * TTaps.Value) + 2) * TLanes.Count));
            TLanes.Store(s12, target + (((1 * TTaps.Value) + 2) * TLanes.Count));
            TLanes.Store(s22, target + (((2 * TTaps.Value) + 2) * TLanes.Count));
            TLanes.Store(s32, target + (((3 * TTaps.Value) + 2) * TLanes.Count));
        }

        if (TTaps.Value > 3)
        {
            TLanes.Store(s03, target + (((0 * TTaps.Value) + 3) * TLanes.Count));
            TLanes.Store(s13, target + (((1 * TTaps.Value) + 3) * TLanes.Count));
            TLanes.Store(s23, target + (((2 * TTaps.Value) + 3) * TLanes.Count));
            TLanes.Store(s33, target + (((3 * TTaps.Value) + 3) * TLanes.Count));
        }

        if (TTaps.Value > 4)
        {
            TLanes.Store(s04, target + (((0 * TTaps.Value) + 4) * TLanes.Count));
            TLanes.Store(s14, target + (((1 * TTaps.Value) + 4) * TLanes.Count));
            TLanes.Store(s24, target + (((2 * TTaps.Value) + 4) * TLanes.Count));
            TLanes.Store(s34, target + (((3 * TTaps.Value) + 4) * TLanes.Count));
        }

        if (TTaps.Value > 5)
        {
            TLanes.Store(s05, target + (((0 * TTaps.Value) + 5) * TLanes.Count));
            TLanes.Store(s15, target + (((1 * TTaps.Value) + 5) * TLanes.Count));
            TLanes.Store(s25, target + (((2 * TTaps.Value) + 5) * TLanes.Count));
            TLanes.Store(s35, target + (((3 * TTaps.Value) + 5) * TLanes.Count));
        }
    }
}
