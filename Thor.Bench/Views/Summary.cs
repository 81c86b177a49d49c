using System.Globalization;
using Spectre.Console;
using Thor.Bench.Reports;

namespace Thor.Bench.Views;

/// <summary>What came of a run or a comparison, on the console.</summary>
internal static class Summary
{
    /// <summary>Prints the table, and where an interrupted run was saved.</summary>
    public static void Show(CompareResult result, string? interruptedFolder, string command)
    {
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumns("optimizer", "steps", "steps to target", "seconds to target", "step ms (median / mean / p95)", "test accuracy", "test loss");
        foreach (RunResult run in result.Runs)
        {
            table.AddRow(
                Markup.Escape(run.Optimizer),
                Number(run.Steps, "F0"),
                Number(run.StepsToTarget, "F0"),
                Number(run.SecondsToTarget, "F1"),
                $"{Number(run.StepMilliseconds.Median, "F1")} / {Number(run.StepMilliseconds.Mean, "F1")} / {Number(run.StepMilliseconds.P95, "F1")}",
                run.FinalTestAccuracy is double accuracy ? $"{Number(accuracy * 100, "F2")} %" : "–",
                Number(run.FinalTestLoss, "G4"));
        }

        AnsiConsole.Write(table);
        if (result.Ratios is CompareRatios ratios)
        {
            string target = result.Runs[0].TargetAccuracy is double accuracy ? $" ({Number(accuracy * 100, "G4")} %)" : string.Empty;
            AnsiConsole.WriteLine($"THOR over {ratios.Rival}: steps to target{target} {Number(ratios.StepsToTarget, "F2")}, seconds to target {Number(ratios.SecondsToTarget, "F2")}, "
                + $"step time {Number(ratios.StepTime, "F2")} median, {Number(ratios.MeanStepTime, "F2")} mean.");
        }

        RunResult last = result.Runs[^1];
        AnsiConsole.WriteLine($"Memory: {last.PeakResidentBytes >> 20} MiB resident at most, {last.PooledBytes >> 20} MiB in tensors and their pool.");
        if (interruptedFolder is not null)
        {
            AnsiConsole.WriteLine($"Interrupted; saved in {interruptedFolder}. Go on with: thor {command} --resume {interruptedFolder}");
        }
    }

    private static string Number(double? value, string format) =>
        value is double number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "–";
}
