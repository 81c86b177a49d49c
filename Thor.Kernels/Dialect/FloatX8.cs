using System.Runtime.InteropServices;

namespace Thor.Kernels.Dialect;

/// <summary>8 floats that are loaded, stored and computed together. A view cast to this type must begin at a multiple of 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FloatX8
{
    /// <summary>Lane 0.</summary>
    public float S0;

    /// <summary>Lane 1.</summary>
    public float S1;

    /// <summary>Lane 2.</summary>
    public float S2;

    /// <summary>Lane 3.</summary>
    public float S3;

    /// <summary>Lane 4.</summary>
    public float S4;

    /// <summary>Lane 5.</summary>
    public float S5;

    /// <summary>Lane 6.</summary>
    public float S6;

    /// <summary>Lane 7.</summary>
    public float S7;

    /// <summary>The same number in every lane.</summary>
    public static FloatX8 Splat(float value)
    {
        FloatX8 result;
        result.S0 = value;
        result.S1 = value;
        result.S2 = value;
        result.S3 = value;
        result.S4 = value;
        result.S5 = value;
        result.S6 = value;
        result.S7 = value;
        return result;
    }

    /// <summary>a + b, lane by lane.</summary>
    public static FloatX8 operator +(FloatX8 a, FloatX8 b)
    {
        a.S0 += b.S0;
        a.S1 += b.S1;
        a.S2 += b.S2;
        a.S3 += b.S3;
        a.S4 += b.S4;
        a.S5 += b.S5;
        a.S6 += b.S6;
        a.S7 += b.S7;
        return a;
    }

    /// <summary>a - b, lane by lane.</summary>
    public static FloatX8 operator -(FloatX8 a, FloatX8 b)
    {
        a.S0 -= b.S0;
        a.S1 -= b.S1;
        a.S2 -= b.S2;
        a.S3 -= b.S3;
        a.S4 -= b.S4;
        a.S5 -= b.S5;
        a.S6 -= b.S6;
        a.S7 -= b.S7;
        return a;
    }

    /// <summary>a * b, lane by lane.</summary>
    public static FloatX8 operator *(FloatX8 a, FloatX8 b)
    {
        a.S0 *= b.S0;
        a.S1 *= b.S1;
        a.S2 *= b.S2;
        a.S3 *= b.S3;
        a.S4 *= b.S4;
        a.S5 *= b.S5;
        a.S6 *= b.S6;
        a.S7 *= b.S7;
        return a;
    }

    /// <summary>a b with the same a in every lane.</summary>
    public static FloatX8 operator *(float a, FloatX8 b) => Splat(a) * b;

    /// <summary>a b + c with one rounding, lane by lane. Kernels call <see cref="Fused"/>.</summary>
    internal static FloatX8 MultiplyAdd(FloatX8 a, FloatX8 b, FloatX8 c)
    {
        c.S0 = MathF.FusedMultiplyAdd(a.S0, b.S0, c.S0);
        c.S1 = MathF.FusedMultiplyAdd(a.S1, b.S1, c.S1);
        c.S2 = MathF.FusedMultiplyAdd(a.S2, b.S2, c.S2);
        c.S3 = MathF.FusedMultiplyAdd(a.S3, b.S3, c.S3);
        c.S4 = MathF.FusedMultiplyAdd(a.S4, b.S4, c.S4);
        c.S5 = MathF.FusedMultiplyAdd(a.S5, b.S5, c.S5);
        c.S6 = MathF.FusedMultiplyAdd(a.S6, b.S6, c.S6);
        c.S7 = MathF.FusedMultiplyAdd(a.S7, b.S7, c.S7);
        return c;
    }
}
