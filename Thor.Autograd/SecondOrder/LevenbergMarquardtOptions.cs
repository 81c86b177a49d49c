using System.Globalization;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// How damping adapts to how well the quadratic model predicts the loss (Martens and Grosse 2015, section 6.5). The text form is
/// <c>DECAY:INTERVAL</c>, such as 0.95:5.
/// </summary>
public sealed record LevenbergMarquardtOptions
{
    /// <summary>omega_1, in (0, 1): at each adaptation damping is multiplied or divided by omega_1^T_1.</summary>
    public double Decay { get; init; } = 0.95;

    /// <summary>T_1, steps from one adaptation to the next.</summary>
    public int Interval { get; init; } = 5;

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is not of that form, or a number is out of range.</exception>
    public static LevenbergMarquardtOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        if (parts.Length == 2
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double decay)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int interval)
            && decay is > 0 and < 1
            && interval > 0)
        {
            return new LevenbergMarquardtOptions { Decay = decay, Interval = interval };
        }

        throw new FormatException($"'{text}' is no adaptation; expected DECAY:INTERVAL with a decay in (0, 1) and an interval of at least 1, as in 0.95:5.");
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Decay:R}:{Interval}");
}
