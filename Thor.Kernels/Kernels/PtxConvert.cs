namespace Thor.Kernels.Kernels;

/// <summary>A number format of tensor cores: pairs of bfloat16 (8 bits of exponent, 7 of mantissa), two to a 32-bit register.</summary>
public static class PtxConvert
{
    /// <summary>Two bfloat16 numbers in one register, each the nearest, ties to even.</summary>
    /// <param name="bits">Set to the pair, whatever it held.</param>
    /// <param name="high">The number for the upper half: the element of the upper column or row.</param>
    /// <param name="low">The number for the lower half.</param>
    [Ptx("cvt.rn.bf16x2.f32 %0, %1, %2;")]
    public static void RoundBfloat16Pair(ref int bits, float high, float low) => bits = (Bfloat16(high) << 16) | Bfloat16(low);

    private static int Bfloat16(float value)
    {
        if (float.IsNaN(value))
        {
            return 0x7fff;
        }

        uint raw = BitConverter.SingleToUInt32Bits(value);
        return (int)(unchecked(raw + 0x7fff + ((raw >> 16) & 1)) >> 16);
    }
}
