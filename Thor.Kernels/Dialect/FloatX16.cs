using System.Runtime.InteropServices;

namespace Thor.Kernels.Dialect;

/// <summary>16 floats that are loaded, stored and computed together. A view cast to this type must begin at a multiple of 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FloatX16
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

    /// <summary>Lane 8.</summary>
    public float S8;

    /// <summary>Lane 9.</summary>
    public float S9;

    /// <summary>Lane 10.</summary>
    public float SA;

    /// <summary>Lane 11.</summary>
    public float SB;

    /// <summary>Lane 12.</summary>
    public float SC;

    /// <summary>Lane 13.</summary>
    public float SD;

    /// <summary>Lane 14.</summary>
    public float SE;

    /// <summary>Lane 15.</summary>
    public float SF;

    /// <summary>The same number in every lane.</summary>
    public static FloatX16 Splat(float value)
    {
        FloatX16 result;
        result.S0 = value;
        result.S1 = value;
        result.S2 = value;
        result.S3 = value;
        result.S4 = value;
        result.S5 = value;
        result.S6 = value;
        result.S7 = value;
        result.S8 = value;
        result.S9 = value;
        result.SA = value;
        result.SB = value;
        result.SC = value;
        result.SD = value;
        result.SE = value;
        result.SF = value;
        return result;
    }

    /// <summary>a + b, lane by lane.</summary>
    public static FloatX16 operator +(FloatX16 a, FloatX16 b)
    {
        a.S0 += b.S0;
        a.S1 += b.S1;
        a.S2 += b.S2;
        a.S3 += b.S3;
        a.S4 += b.S4;
        a.S5 += b.S5;
        a.S6 += b.S6;
        a.S7 += b.S7;
        a.S8 += b.S8;
        a.S9 += b.S9;
        a.SA += b.SA;
        a.SB += b.SB;
        a.SC += b.SC;
        a.SD += b.SD;
        a.SE += b.SE;
        a.SF += b.SF;
        return a;
    }

    /// <summary>a - b, lane by lane.</summary>
    public static FloatX16 operator -(FloatX16 a, FloatX16 b)
    {
        a.S0 -= b.S0;
        a.S1 -= b.S1;
        a.S2 -= b.S2;
        a.S3 -= b.S3;
        a.S4 -= b.S4;
        a.S5 -= b.S5;
        a.S6 -= b.S6;
        a.S7 -= b.S7;
        a.S8 -= b.S8;
        a.S9 -= b.S9;
        a.SA -= b.SA;
        a.SB -= b.SB;
        a.SC -= b.SC;
        a.SD -= b.SD;
        a.SE -= b.SE;
        a.SF -= b.SF;
        return a;
    }

    /// <summary>a * b, lane by lane.</summary>
    public static FloatX16 operator *(FloatX16 a, FloatX16 b)
    {
        a.S0 *= b.S0;
        a.S1 *= b.S1;
        a.S2 *= b.S2;
        a.S3 *= b.S3;
        a.S4 *= b.S4;
        a.S5 *= b.S5;
        a.S6 *= b.S6;
        a.S7 *= b.S7;
        a.S8 *= b.S8;
        a.S9 *= b.S9;
        a.SA *= b.SA;
        a.SB *= b.SB;
        a.SC *= b.SC;
        a.SD *= b.SD;
        a.SE *= b.SE;
        a.SF *= b.SF;
        return a;
    }

    /// <summary>a b with the same a in every lane.</summary>
    public static FloatX16 operator *(float a, FloatX16 b) => Splat(a) * b;

    /// <summary>a b + c with one rounding, lane by lane. Kernels call <see cref="Fused"/>.</summary>
    internal static FloatX16 MultiplyAdd(FloatX16 a, FloatX16 b, FloatX16 c)
    {
        c.S0 = MathF.FusedMultiplyAdd(a.S0, b.S0, c.S0);
        c.S1 = MathF.FusedMultiplyAdd(a.S1, b.S1, c.S1);
        c.S2 = MathF.FusedMultiplyAdd(a.S2, b.S2, c.S2);
        c.S3 = MathF.FusedMultiplyAdd(a.S3, b.S3, c.S3);
        c.S4 = MathF.FusedMultiplyAdd(a.S4, b.S4, c.S4);
        c.S5 = MathF.FusedMultiplyAdd(a.S5, b.S5, c.S5);
        c.S6 = MathF.FusedMultiplyAdd(a.S6, b.S6, c.S6);
        c.S7 = MathF.FusedMultiplyAdd(a.S7, b.S7, c.S7);
        c.S8 = MathF.FusedMultiplyAdd(a.S8, b.S8, c.S8);
        c.S9 = MathF.FusedMultiplyAdd(a.S9, b.S9, c.S9);
        c.SA = MathF.FusedMultiplyAdd(a.SA, b.SA, c.SA);
        c.SB = MathF.FusedMultiplyAdd(a.SB, b.SB, c.SB);
        c.SC = MathF.FusedMultiplyAdd(a.SC, b.SC, c.SC);
        c.SD = MathF.FusedMultiplyAdd(a.SD, b.SD, c.SD);
        c.SE = MathF.FusedMultiplyAdd(a.SE, b.SE, c.SE);
        c.SF = MathF.FusedMultiplyAdd(a.SF, b.SF, c.SF);
        return c;
    }
}
