using System.Runtime.InteropServices;

namespace Thor.Kernels.Dialect;

/// <summary>4 floats that are loaded, stored and computed together. A view cast to this type must begin at a multiple of 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FloatX4
{
    /// <summary>Lane 0.</summary>
    public float X;

    /// <summary>Lane 1.</summary>
    public float Y;

    /// <summary>Lane 2.</summary>
    public float Z;

    /// <summary>Lane 3.</summary>
    public float W;

    /// <summary>The lanes in order.</summary>
    public FloatX4(float x, float y, float z, float w)
    {
        X = x;
        Y = y;
        Z = z;
        W = w;
    }

    /// <summary>The same number in every lane.</summary>
    public static FloatX4 Splat(float value)
    {
        FloatX4 result;
        result.X = value;
        result.Y = value;
        result.Z = value;
        result.W = value;
        return result;
    }

    /// <summary>a + b, lane by lane.</summary>
    public static FloatX4 operator +(FloatX4 a, FloatX4 b)
    {
        a.X += b.X;
        a.Y += b.Y;
        a.Z += b.Z;
        a.W += b.W;
        return a;
    }

    /// <summary>a - b, lane by lane.</summary>
    public static FloatX4 operator -(FloatX4 a, FloatX4 b)
    {
        a.X -= b.X;
        a.Y -= b.Y;
        a.Z -= b.Z;
        a.W -= b.W;
        return a;
    }

    /// <summary>a * b, lane by lane.</summary>
    public static FloatX4 operator *(FloatX4 a, FloatX4 b)
    {
        a.X *= b.X;
        a.Y *= b.Y;
        a.Z *= b.Z;
        a.W *= b.W;
        return a;
    }

    /// <summary>a b with the same a in every lane.</summary>
    public static FloatX4 operator *(float a, FloatX4 b) => Splat(a) * b;

    /// <summary>a b + c with one rounding, lane by lane. Kernels call <see cref="Fused"/>.</summary>
    internal static FloatX4 MultiplyAdd(FloatX4 a, FloatX4 b, FloatX4 c)
    {
        c.X = MathF.FusedMultiplyAdd(a.X, b.X, c.X);
        c.Y = MathF.FusedMultiplyAdd(a.Y, b.Y, c.Y);
        c.Z = MathF.FusedMultiplyAdd(a.Z, b.Z, c.Z);
        c.W = MathF.FusedMultiplyAdd(a.W, b.W, c.W);
        return c;
    }
}
