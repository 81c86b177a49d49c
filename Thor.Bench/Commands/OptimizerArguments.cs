using System.CommandLine;
using Thor.Bench.Runs;

namespace Thor.Bench.Commands;

/// <summary>Settings of optimizers: named options for the common ones, and "option=value" or "optimizer.option=value" for any.</summary>
internal sealed class OptimizerArguments
{
    private readonly Option<string?>[] _named =
    [
        new("--learning-rate") { Description = "A number, or a schedule such as linear:0.03:0 or cosine:0.1:0." },
        new("--momentum") { Description = "Momentum of rules that have it." },
        new("--weight-decay") { Description = "Weight decay." },
        new("--clip-norm") { Description = "Gradients are scaled down to this global norm; 0 turns clipping off." },
        new("--damping") { Description = "Damping lambda of second-order methods; a number or a schedule." },
        new("--refresh-interval") { Description = "Steps between refreshes of the factors: a number, or a growing list such as 5,50:20,200:50." },
        new("--tile") { Description = "Tile dimension of the Kronecker factors." },
        new("--kl-clip") { Description = "KL clip of second-order methods; 0 turns it off." },
    ];

    private readonly Argument<string[]> _assignments = new("settings")
    {
        Description = "Any optimizer setting as option=value, or for one optimizer as optimizer.option=value; steps=N is the length of its run and schedule.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public IEnumerable<Option> Options => _named;

    public Argument Assignments => _assignments;

    /// <summary>The settings for one optimizer: named options first, then assignments, later ones winning.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="optimizer">Whose settings.</param>
    /// <param name="all">All optimizers of the command, to recognise prefixes.</param>
    /// <param name="knows">Whether an optimizer has an option; a general setting goes to those that have it.</param>
    /// <exception cref="UsageException">An assignment is malformed, names an optimizer that does not take part, or is known to none.</exception>
    public SortedDictionary<string, string> Read(
        ParseResult parsed, string optimizer, IReadOnlyList<string> all, Func<string, string, bool> knows)
    {
        SortedDictionary<string, string> settings = new(StringComparer.Ordinal);
        foreach (Option<string?> option in _named)
        {
            if (parsed.GetValue(option) is string value)
            {
                Add(option.Name[2..], value, general: true);
            }
        }

        foreach (string assignment in parsed.GetValue(_assignments) ?? [])
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new UsageException($"'{assignment}' is not a setting; expected option=value or optimizer.option=value.");
            }

            string name = assignment[..equals];
            int dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0)
            {
                Add(name, assignment[(equals + 1)..], general: true);
            }
            else if (name[..dot] == optimizer)
            {
                Add(name[(dot + 1)..], assignment[(equals + 1)..], general: false);
            }
            else if (!all.Contains(name[..dot]))
            {
                throw new UsageException($"'{assignment}' is for '{name[..dot]}', which does not take part; optimizers: {string.Join(", ", all)}.");
            }
        }

        return settings;

        void Add(string name, string value, bool general)
        {
            bool known = name is RunSettings.ClipNorm or RunSettings.Horizon || knows(optimizer, name);
            if (!known && (!general || !all.Any(other => knows(other, name))))
            {
                throw new UsageException($"'{name}' is not a setting of {(general ? string.Join(" or ", all) : optimizer)}.");
            }

            if (known)
            {
                settings[name] = value;
            }
        }
    }
}
