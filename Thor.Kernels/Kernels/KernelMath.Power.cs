namespace Thor.Kernels.Kernels;

/// <content>Powers.</content>
public static partial class KernelMath
{
    /// <summary>
    /// a raised to b, within 1 unit in the last place; a result that is a float exactly is that float. Special cases are those of
    /// IEEE 754: 1 for b = 0 and for a = 1 whatever the other is, NaN for a finite negative base and a fractional exponent.
    /// </summary>
    public static float Pow(float a, float b)
    {
        float x = XMath.Abs(a);
        bool whole = XMath.Truncate(b) == b;
        bool odd = whole && XMath.Abs(b) < 16777216f && ((int)b & 1) != 0;
        float y = PositivePower(x, b);
        y = x == 0f || x == float.PositiveInfinity ? ((x == 0f) == (b < 0f) ? float.PositiveInfinity : 0f) : y;
        y = a < 0f && x <= float.MaxValue && !whole ? float.NaN : y;
        y = odd ? CopySign(y, a) : y;
        y = a == -1f && XMath.Abs(b) == float.PositiveInfinity ? 1f : y;
        y = XMath.IsNaN(a) || XMath.IsNaN(b) ? float.NaN : y;
        return a == 1f || b == 0f ? 1f : y;
    }

    /// <summary>x raised to b for finite x above 0: the logarithm of base 2 in two floats, 2^-35 of it wrong, times b, then 2 to that.</summary>
    private static float PositivePower(float x, float b)
    {
        bool tiny = x < SmallestNormal;
        int bits = Interop.FloatAsInt(tiny ? x * 8388608f : x) - HalfRoot;
        float k = (float)((bits >> 23) - (tiny ? 23 : 0));
        float m = Interop.IntAsFloat((bits & 0x7fffff) + HalfRoot);

        // log(m) = 2 atanh(s) = s (2 + z (2/3 + z R(z))), s = (m - 1) / (m + 1), z = s^2; R to 8e-12 of the sum.
        float f = m - 1f;
        float t = m + 1f;
        float tLow = f - (t - 2f);
        float s = f / t;
        float sLow = (Fused.MultiplyAdd(-s, t, f) - (s * tLow)) / t;
        float z = s * s;
        float zLow = Fused.MultiplyAdd(2f * s, sLow, Fused.MultiplyAdd(s, s, -z));
        float p = 0.23418824149161772f;
        p = Fused.MultiplyAdd(p, z, 0.285471236904287706f);
        p = Fused.MultiplyAdd(p, z, 0.400001522695364362f);
        float c = p * z;
        float d = 0.666666687f + c;
        float dLow = 0.666666687f - d + c - 1.98682149e-8f;
        float w = z * d;
        float wLow = Fused.MultiplyAdd(z, dLow, Fused.MultiplyAdd(zLow, d, Fused.MultiplyAdd(z, d, -w)));
        float u = 2f + w;
        float uLow = 2f - u + w + wLow;
        float l = s * u;
        float lLow = Fused.MultiplyAdd(s, uLow, Fused.MultiplyAdd(sLow, u, Fused.MultiplyAdd(s, u, -l)));

        // To base 2, and the exponent in front.
        float g = l * 1.44269502f;
        float gLow = Fused.MultiplyAdd(l, 1.92596303e-8f, Fused.MultiplyAdd(lLow, 1.44269502f, Fused.MultiplyAdd(l, 1.44269502f, -g)));
        float sum = k + g;
        float rest = k - sum + g + gLow;
        float h = sum + rest;
        float hLow = sum - h + rest;

        // Beyond these bounds the result is 0 or infinity however far.
        float exponent = XMath.Max(-1e30f, XMath.Min(1e30f, b));
        float e = exponent * h;
        float eLow = Fused.MultiplyAdd(exponent, hLow, Fused.MultiplyAdd(exponent, h, -e));
        eLow = XMath.Abs(e) > 300f ? 0f : eLow;
        e = XMath.Max(-300f, XMath.Min(300f, e));
        float shifted = e + Magic;
        float r = e - (shifted - Magic);

        // 2^r = 1 + r Q(r), Q to 5e-11, and the low part by its derivative.
        float q = 0.0000151961650497936733f;
        q = Fused.MultiplyAdd(q, r, 0.000154667570571283154f);
        q = Fused.MultiplyAdd(q, r, 0.00133339350128948681f);
        q = Fused.MultiplyAdd(q, r, 0.00961803812933520871f);
        q = Fused.MultiplyAdd(q, r, 0.0555041036605693291f);
        q = Fused.MultiplyAdd(q, r, 0.240226510665846191f);
        float curved = q * r * r;
        float low = eLow * 0.693147181f;
        low = Fused.MultiplyAdd(low, Fused.MultiplyAdd(r, 0.693147181f, curved), low);
        float above = Fused.MultiplyAdd(r, 0.693147180704504955f, curved + low);
        return ScaleByPower(1f + above, Interop.FloatAsInt(shifted) - Interop.FloatAsInt(Magic));
    }

    /// <summary>x 2^n for n up to 300 in magnitude, in three factors, of which at most the last rounds.</summary>
    private static float ScaleByPower(float x, int n)
    {
        int third = n / 3;
        float factor = Interop.IntAsFloat((third + 127) << 23);
        float last = Interop.IntAsFloat((n - (2 * third) + 127) << 23);
        return x * factor * factor * last;
    }
}
