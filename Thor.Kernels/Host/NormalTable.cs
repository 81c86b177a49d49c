using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>
/// Standard normal numbers as a table of polynomials over random bits, so that every device draws the same bits.
/// </summary>
/// <remarks>
/// The top bit of a word is the sign; the other bits, an integer u, are a tail probability p = (u + 1/2) / 2^32 (2^64 for
/// double), and the magnitude is x with Q(x) = p, Q being the upper tail of the normal distribution. The interval of u is cut
/// into octaves (by leading zeros) of <see cref="Segments"/> segments each (by the bits after the leading one), on each of
/// which x is a polynomial in the position t in [0, 1) within the segment: cubic for float (24 bits of t, error of a unit in
/// the last place), of degree 7 for double (error about 1e-14). Drawing takes integer operations and fused multiply-adds, nothing else; the
/// tables are computed with +, -, * and / in double, which round alike everywhere. Magnitudes reach 6.33 (float), 9.2 (double).
/// </remarks>
public static class NormalTable
{
    /// <summary>Bits that choose the segment within an octave.</summary>
    public const int SegmentBits = 4;

    /// <summary>Segments of an octave.</summary>
    public const int Segments = 1 << SegmentBits;

    /// <summary>Coefficients of a segment for float.</summary>
    public const int FloatTerms = 4;

    /// <summary>Coefficients of a segment for double.</summary>
    public const int DoubleTerms = 8;

    // Chebyshev nodes of the first kind on [-1, 1]: cos((2k + 1) pi / 2n), the positive half, largest first.
    private static readonly double[] s_nodes4 = [0.9238795325112867, 0.3826834323650898];
    private static readonly double[] s_nodes8 = [0.9807852804032304, 0.8314696123025452, 0.5555702330196022, 0.19509032201612826];

    private static readonly Lazy<float[]> s_float = new(static () => Array.ConvertAll(Build(31, s_nodes4), static c => (float)c));
    private static readonly Lazy<double[]> s_double = new(static () => Build(63, s_nodes8));

    /// <summary>Coefficients for float, constant term first, segment after segment: octave (leading zeros of u in 31 bits) * Segments + segment.</summary>
    public static float[] Float => s_float.Value;

    /// <summary>Coefficients for double, with leading zeros in 63 bits.</summary>
    public static double[] Double => s_double.Value;

