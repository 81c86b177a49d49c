namespace Thor.Kernels.Dialect;

/// <summary>
/// Functions of float numbers as ILGPU.Algorithms names them. Exponentials, logarithms and the trigonometric functions are the
/// device's own and may differ in the last place between devices; everything else is exact or correctly rounded everywhere.
/// </summary>
public static class XMath
{
    /// <summary>|x|.</summary>
    public static float Abs(float x) => MathF.Abs(x);

    /// <inheritdoc cref="Abs(float)"/>
    public static int Abs(int x) => x < 0 ? unchecked(-x) : x;

    /// <summary>The larger; NaN if either is NaN.</summary>
    public static float Max(float a, float b) => MathF.Max(a, b);

    /// <summary>The larger.</summary>
    public static int Max(int a, int b) => Math.Max(a, b);

    /// <summary>The smaller; NaN if either is NaN.</summary>
    public static float Min(float a, float b) => MathF.Min(a, b);

    /// <summary>The smaller.</summary>
    public static int Min(int a, int b) => Math.Min(a, b);

    /// <summary>Square root, correctly rounded.</summary>
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>1 / sqrt(x), each correctly rounded.</summary>
    public static float Rsqrt(float x) => 1f / MathF.Sqrt(x);

    /// <summary>1 / x, correctly rounded.</summary>
    public static float Rcp(float x) => 1f / x;

    /// <summary>Largest integer not above x.</summary>
    public static float Floor(float x) => MathF.Floor(x);

    /// <summary>Smallest integer not below x.</summary>
    public static float Ceiling(float x) => MathF.Ceiling(x);

    /// <summary>x without its fraction.</summary>
    public static float Truncate(float x) => MathF.Truncate(x);

    /// <summary>The nearest integer, halves to even.</summary>
    public static float Round(float x) => MathF.Round(x);

    /// <summary>e^x.</summary>
    public static float Exp(float x) => MathF.Exp(x);

    /// <summary>Natural logarithm.</summary>
    public static float Log(float x) => MathF.Log(x);

    /// <summary>Sine of radians.</summary>
    public static float Sin(float x) => MathF.Sin(x);

    /// <summary>Cosine of radians.</summary>
    public static float Cos(float x) => MathF.Cos(x);

    /// <summary>Hyperbolic tangent.</summary>
    public static float Tanh(float x) => MathF.Tanh(x);

    /// <summary>a raised to b.</summary>
    public static float Pow(float a, float b) => MathF.Pow(a, b);

    /// <summary>True for NaN.</summary>
    public static bool IsNaN(float x) => float.IsNaN(x);

    /// <summary>True unless NaN or infinite.</summary>
    public static bool IsFinite(float x) => float.IsFinite(x);
}
