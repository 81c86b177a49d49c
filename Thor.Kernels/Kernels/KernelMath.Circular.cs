namespace Thor.Kernels.Kernels;

/// <content>Sine and cosine.</content>
public static partial class KernelMath
{
    private const float TwoOverPi = 0.636619772367581343f;

    // Up to here the number of quarter turns has 13 bits, and its products with the first parts of pi / 2 (11 bits each) are exact.
    private const float LargestDirect = 12800f;

    /// <summary>Sine of radians, within 3 units in the last place for every argument; NaN for infinities.</summary>
    public static float Sin(float x)
    {
        float r = Reduce(x, out int quarter);
        return x == 0f ? x : Quarter(r, quarter);
    }

    /// <summary>Cosine of radians, within 3 units in the last place for every argument; NaN for infinities.</summary>
    public static float Cos(float x)
    {
        float r = Reduce(x, out int quarter);
        return Quarter(r, quarter + 1);
    }

    /// <summary>sin(r + quarter pi / 2) for r in [-pi / 4, pi / 4].</summary>
    private static float Quarter(float r, int quarter)
    {
        float s = r * r;
        float sine = -0.00019515217919014763f;
        sine = Fused.MultiplyAdd(sine, s, 0.00833216029110909627f);
        sine = Fused.MultiplyAdd(sine, s, -0.16666654602294523f);
        sine = Fused.MultiplyAdd(sine * s, r, r);
        float cosine = 0.0000244330826478053204f;
        cosine = Fused.MultiplyAdd(cosine, s, -0.00138873156161662148f);
        cosine = Fused.MultiplyAdd(cosine, s, 0.0416666456701498012f);
        cosine = Fused.MultiplyAdd(cosine, s, -0.5f);
        cosine = Fused.MultiplyAdd(cosine, s, 1f);
        float y = (quarter & 1) == 0 ? sine : cosine;
        return (quarter & 2) == 0 ? y : -y;
    }

    /// <summary>x less the nearest multiple of pi / 2, and which multiple that is, modulo 4.</summary>
    private static float Reduce(float x, out int quarter)
    {
        float r;
        if (XMath.Abs(x) <= LargestDirect)
        {
            float shifted = Fused.MultiplyAdd(x, TwoOverPi, Magic);
            float n = shifted - Magic;
            quarter = Interop.FloatAsInt(shifted);

            // pi / 2 in four parts, of which the first two have 11 bits: two exact steps, one rounding, and a correction.
            r = Fused.MultiplyAdd(n, -1.5703125f, x);
            r = Fused.MultiplyAdd(n, -0.00048351287841796875f, r);
            r = Fused.MultiplyAdd(n, -3.13916473260178463533520698547e-7f, r);
            r = Fused.MultiplyAdd(n, -5.39030285816e-15f, r);
        }
        else
        {
            r = ReduceLarge(x, out quarter);
        }

        return r;
    }

    /// <summary>
    /// The same for any x beyond 64: the mantissa is multiplied by those 96 bits of 2 / pi that decide the quarter and its fraction
    /// (Payne and Hanek). 94 bits of fraction, of which at most 30 cancel.
    /// </summary>
    private static float ReduceLarge(float x, out int quarter)
    {
        int bits = Interop.FloatAsInt(x) & 0x7fffffff;
        uint mantissa = ((uint)bits & 0x7fffffu) | 0x800000u;

        // The bit of 2 / pi whose weight times the mantissa's last bit is 2, counted from 32 zero bits in front.
        int start = (bits >> 23) - 150 + 30;
        int word = start >> 5;
        int shift = start & 31;
        uint w0 = TwoOverPiWord(word);
        uint w1 = TwoOverPiWord(word + 1);
        uint w2 = TwoOverPiWord(word + 2);
        uint w3 = TwoOverPiWord(word + 3);
        uint high = Window(w0, w1, shift);
        uint middle = Window(w1, w2, shift);
        uint low = Window(w2, w3, shift);

        ulong product = (ulong)mantissa * low;
        uint p0 = (uint)product;
        product = ((ulong)mantissa * middle) + (product >> 32);
        uint p1 = (uint)product;
        product = ((ulong)mantissa * high) + (product >> 32);
        uint p2 = (uint)product;

        // Two bits of quarters, then the fraction; from one half on it counts down to the next quarter.
        ulong fraction = ((((ulong)p2 << 32) | p1) << 2) | (p0 >> 30);
        int turns = (int)(p2 >> 30) + (int)(fraction >> 63);
        float r = (float)(long)fraction * 8.51530394021847892e-20f;
        bool negative = x < 0f;
        quarter = negative ? -turns : turns;
        r = negative ? -r : r;
        return XMath.IsFinite(x) ? r : float.NaN;
    }

    private static uint Window(uint high, uint low, int shift) => shift == 0 ? high : (high << shift) | (low >> (32 - shift));

    /// <summary>Bits of 2 / pi behind the binary point, after a word of zeros; by comparisons, which lanes can make, not by cases.</summary>
    private static uint TwoOverPiWord(int index)
    {
        uint low = index < 2 ? (index < 1 ? 0u : 0xA2F9836Eu) : (index < 3 ? 0x4E441529u : 0xFC2757D1u);
        uint high = index < 6 ? (index < 5 ? 0xF534DDC0u : 0xDB629599u) : (index < 7 ? 0x3C439041u : 0xFE5163ABu);
        return index < 4 ? low : high;
    }
}
