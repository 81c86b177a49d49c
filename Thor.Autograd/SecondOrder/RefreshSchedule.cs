using System.Globalization;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// At which steps curvature may be computed afresh. Known before the forward pass, so that nothing is captured on any other
/// step. Immutable. Step 0 is always one of them, but for a list that leaves it out.
/// </summary>
/// <remarks>
/// Every schedule has a text that <see cref="Parse"/> reads back: <c>5</c>, <c>5,50:20,200:50</c>, <c>linear:FIRST:BY[:LARGEST]</c>,
/// <c>geometric:FIRST:FACTOR[:LARGEST]</c>, <c>epochs:STEPS:FIRST[,EPOCH:INTERVAL...]</c>, <c>at:STEP,STEP...</c>,
/// <c>dense:STEPS:INTERVAL:SCHEDULE</c>.
/// </remarks>
public sealed class RefreshSchedule
{
    private const string Forms =
        "an interval, steps with the interval from there on as in 5,50:20,200:50, linear:FIRST:BY[:LARGEST], geometric:FIRST:FACTOR[:LARGEST], " +
        "epochs:STEPS:FIRST[,EPOCH:INTERVAL...], at:STEP,STEP..., dense:STEPS:INTERVAL:SCHEDULE";

    private readonly string _text;
    private readonly Func<long, bool> _due;

    private RefreshSchedule(string text, Func<long, bool> due)
    {
        _text = text;
        _due = due;
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
        (long From, long Interval)[] phases = Phases(first, later);
        return new RefreshSchedule(Text(phases), step => IsDue(phases, step));
    }

