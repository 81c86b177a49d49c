using System.Globalization;
using Spectre.Console;

namespace Thor.Bench.TileSize;

/// <summary>Shows both curves and the dimension chosen on the console.</summary>
internal static class TileSizeTable
{
    public static void Show(TileSizeReport report)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in (string[])["tile", "loss under 1 %", "mean loss", "tiles", "ms", "performance p1/pn"])
        {
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        }

        foreach (TileSizePoint point in report.Points)
        {
            table.AddRow(
                Text($"{point.Dimension}"),
                Text($"{point.ShareUnderOnePercent:F3}"),
                Text($"{point.MeanLoss:F4}"),
                Text($"{point.Tiles}"),
                point.Milliseconds is double milliseconds ? Text($"{milliseconds:G4}") : "–",
                point.Performance is double performance ? Text($"{performance:F3}") : "not in one tile");
        }

        AnsiConsole.MarkupLine(Text($"{report.Factors.Count} factors of {Markup.Escape(report.Model)} on {Markup.Escape(report.Data)} after {report.Steps} steps, batch {report.BatchSize}, seed {report.Seed}; inverted on {report.Device}."));
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine(report.Intersection is Intersection meet
            ? Text($"The curves meet at {meet.Dimension:F1} ({meet.Value:F3}). Chosen: tiles of [bold]{meet.Chosen}[/].")
            : "The curves do not meet among the dimensions that were timed, so none is chosen.");
        if (report.Points.Any(static point => point.Performance > 1) && report.IntersectionByFastest is Intersection fastest)
        {
            AnsiConsole.MarkupLine(Text($"Tiles of 1 are not the fastest here; relative to the fastest the curves meet at {fastest.Dimension:F1}, next to {fastest.Chosen}."));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
