namespace Thor.Kernels.Dialect;

/// <summary>a b + c with one rounding. Nothing else is contracted: a * b + c always rounds twice.</summary>
public static class Fused
{
    /// <summary>a b + c.</summary>
    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>a b + c, lane by lane.</summary>
    public static FloatX2 MultiplyAdd(FloatX2 a, FloatX2 b, FloatX2 c) => FloatX2.MultiplyAdd(a, b, c);

    /// <summary>a b + c with the same a in every lane.</summary>
    public static FloatX2 MultiplyAdd(float a, FloatX2 b, FloatX2 c) => FloatX2.MultiplyAdd(FloatX2.Splat(a), b, c);

    /// <summary>a b + c, lane by lane.</summary>
    public static FloatX4 MultiplyAdd(FloatX4 a, FloatX4 b, FloatX4 c) => FloatX4.MultiplyAdd(a, b, c);

    /// <summary>a b + c with the same a in every lane.</summary>
    public static FloatX4 MultiplyAdd(float a, FloatX4 b, FloatX4 c) => FloatX4.MultiplyAdd(FloatX4.Splat(a), b, c);

    /// <summary>a b + c, lane by lane.</summary>
    public static FloatX8 MultiplyAdd(FloatX8 a, FloatX8 b, FloatX8 c) => FloatX8.MultiplyAdd(a, b, c);

    /// <summary>a b + c with the same a in every lane.</summary>
    public static FloatX8 MultiplyAdd(float a, FloatX8 b, FloatX8 c) => FloatX8.MultiplyAdd(FloatX8.Splat(a), b, c);

    /// <summary>a b + c, lane by lane.</summary>
    public static FloatX16 MultiplyAdd(FloatX16 a, FloatX16 b, FloatX16 c) => FloatX16.MultiplyAdd(a, b, c);

    /// <summary>a b + c with the same a in every lane.</summary>
    public static FloatX16 MultiplyAdd(float a, FloatX16 b, FloatX16 c) => FloatX16.MultiplyAdd(FloatX16.Splat(a), b, c);
}
