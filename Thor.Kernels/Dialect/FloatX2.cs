using System.Runtime.InteropServices;

namespace Thor.Kernels.Dialect;

/// <summary>2 floats that are loaded, stored and computed together. A view cast to this type must begin at a multiple of 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FloatX2
{
    /// <summary>Lane 0.</summary>
    public float X;

    /// <summary>Lane 1.</summary>
    public float Y;

    /// <summary>The lanes in order.</summary>
    public FloatX2(float x, float y)
    {
        X = x;
        Y = y;
    }

    /// <summary>The same number in every lane.</summary>
    public static FloatX2 Splat(float value)
    {
        FloatX2 result;
        result.X = value;
        result.Y = value;
        return result;
    }

    /// <summary>a + b, lane by lane.</summary>
    public static FloatX2 operator +(FloatX2 a, FloatX2 b)
    {
        a.X += b.X;
        a.Y += b.Y;
        return a;
    }

    /// <summary>a - b, lane by lane.</summary>
    public static FloatX2 operator -(FloatX2 a, FloatX2 b)
    {
        a.X -= b.X;
        a.Y -= b.Y;
        return a;
    }

    /// <summary>a * b, lane by lane.</summary>
    public static FloatX2 operator *(FloatX2 a, FloatX2 b)
    {
        a.X *= b.X;
        a.Y *= b.Y;
        return a;
    }

    /// <summary>a b with the same a in every lane.</summary>
    public static FloatX2 operator *(float a, FloatX2 b) => Splat(a) * b;

    /// <summary>a b + c with one rounding, lane by lane. Kernels call <see cref="Fused"/>.</summary>
    internal static FloatX2 MultiplyAdd(FloatX2 a, FloatX2 b, FloatX2 c)
    {
        c.X = MathF.FusedMultiplyAdd(a.X, b.X, c.X);
        c.Y = MathF.FusedMultiplyAdd(a.Y, b.Y, c.Y);
        return c;
    }
}
