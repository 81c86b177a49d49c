using System.Runtime.CompilerServices;

namespace Thor.Autograd.Optimizers;

/// <summary>Checks of the numbers that optimizers are given.</summary>
internal static class Require
{
    /// <summary>In [0, 1).</summary>
    public static void Fraction(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0 && value < 1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be in [0, 1).");
        }
    }

    /// <summary>At least 0 and finite.</summary>
    public static void NotNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and finite.");
        }
    }
}
