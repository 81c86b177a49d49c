using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Thor.Bench.Runs;
using Thor.Bench.Verify;
using Thor.Engine;
using Thor.Engine.Formats;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Bench.Commands;

/// <summary>`thor verify`: what must hold on a device, each check with its error and bound. Exit code 2 if one fails.</summary>
internal static class VerifyCommand
{
    private const int Failed = 2;

    public static Command Create()
    {
        Option<string> device = DeviceOption.Create("what is checked");
        Option<string?> filter = new("--filter") { Description = "Only checks whose names contain this text." };
        Option<string?> json = new("--json") { Description = "File for the checks in JSON." };
        Command command = new("verify", "Check a device against the host in double precision: every primitive, and the mathematics of second order that is made of them.");
        command.Options.Add(device);
        command.Options.Add(filter);
        command.Options.Add(json);
        command.SetAction(parsed => Run(parsed.GetValue(device)!, parsed.GetValue(filter), parsed.GetValue(json))); // the device has a default
        return command;
    }

    private static int Run(string name, string? filter, string? json)
    {
        if (json is not null)
        {
            RunFolder.PrepareFile(json);
        }

        Device device = DeviceOption.Open(name);
        Check[] checks = [.. ElementwiseChecks.All(), .. NetworkChecks.All(), .. TileChecks.All(), .. TrainingCheck.All(), .. Ladder.All(device)];
        Check[] chosen = [.. checks.Where(c => filter is null || c.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        return chosen.Length > 0 ? Execute(device, chosen, json, withTable: filter is null) : throw new UsageException($"No check matches '{filter}'.");
    }

    /// <summary>Runs checks, prints and writes what they say.</summary>
    /// <returns>The exit code.</returns>
    internal static int Execute(Device device, IEnumerable<Check> checks, string? json, bool withTable)
    {
        List<CheckResult> results = [];
        foreach (Check check in checks)
        {
            CheckResult result = Run(check, device);
            results.Add(result);
            Print(result);
        }

        IReadOnlyList<CurvatureError>? curvature = withTable ? CurvatureTable.Of(device) : null;
        if (curvature is not null)
        {
            CurvatureTable.Show(curvature);
        }

        int failures = results.Count(static r => !r.Passed);
        AnsiConsole.MarkupLine(failures == 0 ? $"[green]All {results.Count} checks hold on {device}.[/]" : $"[red]{failures} of {results.Count} checks fail on {device}.[/]");
        if (json is not null)
        {
            AtomicFile.WriteText(json, JsonSerializer.Serialize(new VerifyReport(device.ToString(), results, curvature), VerifyJson.Default.VerifyReport));
        }

        return failures == 0 ? 0 : Failed;
    }

    private static CheckResult Run(Check check, Device device)
    {
        using TensorScope scope = TensorScope.Begin();
        try
        {
            return check.Run(device);
        }
        catch (Exception exception) when (exception is DeviceException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            // A check that cannot run is a check that fails; the others still tell something.
            return new CheckResult(check.Name, null, 0, false, $"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private static void Print(CheckResult result)
    {
        string verdict = result.Passed ? "[green]ok    [/]" : "[red]FAILED[/]";
        string error = result.Error is double value ? value.ToString("E2", CultureInfo.InvariantCulture) : "–";
        AnsiConsole.MarkupLine(string.Create(
            CultureInfo.InvariantCulture, $"{verdict} {Markup.Escape(result.Name),-92} error {error,9}  bound {result.Bound:E2}  {Markup.Escape(result.Note ?? string.Empty)}"));
    }
}
