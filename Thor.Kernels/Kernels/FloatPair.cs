using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>
/// A number as the unevaluated sum of two floats, with about 48 bits: for the few sums that cancel afterwards, on devices whose doubles are
/// slow or missing. Additions and products are those of Dekker (1971) and Knuth.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct FloatPair
{
    /// <summary>The number, rounded.</summary>
    public float High;

    /// <summary>What the rounding left.</summary>
    public float Low;

    /// <summary>The pair nearest to a double.</summary>
    public static FloatPair Of(double value)
    {
        FloatPair pair;
        pair.High = (float)value;
        pair.Low = (float)(value - pair.High);
        return pair;
    }

    /// <summary>For kernels: a float.</summary>
    public static FloatPair From(float value)
    {
        FloatPair pair;
        pair.High = value;
        pair.Low = 0f;
        return pair;
    }

    /// <summary>For kernels: a + b.</summary>
    public static FloatPair Add(FloatPair a, FloatPair b)
    {
        float sum = a.High + b.High;
        float part = sum - a.High;
        float error = (a.High - (sum - part)) + (b.High - part);
        return Normalize(sum, error + (a.Low + b.Low));
    }

    /// <summary>For kernels: a b.</summary>
    public static FloatPair Multiply(FloatPair a, FloatPair b)
    {
        float product = a.High * b.High;
        float error = Fused.MultiplyAdd(a.High, b.High, -product);
        return Normalize(product, error + ((a.High * b.Low) + (a.Low * b.High)));
    }

    /// <summary>For kernels: -a.</summary>
    public static FloatPair Negate(FloatPair a)
    {
        FloatPair pair;
        pair.High = -a.High;
        pair.Low = -a.Low;
        return pair;
    }

    /// <summary>For kernels: the float nearest to the number. Where that is infinite or NaN the low part has no meaning.</summary>
    public static float Round(FloatPair a) => XMath.IsFinite(a.High) ? a.High + a.Low : a.High;

    // |high| is not less than |low|, so the rounding error of their sum comes out of two subtractions. Infinity leaves an error that is no number.
    private static FloatPair Normalize(float high, float low)
    {
        float rest = XMath.IsFinite(high) ? low : 0f;
        FloatPair pair;
        pair.High = high + rest;
        pair.Low = rest - (pair.High - high);
        return pair;
    }
}
