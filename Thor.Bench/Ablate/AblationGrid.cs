using Thor.Bench.Runs;

namespace Thor.Bench.Ablate;

/// <summary>Which runs an ablation consists of.</summary>
internal static class AblationGrid
{
    /// <summary>The name of the run that changes nothing.</summary>
    public const string Base = "base";

    private const char ValueSeparator = ',';

    // For values that have commas in them.
    private const char WideSeparator = '|';

    /// <summary>
    /// Reads "option=value", which is part of the base, and "option=value,value,...", which is an axis. Values that have commas in them are separated
    /// by "|", and a trailing "|" makes one such value.
    /// </summary>
    /// <exception cref="UsageException">An assignment is malformed, an option is named twice, or a value is.</exception>
    public static (Dictionary<string, string> Base, List<AblationAxis> Axes) Read(IEnumerable<string> assignments)
    {
        Dictionary<string, string> settings = [];
        List<AblationAxis> axes = [];
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == assignment.Length - 1)
            {
                throw new UsageException($"'{assignment}' is neither a setting nor an axis; expected option=value or option=value,value,... (with | between values that have commas).");
            }

            string option = assignment[..equals];
            string text = assignment[(equals + 1)..];
            char separator = text.Contains(WideSeparator) ? WideSeparator : ValueSeparator;
            string[] values = text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (values.Length == 0 || values.Distinct().Count() != values.Length || settings.ContainsKey(option) || axes.Exists(axis => axis.Option == option))
            {
                throw new UsageException($"'{assignment}': every option may be named once, with values that differ.");
            }

            if (values.Length == 1)
            {
                settings[option] = values[0];
            }
            else
            {
                axes.Add(new AblationAxis(option, values));
            }
        }

        return (settings, axes);
    }

    /// <summary>The base, and around it every value of every axis alone, or with <paramref name="full"/> all combinations.</summary>
    /// <param name="axes">What is tried.</param>
    /// <param name="effective">The values that the base has, defaults included; a cell that would have the same is left out.</param>
    /// <param name="full">All combinations of the axes' values.</param>
    public static IReadOnlyList<AblationCell> Cells(IReadOnlyList<AblationAxis> axes, IReadOnlyDictionary<string, string> effective, bool full)
    {
        List<AblationCell> cells = [new AblationCell(Base, new Dictionary<string, string>())];
        IEnumerable<(string Option, string Value)[]> combinations = full
            ? axes.Aggregate(
                (IEnumerable<(string, string)[]>)[[]],
                static (sofar, axis) => sofar.SelectMany(chosen => axis.Values.Select(value => ((string, string)[])[.. chosen, (axis.Option, value)])))
            : axes.SelectMany(static axis => axis.Values.Select(value => ((string, string)[])[(axis.Option, value)]));
        foreach ((string Option, string Value)[] combination in combinations)
        {
            Dictionary<string, string> changes = combination
                .Where(choice => effective.GetValueOrDefault(choice.Option) != choice.Value)
                .ToDictionary(static choice => choice.Option, static choice => choice.Value);
            if (changes.Count > 0)
            {
                cells.Add(new AblationCell(string.Join(' ', changes.Select(static change => $"{change.Key}={change.Value}")), changes));
            }
        }

        return cells;
    }
}
