using System.Globalization;

namespace Thor.Autograd.Optimizers;

/// <summary>A number that depends on the step, counted from 0: a learning rate, a damping, a momentum. Immutable; a plain number is a constant schedule.</summary>
/// <remarks>
/// Every schedule has a text that <see cref="Parse"/> reads back: <c>0.03</c>, <c>linear:FROM:TO:STEPS</c>, <c>cosine:FROM:TO:STEPS</c>,
/// <c>polynomial:FROM:TO:STEPS:POWER</c>, <c>exponential:FROM:RATE:STEPS</c>, <c>steps:FROM:RATE:AT:AT...</c>, <c>warmup:STEPS:SCHEDULE</c>, and a product
/// <c>SCHEDULE*SCHEDULE</c>. The names of <see cref="PublishedSchedules"/> are read too. Where a published form counts epochs, STEPS is that many epochs' steps.
/// </remarks>
public sealed class Schedule
{
    private const string Forms =
        "a number, linear:FROM:TO:STEPS, cosine:FROM:TO:STEPS, polynomial:FROM:TO:STEPS:POWER, exponential:FROM:RATE:STEPS, steps:FROM:RATE:AT:AT..., warmup:STEPS:SCHEDULE, SCHEDULE*SCHEDULE, "
        + PublishedSchedules.Forms;

    private readonly string _text;
    private readonly Func<long, double> _value;

    private Schedule(string text, Func<long, double> value)
    {
        _text = text;
        _value = value;
    }

    /// <summary>A constant.</summary>
    public static implicit operator Schedule(double value) => Constant(value);

    /// <summary>The same value at every step.</summary>
    public static Schedule Constant(double value) => new(Text(value), _ => value);

    /// <summary>A straight line that reaches <paramref name="to"/> after a number of steps and stays there.</summary>
    public static Schedule Linear(double from, double to, long steps)
    {
        Positive(steps, nameof(steps));
        return new Schedule($"linear:{Text(from)}:{Text(to)}:{steps}", step => from + ((to - from) * Progress(step, steps)));
    }

    /// <summary>Half a cosine wave that reaches <paramref name="to"/> after a number of steps and stays there (Loshchilov and Hutter 2017, without restarts).</summary>
    public static Schedule Cosine(double from, double to, long steps)
    {
        Positive(steps, nameof(steps));
        return new Schedule(
            $"cosine:{Text(from)}:{Text(to)}:{steps}",
            step => to + ((from - to) * 0.5 * (1 + Math.Cos(Math.PI * Progress(step, steps)))));
    }

    /// <summary>to + (from - to) (1 - step / steps)^power, and <paramref name="to"/> from then on.</summary>
    public static Schedule Polynomial(double from, double to, long steps, double power)
    {
        Positive(steps, nameof(steps));
        return new Schedule(
            $"polynomial:{Text(from)}:{Text(to)}:{steps}:{Text(power)}",
            step => to + ((from - to) * Math.Pow(1 - Progress(step, steps), power)));
    }

    /// <summary>from * rate^(step / steps) with a fractional exponent: <paramref name="rate"/> is what every <paramref name="steps"/> steps multiply by.</summary>
    public static Schedule Exponential(double from, double rate, long steps)
    {
        Positive(steps, nameof(steps));
        return new Schedule($"exponential:{Text(from)}:{Text(rate)}:{steps}", step => from * Math.Pow(rate, (double)step / steps));
    }

    /// <summary>A staircase: multiplied by <paramref name="rate"/> at each of the given steps.</summary>
    /// <exception cref="ArgumentException">The steps do not increase.</exception>
    public static Schedule Steps(double from, double rate, params ReadOnlySpan<long> at)
    {
        long[] edges = at.ToArray();
        for (int i = 1; i < edges.Length; i++)
        {
            if (edges[i] <= edges[i - 1])
            {
                throw new ArgumentException($"The steps of a staircase must increase, got {string.Join(", ", edges)}.", nameof(at));
            }
        }

        return new Schedule(
            $"steps:{Text(from)}:{Text(rate)}:{string.Join(':', edges)}",
            step => from * Math.Pow(rate, Array.FindAll(edges, edge => edge <= step).Length));
    }

    /// <summary>This schedule times (step + 1) / steps during the first steps.</summary>
    public Schedule WarmUp(long steps)
    {
        Positive(steps, nameof(steps));
        return new Schedule($"warmup:{steps}:{_text}", step => _value(step) * Math.Min(1, (step + 1.0) / steps));
    }

    /// <summary>This schedule times another.</summary>
    public Schedule Times(Schedule other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new Schedule($"{_text}*{other._text}", step => _value(step) * other._value(step));
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is of no known form; the message lists them.</exception>
    public static Schedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int product = text.IndexOf('*', StringComparison.Ordinal);
        if (product >= 0)
        {
            return Parse(text[..product]).Times(Parse(text[(product + 1)..]));
        }

        string[] parts = text.Split(':');
        try
        {
            return (parts[0], parts.Length) switch
            {
                ("linear", 4) => Linear(Number(parts[1]), Number(parts[2]), Whole(parts[3])),
                ("cosine", 4) => Cosine(Number(parts[1]), Number(parts[2]), Whole(parts[3])),
                ("polynomial", 5) => Polynomial(Number(parts[1]), Number(parts[2]), Whole(parts[3]), Number(parts[4])),
                ("exponential", 4) => Exponential(Number(parts[1]), Number(parts[2]), Whole(parts[3])),
                ("steps", > 3) => Steps(Number(parts[1]), Number(parts[2]), Array.ConvertAll(parts[3..], Whole)),
                ("warmup", > 2) => Parse(string.Join(':', parts[2..])).WarmUp(Whole(parts[1])),
                (PublishedSchedules.ResNetRateName, 2) => PublishedSchedules.ResNetRate(Whole(parts[1])),
                (PublishedSchedules.ResNetDampingName, 2) => PublishedSchedules.ResNetDamping(Whole(parts[1])),
                (PublishedSchedules.BertRateName, 1) => PublishedSchedules.BertRate,
                (PublishedSchedules.BertDampingName, 1) => PublishedSchedules.BertDamping,
                (_, 1) => Constant(Number(text)),
                _ => throw new FormatException("its parts do not fit"),
            };
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"'{text}' is not a schedule; expected {Forms}.", problem);
        }
    }

    /// <summary>The value at a step, counted from 0.</summary>
    public double At(long step) => _value(step);

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => _text;

    private static double Progress(long step, long steps) => Math.Min(1, (double)step / steps);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double Number(string text)
    {
        double value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? value : throw new FormatException($"{text} is not finite");
    }

    private static long Whole(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static void Positive(long steps, string name) => ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps, name);
}
