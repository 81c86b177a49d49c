using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>Work that does nothing but multiply and add in registers: how fast a thread can be at most.</summary>
public static class PeakKernels
{
    // Enough independent sums for two multipliers with a latency of four cycles, few enough for 16 registers.
    private const int Chains = 12;

    /// <summary>Floating-point operations of one step of <see cref="MultiplyAdd"/>.</summary>
    public static int OperationsPerStep => 2 * Chains * (
        Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256.IsHardwareAccelerated ? Vector256<float>.Count : Vector128<float>.Count);

    /// <summary>Runs so many steps of float32 multiply-adds on the widest registers.</summary>
    /// <param name="steps">Number of steps.</param>
    /// <returns>A number that depends on all of them.</returns>
    public static float MultiplyAdd(long steps) =>
        Vector512.IsHardwareAccelerated ? Run<TileLanes512<float, TileGroups.One>, Vector512<float>>(steps)
        : Vector256.IsHardwareAccelerated ? Run<TileLanes256<float, TileGroups.One>, Vector256<float>>(steps)
        : Run<TileLanes128<float>, Vector128<float>>(steps);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run<TLanes, TVector>(long steps)
        where TLanes : struct, ITileLanes<TVector, float>
        where TVector : unmanaged
    {
        TVector x = TLanes.Broadcast(0.999f);
        TVector y = TLanes.Broadcast(0.001f);
        TVector c0 = TLanes.Zero;
        TVector c1 = TLanes.Zero;
        TVector c2 = TLanes.Zero;
        TVector c3 = TLanes.Zero;
        TVector c4 = TLanes.Zero;
        TVector c5 = TLanes.Zero;
        TVector c6 = TLanes.Zero;
        TVector c7 = TLanes.Zero;
        TVector c8 = TLanes.Zero;
        TVector c9 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c11 = TLanes.Zero;
        for (; steps > 0; steps--)
        {
            c0 = TLanes.MultiplyAdd(c0, x, y);
            c1 = TLanes.MultiplyAdd(c1, x, y);
            c2 = TLanes.MultiplyAdd(c2, x, y);
            c3 = TLanes.MultiplyAdd(c3, x, y);
            c4 = TLanes.MultiplyAdd(c4, x, y);
            c5 = TLanes.MultiplyAdd(c5, x, y);
            c6 = TLanes.MultiplyAdd(c6, x, y);
            c7 = TLanes.MultiplyAdd(c7, x, y);
            c8 = TLanes.MultiplyAdd(c8, x, y);
            c9 = TLanes.MultiplyAdd(c9, x, y);
            c10 = TLanes.MultiplyAdd(c10, x, y);
            c11 = TLanes.MultiplyAdd(c11, x, y);
        }

        return TLanes.Sum(c0) + TLanes.Sum(c1) + TLanes.Sum(c2) + TLanes.Sum(c3) + TLanes.Sum(c4) + TLanes.Sum(c5)
            + TLanes.Sum(c6) + TLanes.Sum(c7) + TLanes.Sum(c8) + TLanes.Sum(c9) + TLanes.Sum(c10) + TLanes.Sum(c11);
    }
}
