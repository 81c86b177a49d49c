namespace Thor.Kernels.Kernels;

/// <summary>
/// Numbers of the operations that element-wise kernels are compiled for: those of <see cref="UnaryOperation"/> and
/// <see cref="BinaryOperation"/> on floats, the same plus <see cref="Integer"/> on ints, and those that move and convert.
/// </summary>
internal static class ElementOperation
{
    /// <summary>Added to the number of an operation on ints.</summary>
    public const int Integer = 32;

    /// <summary>Unary: the word as it is.</summary>
    public const int Copy = 64;

    /// <summary>Unary: float to int, toward zero, saturating; NaN becomes 0.</summary>
    public const int ToInteger = 65;

    /// <summary>Unary: int to the nearest float.</summary>
    public const int ToFloat = 66;

    /// <summary>Binary: factor a + b on floats.</summary>
    public const int AddScaled = 64;

    /// <summary>Binary: factor a + b on ints.</summary>
    public const int AddScaledInteger = 65;
}
