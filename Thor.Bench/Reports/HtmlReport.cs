using System.Globalization;
using System.Net;
using System.Text;

namespace Thor.Bench.Reports;

/// <summary>A comparison as one HTML file with nothing outside it: table, curves over steps and over seconds, settings.</summary>
internal static class HtmlReport
{
    public static string Compare(CompareResult result)
    {
        StringBuilder html = new();
        string title = $"{result.Model} on {result.Data}: {string.Join(" against ", result.Runs.Select(static r => r.Optimizer))}";
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Text(title)}</title>\n");
        html.Append("<style>body{font:15px/1.5 sans-serif;max-width:1340px;margin:2em auto;padding:0 1em;color:#222}table{border-collapse:collapse;margin:1em 0}th,td{padding:.3em .8em;border-bottom:1px solid #ddd;text-align:right}th:first-child,td:first-child{text-align:left}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(480px,1fr));gap:1em}code{background:#f4f4f4;padding:0 .3em}</style>\n");
        html.Append(CultureInfo.InvariantCulture, $"</head><body>\n<h1>{Text(title)}</h1>\n<p>Device {Text(result.Device)}, batch {result.BatchSize}, seed {result.Seed}. Same initial weights and batch order for every run; seconds are time in training steps, evaluation not counted.</p>\n");
        Table(html, result);
        html.Append("<div class=\"charts\">\n");
        bool accuracy = result.Runs.Any(static r => r.FinalTestAccuracy is not null);
        if (accuracy)
        {
            html.Append(Draw(result, "Test accuracy over steps", "steps", static p => p.Step, "accuracy", static p => p.TestAccuracy ?? double.NaN, result.Runs[0].TargetAccuracy));
            html.Append(Draw(result, "Test accuracy over time", "seconds", static p => p.Seconds, "accuracy", static p => p.TestAccuracy ?? double.NaN, result.Runs[0].TargetAccuracy));
        }

        html.Append(Draw(result, "Test loss over steps", "steps", static p => p.Step, "loss", static p => p.TestLoss, result.Runs[0].TargetLoss));
        html.Append(Draw(result, "Training loss over steps", "steps", static p => p.Step, "loss", static p => p.TrainLoss, null));
        html.Append("</div>\n<h2>Settings</h2>\n");
        foreach (RunResult run in result.Runs)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p><b>{Text(run.Optimizer)}</b>: {string.Join(", ", run.Settings.Select(static s => $"<code>{Text(s.Key)}={Text(s.Value)}</code>"))}</p>\n");
        }

        return html.Append("</body></html>\n").ToString();
    }

    private static void Table(StringBuilder html, CompareResult result)
    {
        html.Append("<table><tr><th>optimizer</th><th>steps to target</th><th>seconds to target</th><th>step ms, median</th><th>mean</th><th>p95</th><th>test accuracy</th><th>test loss</th><th>train loss</th></tr>\n");
        foreach (RunResult run in result.Runs)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(run.Optimizer)}</td><td>{Number(run.StepsToTarget, "F0")}</td><td>{Number(run.SecondsToTarget, "F1")}</td><td>{run.StepMilliseconds.Median:F2}</td><td>{run.StepMilliseconds.Mean:F2}</td><td>{run.StepMilliseconds.P95:F2}</td><td>{Number(run.FinalTestAccuracy * 100, "F2")}{(run.FinalTestAccuracy is null ? string.Empty : " %")}</td><td>{run.FinalTestLoss:G4}</td><td>{run.FinalTrainLoss:G4}</td></tr>\n");
        }

        html.Append("</table>\n");
        if (result.Ratios is CompareRatios ratios)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>THOR over {Text(ratios.Rival)}: steps to target {Number(ratios.StepsToTarget, "F2")}, seconds to target {Number(ratios.SecondsToTarget, "F2")}, median step time {ratios.StepTime:F2}, mean step time {ratios.MeanStepTime:F2} (below 1: THOR needs less).</p>\n");
        }
    }

    private static string Draw(
        CompareResult result, string title, string xLabel, Func<CurvePoint, double> x, string yLabel, Func<CurvePoint, double> y, double? target)
    {
        Chart chart = new Chart(title, xLabel, yLabel).Target(target);
        foreach (RunResult run in result.Runs)
        {
            chart.Line(run.Optimizer, run.Curve.Select(p => (x(p), y(p))));
        }

        return chart.ToSvg();
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