    /// <summary>At step 0, then after <paramref name="first"/> steps, after <paramref name="first"/> + <paramref name="by"/> more, and so on.</summary>
    /// <param name="first">The first interval, at least 1.</param>
    /// <param name="by">What every interval is longer than the one before, at least 1.</param>
    /// <param name="largest">Where intervals stop growing; null for never.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or the largest interval below the first.</exception>
    public static RefreshSchedule Linear(long first, long by, long? largest = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, 1);
        RequireIntervals(first, largest);
        return new RefreshSchedule($"linear:{first}:{by}{Suffix(largest)}", step => IsDue(first, largest, interval => interval + by, step));
    }

    /// <summary>At step 0, then after intervals that grow by a factor, each rounded down to whole steps.</summary>
    /// <param name="first">The first interval, at least 1.</param>
    /// <param name="factor">Above 1.</param>
    /// <param name="largest">Where intervals stop growing; null for never.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static RefreshSchedule Geometric(long first, double factor, long? largest = null)
    {
        if (!(factor > 1 && double.IsFinite(factor)))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be above 1 and finite.");
        }

        RequireIntervals(first, largest);
        string number = factor.ToString("R", CultureInfo.InvariantCulture);
        return new RefreshSchedule($"geometric:{first}:{number}{Suffix(largest)}", step => IsDue(first, largest, interval => interval * factor, step));
    }

    /// <summary>Intervals by epoch: every <paramref name="first"/> steps, and from the first step of each later epoch on with another interval.</summary>
    /// <param name="stepsPerEpoch">Steps of an epoch, at least 1.</param>
    /// <param name="first">The first interval.</param>
    /// <param name="later">Epochs, counted from 0, and the interval from there on, in steps.</param>
    /// <exception cref="ArgumentException">A number is below 1 or the epochs do not increase.</exception>
    public static RefreshSchedule Epochs(long stepsPerEpoch, long first, params ReadOnlySpan<(long Epoch, long Interval)> later)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        (long From, long Interval)[] table = Phases(first, later);
        (long From, long Interval)[] phases = Array.ConvertAll(table, phase => (checked(phase.From * stepsPerEpoch), phase.Interval));
        return new RefreshSchedule($"epochs:{stepsPerEpoch}:{Text(table)}", step => IsDue(phases, step));
    }

    /// <summary>At these steps and no other.</summary>
    /// <exception cref="ArgumentException">There is none, one is negative, or they do not increase.</exception>
    public static RefreshSchedule At(params ReadOnlySpan<long> steps)
    {
        long[] list = steps.ToArray();
        if (list.Length == 0 || list[0] < 0 || list.Zip(list.Skip(1)).Any(static pair => pair.Second <= pair.First))
        {
            throw new ArgumentException($"The steps of refreshes must increase from 0 or later, got '{string.Join(',', list)}'.", nameof(steps));
        }

        return new RefreshSchedule($"at:{string.Join(',', list)}", step => Array.BinarySearch(list, step) >= 0);
    }

    /// <summary>This schedule, counted from step <paramref name="steps"/> on, after a dense beginning: every <paramref name="interval"/> steps before.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public RefreshSchedule AfterDense(long steps, long interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, 1);
        return new RefreshSchedule($"dense:{steps}:{interval}:{_text}", step => step < steps ? step % interval == 0 : _due(step - steps));
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is of no known form; the message lists them.</exception>
    public static RefreshSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        try
        {
            return (parts[0], parts.Length) switch
            {
                ("linear", 3 or 4) => Linear(Whole(parts[1]), Whole(parts[2]), parts.Length == 4 ? Whole(parts[3]) : null),
                ("geometric", 3 or 4) => Geometric(
                    Whole(parts[1]), double.Parse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture), parts.Length == 4 ? Whole(parts[3]) : null),
                ("epochs", > 2) => ParseEpochs(Whole(parts[1]), string.Join(':', parts[2..])),
                ("at", 2) => At(Array.ConvertAll(parts[1].Split(','), static step => Whole(step))),
                ("dense", > 3) => Parse(string.Join(':', parts[3..])).AfterDense(Whole(parts[1]), Whole(parts[2])),
                _ => ParseGrowing(text),
            };
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"'{text}' is not a refresh schedule; expected {Forms}.", problem);
        }
    }

    /// <summary>Whether curvature is refreshed at this step, counted from 0.</summary>
    public bool IsDue(long step) => _due(step);

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => _text;

    private static bool IsDue((long From, long Interval)[] phases, long step)
    {
        (long from, long interval) = Array.FindLast(phases, phase => phase.From <= step);
        return (step - from) % interval == 0;
    }

    private static bool IsDue(long first, long? largest, Func<double, double> grow, long step)
    {
        long at = 0;
        double interval = first;
        while (at < step)
        {
            if (interval >= largest)
            {
                return (step - at) % largest.Value == 0;
            }

            if (Math.Floor(interval) > step - at)
            {
                return false;
            }

            at += (long)interval;
            interval = grow(interval);
        }

        return at == step;
    }

    private static (long From, long Interval)[] Phases(long first, ReadOnlySpan<(long From, long Interval)> later)
    {
        (long From, long Interval)[] phases = [(0, first), .. later];
        for (int i = 0; i < phases.Length; i++)
        {
            if (phases[i].Interval < 1 || (i > 0 && phases[i].From <= phases[i - 1].From))
            {
                throw new ArgumentException(
                    $"Refresh intervals must be at least 1 and begin at increasing steps or epochs after 0, got {Text(phases)}.", nameof(later));
            }
        }

        return phases;
    }

    private static RefreshSchedule ParseGrowing(string text)
    {
        (long first, (long, long)[] later) = ParsePhases(text);
        return Growing(first, later);
    }

    private static RefreshSchedule ParseEpochs(long stepsPerEpoch, string text)
    {
        (long first, (long, long)[] later) = ParsePhases(text);
        return Epochs(stepsPerEpoch, first, later);
    }

    private static (long First, (long From, long Interval)[] Later) ParsePhases(string text)
    {
        string[] parts = text.Split(',');
        return (Whole(parts[0]), Array.ConvertAll(parts[1..], static part =>
        {
            int colon = part.IndexOf(':', StringComparison.Ordinal);
            return (Whole(part.AsSpan(0, Math.Max(0, colon))), Whole(part.AsSpan(colon + 1)));
        }));
    }

    private static void RequireIntervals(long first, long? largest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(largest ?? first, first, nameof(largest));
    }

    private static string Suffix(long? largest) => largest is null ? string.Empty : $":{largest}";

    private static string Text((long From, long Interval)[] phases) =>
        string.Join(',', phases.Select(static (phase, i) => i == 0 ? $"{phase.Interval}" : $"{phase.From}:{phase.Interval}"));

    private static long Whole(ReadOnlySpan<char> text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
