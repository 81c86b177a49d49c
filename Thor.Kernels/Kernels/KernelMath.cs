namespace Thor.Kernels.Kernels;

/// <summary>
/// Transcendental functions for kernels, in float. They take integer operations, correctly rounded arithmetic and
/// <see cref="Fused"/> alone, so that every device gives the same bits. Exponentials, the normal distribution, tanh, sigmoid and erf are
/// the host's (<c>LaneFunctions</c>) operation by operation and give its bits too; logarithms and softplus may differ from the host in the last place.
/// </summary>
/// <remarks>Branch-free, so that threads of a group become lanes where a device is a processor. Coefficients are our own minimax fits.</remarks>
public static partial class KernelMath
{
    // Adding it moves the integer nearest to a small number into the low bits.
    private const float Magic = 12582912f;
    private const float Log2OfE = 1.4426950408889634f;

    // ln 2 in two parts; a multiple of the first by an exponent is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440054690583e-4f;

    private const uint SignBit = 0x80000000u;
    private const float SmallestNormal = 1.17549435e-38f;

    // Bits of sqrt(1/2): mantissas are taken from [sqrt(1/2), sqrt(2)).
    private const int HalfRoot = 0x3f3504f3;

    /// <summary>e^x; 0 where the result would be below the smallest normal number, infinity above the largest; NaN stays NaN. Within 2 units in the last place.</summary>
    public static float Exp(float x)
    {
        float shifted = Fused.MultiplyAdd(x, Log2OfE, Magic);
        float k = shifted - Magic;
        float r = Fused.MultiplyAdd(k, -Ln2High, x);
        r = Fused.MultiplyAdd(k, -Ln2Low, r);
        float p = 0.00139261835877134945f;
        p = Fused.MultiplyAdd(p, r, 0.00836317905272257737f);
        p = Fused.MultiplyAdd(p, r, 0.0416665546172045742f);
        p = Fused.MultiplyAdd(p, r, 0.166665769896987757f);
        p = Fused.MultiplyAdd(p, r, 0.5f);
        float power = Fused.MultiplyAdd(p, r * r, r) + 1f;
        float scaled = Interop.IntAsFloat((uint)Interop.FloatAsInt(power) + ((uint)Interop.FloatAsInt(shifted) << 23));
        scaled = x > 88.72283f ? float.PositiveInfinity : scaled;

        // The last choice also lets NaN through: no comparison with it holds.
        float beyond = x < -87.33654f ? 0f : x;
        return x >= -87.33654f ? scaled : beyond;
    }

    /// <summary>Natural logarithm: NaN below zero, minus infinity at zero. Within 2 units in the last place, subnormal arguments included.</summary>
    public static float Log(float x)
    {
        bool tiny = x < SmallestNormal;
        float scaled = tiny ? x * 8388608f : x;
        int bits = Interop.FloatAsInt(scaled) - HalfRoot;
        float k = (float)((bits >> 23) - (tiny ? 23 : 0));
        float f = Interop.IntAsFloat((bits & 0x7fffff) + HalfRoot) - 1f;
        float s = f * f;

        // log(1 + f) = f - f^2 / 2 + f^3 P(f), P to 8e-10 of the result.
        float p = 0.0674664687477174027f;
        p = Fused.MultiplyAdd(p, f, -0.116756541377847383f);
        p = Fused.MultiplyAdd(p, f, 0.118881607403930871f);
        p = Fused.MultiplyAdd(p, f, -0.124055884943928315f);
        p = Fused.MultiplyAdd(p, f, 0.142195525196424134f);
        p = Fused.MultiplyAdd(p, f, -0.166679958801557998f);
        p = Fused.MultiplyAdd(p, f, 0.200021186514585465f);
        p = Fused.MultiplyAdd(p, f, -0.250000095988678664f);
        p = Fused.MultiplyAdd(p, f, 0.333333126041480607f);
        float y = Fused.MultiplyAdd(k, Ln2Low, p * f * s);
        y = f + Fused.MultiplyAdd(-0.5f, s, y);
        y = Fused.MultiplyAdd(k, Ln2High, y);

        // Infinity and NaN are themselves.
        y = x <= float.MaxValue ? y : x;
        y = x < 0f ? float.NaN : y;
        return x == 0f ? float.NegativeInfinity : y;
    }

    /// <summary>log(1 + x) for finite x at least 0, without loss for small x. Within 3 units in the last place.</summary>
    public static float LogOnePlus(float x)
    {
        // log(1 + x) = x log(u) / (u - 1) with u the rounded 1 + x: the rounding errors of log(u) and u - 1 cancel (Kahan).
        float u = 1f + x;
        return u == 1f ? x : x * Log(u) / (u - 1f);
    }

    /// <summary>
    /// The upper tail of the standard normal distribution, 1 - Phi(a), for a at least 0. Relative error a few units in the last
    /// place wherever the result is a normal number.
    /// </summary>
    public static float NormalTail(float a)
    {
        // The tail is 0 beyond this; infinity would become NaN.
        float x = a > 14.5f ? 14.5f : a;
        return Bell(x) * TailOverBell(x);
    }

