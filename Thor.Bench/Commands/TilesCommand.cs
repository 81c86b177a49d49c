using System.CommandLine;
using System.Text.Json;
using Thor.Bench.Runs;
using Thor.Bench.TileSize;
using Thor.Engine.Formats;

namespace Thor.Bench.Commands;

/// <summary>`thor tiles`: which tile dimension suits a model and a device.</summary>
internal static class TilesCommand
{
    private const long StepsByDefault = 50;

    public static Command Create()
    {
        RunSettings defaults = new();
        Option<string> model = new("--model") { Description = $"As for train (default {defaults.Model}).", DefaultValueFactory = _ => defaults.Model };
        Option<string> data = new("--data") { Description = $"As for train (default {defaults.Data}).", DefaultValueFactory = _ => defaults.Data };
        Option<string?> folder = new("--data-dir") { Description = "Folder with the data set's files, as for train." };
        Option<string> device = DeviceOption.Create("where the model trains and tiles are inverted");
        Option<long> steps = new("--steps") { Description = $"Updates, by momentum, before the factors are taken (default {StepsByDefault}).", DefaultValueFactory = static _ => StepsByDefault };
        Option<ulong> seed = new("--seed") { Description = $"Seed of initial weights, batch order and drawn data (default {defaults.Seed}).", DefaultValueFactory = _ => defaults.Seed };
        Option<int> batchSize = new("--batch-size") { Description = $"Samples in a batch (default {defaults.BatchSize}).", DefaultValueFactory = _ => defaults.BatchSize };
        Option<string?> json = new("--json") { Description = "File for curves, intersection and losses in JSON." };
        Option<string?> svg = new("--svg") { Description = "File for a chart of both curves." };
        Command command = new("tiles", "Choose the tile dimension: what tiles lose of a training model's factors against the time to invert them.")
        {
            model, data, folder, device, steps, seed, batchSize, json, svg,
        };
        command.SetAction(parsed =>
        {
            // All but folder and files have defaults.
            RunSettings settings = defaults with
            {
                Model = parsed.GetValue(model)!,
                Data = parsed.GetValue(data)!,
                DataFolder = parsed.GetValue(folder),
                Device = DeviceOption.Open(parsed.GetValue(device)!).ToString(),
                Steps = Steps(parsed.GetValue(steps)),
                Seed = parsed.GetValue(seed),
                BatchSize = parsed.GetValue(batchSize),
            };
            return Execute(settings, parsed.GetValue(json), parsed.GetValue(svg));
        });
        return command;
    }

    private static long Steps(long steps) => steps is >= 0 and < int.MaxValue
        ? steps
        : throw new UsageException($"--steps must be at least 0 and below {int.MaxValue}, not {steps}.");

    private static int Execute(RunSettings settings, string? json, string? svg)
    {
        foreach (string file in ((string?[])[json, svg]).OfType<string>())
        {
            RunFolder.PrepareFile(file);
        }

        using Run run = TileSizeStudy.Prepare(settings);
        TileSizeReport report = TileSizeStudy.Execute(run);
        TileSizeTable.Show(report);
        if (json is not null)
        {
            AtomicFile.WriteText(json, JsonSerializer.Serialize(report, TileSizeJson.Default.TileSizeReport));
        }

        if (svg is not null)
        {
            AtomicFile.WriteText(svg, TileSizeChart.Draw(report));
        }

        return 0;
    }
}
