using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Thor.Bench.Invert;
using Thor.Bench.Runs;
using Thor.Engine.Formats;

namespace Thor.Bench.Commands;

/// <summary>`thor invert`: the tile primitives on every device beside their peers. Exit code 2 if a result is wrong.</summary>
internal static class InvertCommand
{
    private const int Failed = 2;

    public static Command Create()
    {
        Option<string> device = Option("--device", "all (host and accelerators without cpu), or some of host, cpu, opencl:N, cuda:N", InvertArguments.All);
        Option<string> dimensions = Option("--dimensions", "Rows and columns of tiles, from 1 to 512", "16,32,64,128,256");
        Option<string> batch = Option("--batch", "Tiles of a call", "1,64,132,528,1024,4096,16384");
        Option<string> threads = Option("--threads", "Threads of the host, or all", "1,all");
        Option<string> against = Option("--against", $"none, or some of {string.Join(", ", TilePeers.Names)}; what is not there is left out", string.Join(',', TilePeers.Names));
        Option<string> primitive = Option("--primitive", "inverse, covariance or precondition", "inverse");
        Option<string> precision = Option("--precision", $"What covariance rounds its input to on tensor cores, some of {Precisions.Names}", "float32");
        Option<double> seconds = new("--seconds") { Description = "Time that the samples of one implementation of one cell may take (default 1.5).", DefaultValueFactory = static _ => 1.5 };
        Option<string?> json = new("--json") { Description = "File for roofs and rows in JSON." };
        Command command = new("invert", "Measure the inversion of tiles, and the primitives around it, beside peers and the machine's roofs.")
        {
            device, dimensions, batch, threads, against, primitive, precision, seconds, json,
        };
        command.SetAction(parsed =>
        {
            // All but the file have defaults.
            TilePrimitive what = InvertArguments.Primitive(parsed.GetValue(primitive)!);
            InvertSettings settings = new(
                what,
                [],
                InvertArguments.Dimensions(parsed.GetValue(dimensions)!),
                InvertArguments.Batches(parsed.GetValue(batch)!),
                InvertArguments.Threads(parsed.GetValue(threads)!),
                InvertArguments.Peers(parsed.GetValue(against)!),
                InvertArguments.Seconds(parsed.GetValue(seconds)));
            settings = settings with { Precisions = InvertArguments.Precisions(parsed.GetValue(precision)!, what) };
            return Run(settings with { Devices = InvertArguments.Devices(parsed.GetValue(device)!) }, parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>2 if verification failed anywhere, and a word about it.</summary>
    internal static int ExitCode(IReadOnlyList<InvertRow> rows)
    {
        int wrong = rows.Count(static row => row.Failure is not null);
        if (wrong == 0)
        {
            return 0;
        }

        Console.Error.WriteLine($"thor: {wrong} of {rows.Count} results are wrong.");
        return Failed;
    }

    private static Option<string> Option(string name, string description, string otherwise) => new(name)
    {
        Description = $"{description} (default {otherwise}).",
        DefaultValueFactory = _ => otherwise,
    };

    private static int Run(InvertSettings settings, string? json)
    {
        if (json is not null)
        {
            RunFolder.PrepareFile(json);
        }

        AnsiConsole.MarkupLine(Markup.Escape(TileProblem.Convention(settings.Primitive)));
        AnsiConsole.MarkupLine(Markup.Escape(
            $"Medians of {TileTimer.Samples} samples in turns. µs: of a call among others (GPUs: device clock); alone: one call until it is done. "
            + "cold: operands exceed all caches. Residual and error in float64, after timing."));
        InvertReport report = new InvertRunner(settings, new InvertTable()).Run();
        if (json is not null)
        {
            AtomicFile.WriteText(json, JsonSerializer.Serialize(report, InvertJson.Default.InvertReport));
        }

        return ExitCode(report.Rows);
    }
}
