using System.Globalization;
using Thor.Autograd.SecondOrder;

namespace Thor.Autograd.Optimizers;

/// <summary>Values of an optimizer's settings: what was given, and the defaults for the rest.</summary>
public sealed class OptimizerSettings
{
    private readonly string _optimizer;
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Takes given values over the defaults.</summary>
    /// <param name="optimizer">Name of the optimizer, for messages.</param>
    /// <param name="options">All options it has.</param>
    /// <param name="given">Values by option name.</param>
    /// <exception cref="ArgumentException">A given name is no option; the message lists the options.</exception>
    public OptimizerSettings(string optimizer, IReadOnlyList<OptimizerOption> options, IReadOnlyDictionary<string, string> given)
    {
        _optimizer = optimizer;
        foreach (OptimizerOption option in options)
        {
            _values[option.Name] = option.Default;
        }

        foreach ((string name, string value) in given)
        {
            if (!_values.ContainsKey(name))
            {
                throw new ArgumentException(
                    $"The optimizer '{optimizer}' has no option '{name}'; it has: {string.Join(", ", options.Select(static o => o.Name))}.", nameof(given));
            }

            _values[name] = value;
        }
    }

    /// <summary>All values, as text.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>A number.</summary>
    public double Number(string name) =>
        Read(name, "a number", static text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));

    /// <summary>A number, or null for "off".</summary>
    public double? NumberOrOff(string name) => _values[name] == "off" ? null : Number(name);

    /// <summary>A whole number.</summary>
    public int Whole(string name) => Read(name, "a whole number", static text => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture));

    /// <summary>A whole number, or null for "off".</summary>
    public int? WholeOrOff(string name) => _values[name] == "off" ? null : Whole(name);

    /// <summary>A whole number, or <see cref="KroneckerOptions.Whole"/> for "whole".</summary>
    public int TileSize(string name) => _values[name] == "whole" ? KroneckerOptions.Whole : Whole(name);

    /// <summary>true or false.</summary>
    public bool Flag(string name) => Read(name, "true or false", bool.Parse);

    /// <summary>A value of an enumeration, by its name in lower case with hyphens between words.</summary>
    public T Choice<T>(string name)
        where T : struct, Enum
    {
        string[] texts = Array.ConvertAll(Enum.GetNames<T>(), static word => string.Concat(
            word.Select(static (letter, i) => i > 0 && char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}")));
        return Read(name, $"{string.Join(", ", texts[..^1])} or {texts[^1]}", text =>
            Array.IndexOf(texts, text) is int index and >= 0 ? Enum.GetValues<T>()[index] : throw new FormatException($"'{text}' is none of them."));
    }

    /// <summary>A schedule.</summary>
    public Schedule Schedule(string name) => Read(name, "a schedule", Optimizers.Schedule.Parse);

    /// <summary>Any value that is read from text.</summary>
    /// <exception cref="ArgumentException">The text is not such a value.</exception>
    public T Read<T>(string name, string expected, Func<string, T> parse)
    {
        try
        {
            return parse(_values[name]);
        }
        catch (Exception problem) when (problem is FormatException or OverflowException or ArgumentException)
        {
            throw new ArgumentException(
                $"The option '{name}' of '{_optimizer}' must be {expected}, not '{_values[name]}'. {problem.Message}", name, problem);
        }
    }
}
