using System.CommandLine;
using System.Text.Json;
using Thor.Autograd.Optimizers;
using Thor.Bench.Ablate;
using Thor.Bench.Runs;
using Thor.Engine.Formats;

namespace Thor.Bench.Commands;

/// <summary>`thor ablate`: what each setting of an optimizer is worth on one task.</summary>
internal static class AblateCommand
{
    public static Command Create()
    {
        RunOptions options = new();
        Option<string?> optimizer = new("--optimizer") { Description = $"{string.Join(", ", OptimizerRegistry.Names)} (default thor)." };
        Option<bool> full = new("--full") { Description = "All combinations of the axes' values, not one change at a time." };
        Argument<string[]> settings = new("settings")
        {
            Description = "option=value for the base, option=value,value,... for an axis around it; | in the place of , between values that have commas.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Command command = new("ablate", "Train a grid of an optimizer's settings and tabulate what each costs and brings. --out gets ablation.json, .md and .html.");
        foreach (Option option in (Option[])[optimizer, .. options.All, full])
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(settings);
        command.SetAction(parsed =>
        {
            (Dictionary<string, string> own, List<AblationAxis> axes) = AblationGrid.Read(parsed.GetValue(settings) ?? []);
            if (axes.Count == 0)
            {
                throw new UsageException("There is no axis; name at least one as option=value,value, such as tile=32,128,512.");
            }

            RunSettings run = options.Read(parsed, new RunSettings()) with
            {
                Optimizer = parsed.GetValue(optimizer) ?? "thor",
                OptimizerSettings = new SortedDictionary<string, string>(own, StringComparer.Ordinal),
            };
            return Execute(run, axes, parsed.GetValue(full));
        });
        return command;
    }

    private static int Execute(RunSettings settings, IReadOnlyList<AblationAxis> axes, bool full)
    {
        Comparison.PrepareOutput(settings);
        using Interruption interruption = new();
        AblationReport report = AblationStudy.Execute(settings with { Folder = null, Label = AblationGrid.Base }, axes, full, interruption.Token);
        AblationTable.Show(report);
        string json = JsonSerializer.Serialize(report, AblationJson.Default.AblationReport);
        if (settings.Json is string file)
        {
            AtomicFile.WriteText(file, json);
        }

        if (settings.Folder is string folder)
        {
            AtomicFile.WriteText(Path.Combine(folder, "ablation.json"), json);
            AtomicFile.WriteText(Path.Combine(folder, "ablation.md"), AblationTable.Markdown(report));
            AtomicFile.WriteText(Path.Combine(folder, "ablation.html"), AblationTable.Html(report));
        }

        return 0;
    }
}
