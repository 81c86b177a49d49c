using System.Globalization;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Which layers are worth refreshing at an opportunity: those whose trace has moved (Chen, Gao, Liu, Wang et al., AAAI 2021). Immutable.
/// The text form is <c>off</c>, <c>thor</c>, <c>thor-stop</c>, <c>thor-nt</c> or <c>W1:W2</c>.
/// </summary>
/// <remarks>
/// D = | |tr(F + lambda I)| - |tr(H + lambda I)| | / |tr(H + lambda I)| with F the curvature now and H that of the matrix in use, so that slow
/// drift adds up until it is noticed. D above w1: refresh. D within [w2, w1]: keep what is held. D below w2: the layer stops for good.
/// </remarks>
public sealed record TraceRule
{
    /// <summary>A rule.</summary>
    /// <param name="w1">A larger change refreshes.</param>
    /// <param name="w2">A smaller change stops; at most w1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 &lt;= w2 &lt;= w1.</exception>
    public TraceRule(double w1, double w2)
    {
        if (!(w2 >= 0 && w1 >= w2))
        {
            throw new ArgumentOutOfRangeException(nameof(w1), w1, $"A trace rule needs 0 <= w2 <= w1, got ({w1}, {w2}).");
        }

        (W1, W2) = (w1, w2);
    }

    private TraceRule()
    {
        (W1, W2) = (double.NegativeInfinity, double.NegativeInfinity);
    }

    /// <summary>No rule: every layer is refreshed at every opportunity, and no traces are taken.</summary>
    public static TraceRule Off { get; } = new();

    /// <summary>(0.01, 0): layers are skipped, none stops.</summary>
    public static TraceRule Thor { get; } = new(0.01, 0);

    /// <summary>(0.01, 0.001): layers that hardly change stop.</summary>
    public static TraceRule ThorStop { get; } = new(0.01, 0.001);

    /// <summary>(0, 0): all that changed at all is refreshed.</summary>
    public static TraceRule ThorNt { get; } = new(0, 0);

    /// <summary>A larger change refreshes.</summary>
    public double W1 { get; }

    /// <summary>A smaller change stops.</summary>
    public double W2 { get; }

    /// <summary>Whether there is no rule.</summary>
    public bool IsOff => W1 < 0;

    private static (string Name, TraceRule Rule)[] Presets => [("thor", Thor), ("thor-stop", ThorStop), ("thor-nt", ThorNt)];

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static TraceRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "off")
        {
            return Off;
        }

        foreach ((string name, TraceRule rule) in Presets)
        {
            if (name == text)
            {
                return rule;
            }
        }

        string[] parts = text.Split(':');
        return parts.Length == 2
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double w1)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double w2)
            && w2 >= 0 && w1 >= w2
            ? new TraceRule(w1, w2)
            : throw new FormatException($"'{text}' is not a trace rule; expected off, thor, thor-stop, thor-nt or W1:W2 with 0 <= W2 <= W1.");
    }

    /// <summary>D.</summary>
    /// <param name="held">tr(H + lambda I).</param>
    /// <param name="now">tr(F + lambda I), with the same lambda.</param>
    public static double Change(double held, double now) => Math.Abs(Math.Abs(now) - Math.Abs(held)) / Math.Abs(held);

    /// <summary>What becomes of a layer. A change that is not a number keeps what is held: nothing good comes of such statistics.</summary>
    public RefreshDecision Decide(double change) =>
        IsOff || change > W1 ? RefreshDecision.Refresh
        : change < W2 ? RefreshDecision.Stop
        : RefreshDecision.Keep;

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        IsOff ? "off" : Array.Find(Presets, preset => preset.Rule == this).Name ?? string.Create(CultureInfo.InvariantCulture, $"{W1:R}:{W2:R}");
}
