namespace Thor.Kernels.Kernels;

/// <summary>The number formats of tensor cores: TF32 (8 bits of exponent, 10 of mantissa, in a 32-bit register) and pairs of bfloat16.</summary>
public static class PtxConvert
{
    // A NaN has no payload in either format.
    private const int TensorNaN = 0x7fffffff;

    /// <summary>The bits of the nearest TF32 number, ties away from zero.</summary>
    public static int ToTf32(float value)
    {
        int bits = 0;
        RoundTf32(ref bits, value);
        return bits;
    }

    /// <summary>Two bfloat16 numbers in one register, each the nearest, ties to even.</summary>
    /// <param name="low">The number for the lower half: the element of the lower column or row.</param>
    /// <param name="high">The number for the upper half.</param>
    public static int ToBfloat16Pair(float low, float high)
    {
        int bits = 0;
        RoundBfloat16Pair(ref bits, high, low);
        return bits;
    }

    /// <summary>As <see cref="ToTf32"/>: sets <paramref name="bits"/>, whatever it held.</summary>
    [Ptx("cvt.rna.tf32.f32 %0, %1;")]
    public static void RoundTf32(ref int bits, float value)
    {
        int raw = BitConverter.SingleToInt32Bits(value);
        if (float.IsNaN(value))
        {
            bits = TensorNaN;
        }
        else
        {
            // Half of the last kept bit is added to the magnitude; a carry runs on into the exponent, and rightly so. Infinity has no low bits.
            bits = float.IsInfinity(value) ? raw : unchecked(raw + 0x1000) & ~0x1fff;
        }
    }

    /// <summary>As <see cref="ToBfloat16Pair"/>: sets <paramref name="bits"/>, whatever it held. The upper half comes first.</summary>
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