    /// <summary>The same, and e^(-a^2 / 2).</summary>
    public static float NormalTail(float a, out float bell)
    {
        float x = a > 14.5f ? 14.5f : a;
        bell = Bell(x);
        return bell * TailOverBell(x);
    }

    /// <summary>The distribution function of the standard normal distribution.</summary>
    public static float NormalDistribution(float x)
    {
        float tail = NormalTail(XMath.Abs(x));
        return x > 0f ? 1f - tail : tail;
    }

    /// <summary>The distribution function of the standard normal distribution and e^(-x^2 / 2).</summary>
    public static float NormalDistribution(float x, out float bell)
    {
        float tail = NormalTail(XMath.Abs(x), out bell);
        return x > 0f ? 1f - tail : tail;
    }

    /// <summary>The error function, within 2 units in the last place.</summary>
    public static float Erf(float x)
    {
        float a = XMath.Abs(x);
        float s = a * a;
        float p = 0.0000787587506268548834f;
        p = Fused.MultiplyAdd(p, s, -0.000801686428716586953f);
        p = Fused.MultiplyAdd(p, s, 0.00518908742343397399f);
        p = Fused.MultiplyAdd(p, s, -0.0268542120106264124f);
        p = Fused.MultiplyAdd(p, s, 0.112835947151602177f);
        p = Fused.MultiplyAdd(p, s, -0.37612626666720331f);
        p = Fused.MultiplyAdd(p, s, 1.12837916584835095f);
        float tail = NormalTail(a * 1.4142135623730951f);
        float far = CopySign(Fused.MultiplyAdd(-2f, tail, 1f), x);
        return a > 1f ? far : x * p;
    }

    /// <summary>Hyperbolic tangent, within 2 units in the last place.</summary>
    public static float Tanh(float x)
    {
        float a = XMath.Abs(x);
        float s = a * a;
        float p = 0.00229274481617814234f;
        p = Fused.MultiplyAdd(p, s, -0.00834394551583915205f);
        p = Fused.MultiplyAdd(p, s, 0.0217689186510282102f);
        p = Fused.MultiplyAdd(p, s, -0.0539592595772045427f);
        p = Fused.MultiplyAdd(p, s, 0.133333035569157418f);
        p = Fused.MultiplyAdd(p, s, -0.333333331721403616f);
        float far = 1f - (2f / (Exp(a + a) + 1f));
        return a > 0.625f ? CopySign(far, x) : Fused.MultiplyAdd(p * s, x, x);
    }

    /// <summary>1 / (1 + e^-x), without overflow.</summary>
    public static float Sigmoid(float x)
    {
        // With e = e^-|x| at most 1: 1 / (1 + e), or e / (1 + e) below zero.
        float e = Exp(-XMath.Abs(x));
        return (x < 0f ? e : 1f) / (1f + e);
    }

    /// <summary>log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).</summary>
    public static float Softplus(float x) => XMath.Max(x, 0f) + LogOnePlus(Exp(-XMath.Abs(x)));

    /// <summary>x Phi(x), the exact GELU.</summary>
    public static float Gelu(float x) => x * NormalDistribution(x);

    /// <summary>Derivative of <see cref="Gelu"/>: Phi(x) + x phi(x).</summary>
    public static float GeluSlope(float x)
    {
        float distribution = NormalDistribution(x, out float bell);
        return Fused.MultiplyAdd(x * 0.3989422804014327f, bell, distribution);
    }

    /// <summary>|magnitude| with the sign bit of another number.</summary>
    public static float CopySign(float magnitude, float sign) =>
        Interop.IntAsFloat(((uint)Interop.FloatAsInt(magnitude) & ~SignBit) | ((uint)Interop.FloatAsInt(sign) & SignBit));

    private static float Bell(float x)
    {
        // The rounding error of the square is put back: it would be multiplied by the size of the exponent.
        float square = x * x;
        float lost = Fused.MultiplyAdd(x, x, -square);
        float bell = Exp(-(0.5f * square));
        return Fused.MultiplyAdd(-(0.5f * lost), bell, bell);
    }

    private static float TailOverBell(float x)
    {
        float r = 1f / (x + 4f);
        float q = (x - 4f) * r;
        float p = -0.000122983157005266082f;
        p = Fused.MultiplyAdd(p, q, 0.000194801851142465442f);
        p = Fused.MultiplyAdd(p, q, 0.00156931364509224635f);
        p = Fused.MultiplyAdd(p, q, -0.0035235740563519058f);
        p = Fused.MultiplyAdd(p, q, -0.00752721291167985461f);
        p = Fused.MultiplyAdd(p, q, 0.0604064697483036412f);
        p = Fused.MultiplyAdd(p, q, -0.18652300589738765f);
        p = Fused.MultiplyAdd(p, q, 0.387136679794706625f);
        p = Fused.MultiplyAdd(p, q, -0.607896606073809151f);
        p = Fused.MultiplyAdd(p, q, 0.755285138510370549f);
        return p * r;
    }
}
