using System.Numerics;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>A divisor whose quotients cost a multiplication and a shift, for kernels that take indices apart.</summary>
/// <remarks>
/// With s = ceil(log2 d) and m = ceil(2^(31 + s) / d), the excess m d - 2^(31 + s) is less than d and so at most 2^s; hence n m / 2^(31 + s)
/// rounds down to n / d for every n below 2^31 (Granlund and Montgomery, 1994, theorem 4.2).
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public struct Divisor
{
    /// <summary>m.</summary>
    public uint Multiplier;

    /// <summary>31 + s.</summary>
    public int Shift;

    /// <summary>A divisor of at least 1; 0 counts as 1, for shapes without elements.</summary>
    public static Divisor Of(int divisor)
    {
        ulong d = (ulong)Math.Max(1, divisor);
        int shift = 31 + (d == 1 ? 0 : BitOperations.Log2((uint)d - 1) + 1);
        return new Divisor { Multiplier = (uint)(((1UL << shift) + d - 1) / d), Shift = shift };
    }

    /// <summary>For kernels: n / d for n from 0.</summary>
    public static int Quotient(int n, Divisor divisor) => (int)(((ulong)n * divisor.Multiplier) >> divisor.Shift);
}
