using System.Globalization;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// At which steps curvature is computed afresh: intervals, each in force from a step on. Known before the forward pass, so
/// that nothing is captured on any other step. Immutable. The text form is <c>5,50:20,200:50</c>.
/// </summary>
public sealed class RefreshSchedule
{
    private readonly (long From, long Interval)[] _phases;

    private RefreshSchedule((long From, long Interval)[] phases)
    {
        _phases = phases;
    }

    /// <summary>Dense early, then growing: every 5 steps, from step 50 every 20, from step 200 every 50.</summary>
    public static RefreshSchedule Default { get; } = Growing(5, (50, 20), (200, 50));

    /// <summary>A constant interval of at least 1 is a schedule.</summary>
    public static implicit operator RefreshSchedule(long interval) => Every(interval);

    /// <summary>At step 0 and every <paramref name="interval"/> steps from there.</summary>
    public static RefreshSchedule Every(long interval) => Growing(interval);

    /// <summary>At step 0, every <paramref name="first"/> steps from there, and from each later step on with another interval, starting at that step.</summary>
    /// <exception cref="ArgumentException">An interval is below 1 or the steps do not increase.</exception>
    public static RefreshSchedule Growing(long first, params ReadOnlySpan<(long From, long Interval)> later)
    {
        (long From, long Interval)[] phases = [(0, first), .. later];
        for (int i = 0; i < phases.Length; i++)
        {
            if (phases[i].Interval < 1 || (i > 0 && phases[i].From <= phases[i - 1].From))
            {
                throw new ArgumentException(
                    $"Refresh intervals must be at least 1 and begin at increasing steps after 0, got {Text(phases)}.", nameof(later));
            }
        }

        return new RefreshSchedule(phases);
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static RefreshSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            string[] parts = text.Split(',');
            (long From, long Interval)[] later = Array.ConvertAll(parts[1..], static part =>
            {
                int colon = part.IndexOf(':', StringComparison.Ordinal);
                return (Whole(part.AsSpan(0, Math.Max(0, colon))), Whole(part.AsSpan(colon + 1)));
            });
            return Growing(Whole(parts[0]), later);
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"'{text}' is not a refresh schedule; expected an interval, and steps with the interval from there on, as in 5,50:20,200:50.", problem);
        }
    }

    /// <summary>Whether curvature is refreshed at this step, counted from 0.</summary>
    public bool IsDue(long step)
    {
        (long from, long interval) = Array.FindLast(_phases, phase => phase.From <= step);
        return (step - from) % interval == 0;
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Text(_phases);

    private static string Text((long From, long Interval)[] phases) =>
        string.Join(',', phases.Select(static (phase, i) => i == 0 ? $"{phase.Interval}" : $"{phase.From}:{phase.Interval}"));

    private static long Whole(ReadOnlySpan<char> text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
