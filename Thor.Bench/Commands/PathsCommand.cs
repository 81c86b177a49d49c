using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Thor.Bench.Paths;
using Thor.Bench.Runs;
using Thor.Engine.Formats;

namespace Thor.Bench.Commands;

/// <summary>`thor paths`: second-order against first-order descent paths on a surface.</summary>
internal static class PathsCommand
{
    private const int StepsByDefault = 40;
    private const int MostSteps = 10000;

    public static Command Create()
    {
        Option<int> steps = new("--steps") { Description = $"Updates of each optimizer (default {StepsByDefault}).", DefaultValueFactory = static _ => StepsByDefault };
        Option<string?> json = new("--json") { Description = "File for all points in JSON." };
        Option<string?> svg = new("--svg") { Description = "File for the paths over lines of equal loss." };
        Command command = new("paths", "Descend one surface by Newton's method, natural gradient, THOR, gradient descent and momentum.") { steps, json, svg };
        command.SetAction(parsed => Execute(parsed.GetValue(steps), parsed.GetValue(json), parsed.GetValue(svg)));
        return command;
    }

    private static int Execute(int steps, string? json, string? svg)
    {
        if (steps is < 1 or > MostSteps)
        {
            throw new UsageException($"--steps must be from 1 to {MostSteps}, not {steps}.");
        }

        foreach (string file in ((string?[])[json, svg]).OfType<string>())
        {
            RunFolder.PrepareFile(file);
        }

        PathReport report = PathStudy.Execute(steps);
        Show(report);
        if (json is not null)
        {
            AtomicFile.WriteText(json, JsonSerializer.Serialize(report, PathJson.Default.PathReport));
        }

        if (svg is not null)
        {
            AtomicFile.WriteText(svg, PathChart.Draw(report));
        }

        return 0;
    }

    private static void Show(PathReport report)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("optimizer", "order", "rate", "steps to the minimum", "way", "last loss");
        foreach (DescentPath path in report.Paths)
        {
            table.AddRow(
                path.Optimizer,
                path.IsSecondOrder ? "second" : "first",
                path.LearningRate.ToString("G3", CultureInfo.InvariantCulture),
                path.StepsToMinimum?.ToString(CultureInfo.InvariantCulture) ?? "–",
                path.Length.ToString("F2", CultureInfo.InvariantCulture),
                path.Points[^1].Loss.ToString("G3", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"Surface: {report.Surface}; condition {report.Condition:F0} at the minimum; there is within {report.Tolerance:G1} of its loss.");
    }
}