    /// <summary>The normal number of a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Draw(uint word, float[] table)
    {
        // With u at the top of the word, its leading one ends up in bit 31; u = 0 falls into an octave of its own.
        uint u = word << 1;
        int zeros = BitOperations.LeadingZeroCount(u | 1);
        uint aligned = u << zeros;
        int at = ((zeros << SegmentBits) | (int)((aligned >> (31 - SegmentBits)) & (Segments - 1))) * FloatTerms;
        float t = ((aligned << (1 + SegmentBits)) >> 8) * (1f / (1 << 24));
        float x = MathF.FusedMultiplyAdd(table[at + 3], t, table[at + 2]);
        x = MathF.FusedMultiplyAdd(x, t, table[at + 1]);
        x = MathF.FusedMultiplyAdd(x, t, table[at]);
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(x) ^ (word & 0x80000000));
    }

    /// <summary>The normal numbers of eight words, bit for bit those of one word at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Vector256<float> Draw(Vector256<uint> words, float* table)
    {
        Vector256<uint> u = words << 1;
        Vector256<uint> zeros = Avx512CD.VL.LeadingZeroCount(u | Vector256<uint>.One);
        Vector256<uint> aligned = Avx2.ShiftLeftLogicalVariable(u, zeros);
        Vector256<uint> segment = (aligned >> (31 - SegmentBits)) & Vector256.Create((uint)(Segments - 1));
        Vector256<int> at = (((zeros << SegmentBits) | segment) << 2).AsInt32();
        Vector256<float> t = Vector256.ConvertToSingle(((aligned << (1 + SegmentBits)) >> 8).AsInt32()) * (1f / (1 << 24));
        Vector256<float> x = Fma.MultiplyAdd(Avx2.GatherVector256(table + 3, at, 4), t, Avx2.GatherVector256(table + 2, at, 4));
        x = Fma.MultiplyAdd(x, t, Avx2.GatherVector256(table + 1, at, 4));
        x = Fma.MultiplyAdd(x, t, Avx2.GatherVector256(table, at, 4));
        return x ^ (words & Vector256.Create(0x80000000)).AsSingle();
    }

    /// <summary>The normal number of two words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Draw(uint low, uint high, double[] table)
    {
        ulong word = ((ulong)high << 32) | low;
        ulong u = word << 1;
        int zeros = BitOperations.LeadingZeroCount(u | 1);
        ulong aligned = u << zeros;
        int at = ((zeros << SegmentBits) | (int)((aligned >> (63 - SegmentBits)) & (Segments - 1))) * DoubleTerms;
        double t = ((aligned << (1 + SegmentBits)) >> 11) * (1.0 / (1L << 53));
        double x = table[at + DoubleTerms - 1];
        for (int term = DoubleTerms - 2; term >= 0; term--)
        {
            x = Math.FusedMultiplyAdd(x, t, table[at + term]);
        }

        return BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(x) ^ (word & 0x8000000000000000));
    }

    /// <summary>The x whose upper tail is p, for p in (0, 1/2], by Halley's iteration from a start nearby.</summary>
    internal static double Quantile(double p, double start)
    {
        double x = start;
        for (int step = 0; step < 40; step++)
        {
            double newton = (UpperTail(x, out double density) - p) / density;
            double halley = newton / (1 - (0.5 * x * newton));
            x += halley;
            if (halley * halley < 1e-20)
            {
                break;
            }
        }

        return x;
    }

    /// <summary>Q(x) for x at least 0, from +, -, * and / alone.</summary>
    internal static double UpperTail(double x, out double density)
    {
        density = 0.3989422804014327 * Exponential(-0.5 * x * x);
        if (x < 2.5)
        {
            // Phi(x) - 1/2 = phi(x) (x + x^3 / 3 + x^5 / 15 + ...): all terms positive (Abramowitz and Stegun 26.2.11).
            double term = x;
            double sum = x;
            for (int k = 3; k < 120; k += 2)
            {
                term *= x * x / k;
                sum += term;
            }

            return 0.5 - (density * sum);
        }

        // Q(x) = phi(x) / (x + 1 / (x + 2 / (x + 3 / ...))) (Abramowitz and Stegun 26.2.14).
        double fraction = x;
        for (int k = 100; k > 0; k--)
        {
            fraction = x + (k / fraction);
        }

        return density / fraction;
    }

    /// <summary>e^x for x at most 0, by halving to a small argument and its Taylor series; Math.Exp differs between platforms.</summary>
    private static double Exponential(double x)
    {
        double r = x / 128;
        double sum = 1;
        for (int k = 18; k > 0; k--)
        {
            sum = 1 + (sum * r / k);
        }

        for (int i = 0; i < 7; i++)
        {
            sum *= sum;
        }

        return sum;
    }

    /// <summary>Interpolates the quantile on every segment in its Chebyshev nodes.</summary>
    private static double[] Build(int bits, double[] half)
    {
        int terms = 2 * half.Length;
        double[] table = new double[(bits + 1) * Segments * terms];
        double[] nodes = new double[terms];
        double[] values = new double[terms];
        for (int k = 0; k < half.Length; k++)
        {
            nodes[k] = 0.5 * (1 - half[k]);
            nodes[terms - 1 - k] = 0.5 * (1 + half[k]);
        }

        double scale = 1;
        for (int i = 0; i <= bits; i++)
        {
            scale *= 0.5;
        }

        double x = 0;
        double octave = 1;
        for (int i = 1; i < bits; i++)
        {
            octave *= 2;
        }

        for (int zeros = 0; zeros <= bits; zeros++)
        {
            for (int segment = Segments - 1; segment >= 0; segment--)
            {
                for (int k = terms - 1; k >= 0; k--)
                {
                    // The last octave holds u = 0 alone.
                    double u = zeros == bits ? 0 : octave * (1 + ((segment + nodes[k]) / Segments));
                    x = Quantile((u + 0.5) * scale, x);
                    values[k] = x;
                }

                Interpolate(nodes, values, table.AsSpan(((zeros * Segments) + segment) * terms, terms));
            }

            octave *= 0.5;
        }

        return table;
    }

    /// <summary>The polynomial through the points, by divided differences, in powers of t.</summary>
    private static void Interpolate(double[] nodes, double[] values, Span<double> powers)
    {
        int n = nodes.Length;
        double[] differences = (double[])values.Clone();
        for (int order = 1; order < n; order++)
        {
            for (int k = n - 1; k >= order; k--)
            {
                differences[k] = (differences[k] - differences[k - 1]) / (nodes[k] - nodes[k - order]);
            }
        }

        powers.Clear();
        for (int k = n - 1; k >= 0; k--)
        {
            for (int i = n - 1; i > 0; i--)
            {
                powers[i] = powers[i - 1] - (nodes[k] * powers[i]);
            }

            powers[0] = differences[k] - (nodes[k] * powers[0]);
        }
    }
}
