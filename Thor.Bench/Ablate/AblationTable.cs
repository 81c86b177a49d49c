using System.Globalization;
using System.Net;
using System.Text;
using Spectre.Console;

namespace Thor.Bench.Ablate;

/// <summary>The table of an ablation, on the console, in Markdown and in HTML.</summary>
internal static class AblationTable
{
    private static readonly (string Header, Func<AblationRow, string> Cell)[] s_columns =
    [
        ("run", static row => row.Failure is null ? row.Name : $"{row.Name} (diverged)"),
        ("steps", static row => Number(row.Steps, "F0")),
        ("seconds", static row => Number(row.Seconds, "F1")),
        ("ms/step", static row => Number(1000 * row.Seconds / Math.Max(1, row.Steps), "F1")),
        ("accuracy", static row => row.FinalTestAccuracy is double accuracy ? $"{Number(100 * accuracy, "F2")} %" : "–"),
        ("test loss", static row => Number(row.FinalTestLoss, "F4")),
        ("train loss", static row => Number(row.FinalTrainLoss, "F4")),
        ("due", static row => Number(row.Opportunities, "F0")),
        ("refreshed", static row => Number(row.Refreshes, "F0")),
        ("covariance", static row => Number(row.StatisticsSeconds, "F2")),
        ("saved", static row => Number(row.StatisticsSavedSeconds, "F2")),
        ("inversion", static row => Number(row.InversionSeconds, "F2")),
        ("saved", static row => Number(row.InversionSavedSeconds, "F2")),
        ("precondition", static row => Number(row.PreconditioningSeconds, "F2")),
    ];

    public static void Show(AblationReport report)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach ((string header, _) in s_columns)
        {
            table.AddColumn(new TableColumn(header).RightAligned().NoWrap());
        }

        foreach (AblationRow row in report.Rows)
        {
            table.AddRow([.. s_columns.Select(column => Markup.Escape(column.Cell(row)))]);
        }

        AnsiConsole.WriteLine(Title(report));
        AnsiConsole.Write(table);
    }

    public static string Markdown(AblationReport report)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Title(report)} Base: {string.Join(", ", report.Settings.Select(static s => $"`{s.Key}={s.Value}`"))}.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", s_columns.Select(static column => column.Header))} |\n");
        text.Append(CultureInfo.InvariantCulture, $"|{string.Concat(s_columns.Select(static (_, i) => i == 0 ? "---|" : "--:|"))}\n");
        foreach (AblationRow row in report.Rows)
        {
            // A bar would end the cell.
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", s_columns.Select(column => column.Cell(row).Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
        }

        return text.ToString();
    }

    public static string Html(AblationReport report)
    {
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n<title>Ablation</title>\n");
        html.Append("<style>body{font:15px/1.5 sans-serif;max-width:1340px;margin:2em auto;padding:0 1em;color:#222}table{border-collapse:collapse;margin:1em 0}th,td{padding:.3em .8em;border-bottom:1px solid #ddd;text-align:right}th:first-child,td:first-child{text-align:left}code{background:#f4f4f4;padding:0 .3em}</style>\n");
        html.Append(CultureInfo.InvariantCulture, $"</head><body>\n<h1>Ablation</h1>\n<p>{Text(Title(report))}</p>\n<table><tr>{string.Concat(s_columns.Select(static column => $"<th>{Text(column.Header)}</th>"))}</tr>\n");
        foreach (AblationRow row in report.Rows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr>{string.Concat(s_columns.Select(column => $"<td>{Text(column.Cell(row))}</td>"))}</tr>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"</table>\n<p>Base: {string.Join(", ", report.Settings.Select(static s => $"<code>{Text(s.Key)}={Text(s.Value)}</code>"))}</p>\n</body></html>\n");
        return html.ToString();
    }

    private static string Title(AblationReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Model} on {report.Data} by {report.Optimizer}, device {report.Device}, batch {report.BatchSize}, seed {report.Seed}; the same initial weights and batch order for every run, which take turns. Due: steps that could refresh; refreshed: layers that were. Covariance, inversion and preconditioning in seconds; saved is against the base.");

    private static string Number(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
