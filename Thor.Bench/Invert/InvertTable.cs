using System.Globalization;
using Spectre.Console;

namespace Thor.Bench.Invert;

/// <summary>Shows results on the console, a table per device and tile dimension.</summary>
internal sealed class InvertTable : IInvertView
{
    private const string Unknown = "–";

    private static readonly string[] s_columns =
    [
        "n", "batch", "cache", "by", "tiles/s", "GFLOP/s", "% peak", "GB/s", "% copy", "µs median", "p5", "p95", "µs alone", "thor is", "residual", "error",
    ];

    /// <inheritdoc/>
    public void Begin(InvertSection section)
    {
        string what = section.Accelerator is null ? (section.Threads == 1 ? "1 thread" : Text($"{section.Threads} threads")) : section.Accelerator.Properties.DeviceName;
        AnsiConsole.MarkupLine(Text($"[bold]{section.Device}[/], {Markup.Escape(what)}: multiply-adds {section.Roof.Gflops:F1} GFLOP/s, copy {section.Roof.GbytesPerSecond:F1} GB/s"));
    }

    /// <inheritdoc/>
    public void Note(string text) => AnsiConsole.MarkupLine($"[grey]{Markup.Escape(text)}[/]");

    /// <inheritdoc/>
    public void Show(InvertSection section, IReadOnlyList<InvertRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in s_columns)
        {
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        }

        foreach (InvertRow row in rows)
        {
            table.AddRow(
                Text($"{row.Dimension}"),
                Text($"{row.Batch}"),
                row.Cache,
                row.ThorSpeedup is null ? $"[bold]{row.Implementation}[/]" : row.Implementation,
                Number(row.TilesPerSecond),
                Number(row.Gflops),
                Text($"{row.PercentOfPeak:F1}"),
                Number(row.GbytesPerSecond),
                Text($"{row.PercentOfBandwidth:F1}"),
                Number(row.MicrosecondsMedian),
                Number(row.MicrosecondsP5),
                Number(row.MicrosecondsP95),
                row.LatencyMicroseconds is double alone ? Number(alone) : Unknown,
                row.ThorSpeedup is double speedup ? Text($"{speedup:F2} x") : string.Empty,
                row.ResidualRatio is double residual ? Text($"{residual:F3}") : Unknown,
                row.ForwardError is double error ? Text($"{error:E0}") : Unknown);
        }

        AnsiConsole.Write(table);
        foreach (InvertRow row in rows.Where(static row => row.Failure is not null))
        {
            AnsiConsole.MarkupLine(Text($"[red]WRONG: {row.Implementation}, {row.Batch} tiles of {row.Dimension}, {row.Cache}: {Markup.Escape(row.Failure ?? string.Empty)}[/]"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Four digits, whatever the size.</summary>
    private static string Number(double value) => value switch
    {
        >= 1e6 => Text($"{value / 1e6:F2} M"),
        >= 1e3 => Text($"{value:F0}"),
        >= 10 => Text($"{value:F1}"),
        _ => Text($"{value:F2}"),
    };
}
