using System.CommandLine;
using Thor.Autograd.Optimizers;
using Thor.Bench.Reports;
using Thor.Bench.Runs;

namespace Thor.Bench.Commands;

/// <summary>`thor compare`: several optimizers from the same initial weights and batch order.</summary>
internal static class CompareCommand
{
    // LeNet on the embedded glyphs; the target is theirs.
    private static readonly RunSettings s_demo = new() { TargetAccuracy = 0.95 };

    public static Command Create()
    {
        RunOptions options = new();
        OptimizerArguments arguments = new();
        Option<string?> optimizers = new("--optimizers") { Description = $"Comma-separated: {string.Join(", ", OptimizerRegistry.Names)} (default momentum,thor)." };
        Option<string?> resume = new("--resume") { Description = "Folder of an earlier comparison; every run in it goes on bit for bit." };
        Command command = new("compare", "Train with several optimizers and compare steps, time and accuracy. Without arguments: the demo.");
        foreach (Option option in (Option[])[optimizers, .. options.All, .. arguments.Options, resume])
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(arguments.Assignments);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(resume) is string folder)
            {
                RunSettings[] saved = [.. RunFolder.RunsIn(folder).Select(run => options.Read(parsed, RunFolder.LoadSettings(run)) with { Folder = run })];
                return Execute(options.Read(parsed, saved[0]) with { Folder = folder }, saved, resume: true);
            }

            string[] names = (parsed.GetValue(optimizers) ?? "momentum,thor").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (names.Length == 0 || names.Distinct().Count() != names.Length)
            {
                throw new UsageException("--optimizers needs at least one name, each once.");
            }

            RunSettings common = options.Read(parsed, s_demo);
            if (common.Data != s_demo.Data)
            {
                // The demo's target is the embedded data set's own.
                common = options.Read(parsed, s_demo with { TargetAccuracy = null });
            }

            return Execute(common, [.. names.Select(name => (common with
            {
                Optimizer = name,
                OptimizerSettings = arguments.Read(parsed, name, names, Presets.Knows),
                Folder = common.Folder is null ? null : Path.Combine(common.Folder, name),
            }))], resume: false);
        });
        return command;
    }

    private static int Execute(RunSettings common, IReadOnlyList<RunSettings> settings, bool resume)
    {
        Comparison.PrepareOutput(common);
        foreach (RunSettings one in settings)
        {
            Comparison.PrepareOutput(one);
        }

        using Interruption interruption = new();
        CompareResult result = Comparison.Execute(settings, resume, interruption.Token);
        Comparison.Write(result, common.Folder, common.Json);
        Views.Summary.Show(result, interruption.Token.IsCancellationRequested ? common.Folder : null, "compare");
        return 0;
    }
}
