using System.CommandLine;
using Thor.Autograd.Optimizers;
using Thor.Bench.Reports;
using Thor.Bench.Runs;

namespace Thor.Bench.Commands;

/// <summary>`thor train`: one optimizer, one run.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        RunOptions options = new();
        OptimizerArguments arguments = new();
        Option<string?> optimizer = new("--optimizer") { Description = $"{string.Join(", ", OptimizerRegistry.Names)} (default thor)." };
        Option<string?> resume = new("--resume") { Description = "Folder of an earlier run; goes on bit for bit as if it had never stopped." };
        Option<long?> traceStep = new("--trace-step") { Description = "Write everything of one step, counted from 0, to --trace-file." };
        Option<string?> traceFile = new("--trace-file") { Description = "The safetensors file for --trace-step: batch, parameters, what layers saw, gradients, curvature, update." };
        Option<string?> telemetry = new("--telemetry") { Description = "File for JSON lines about single steps and their layers: decisions, damping, norms, cosine, milliseconds, bytes." };
        Option<int?> telemetryEvery = new("--telemetry-every") { Description = "Steps between two that --telemetry measures; steps that may refresh curvature are measured too, but for norms and cosines (default 25)." };
        Command command = new("train", "Train a model.");
        foreach (Option option in (Option[])[optimizer, .. options.All, .. arguments.Options, resume, traceStep, traceFile, telemetry, telemetryEvery])
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(arguments.Assignments);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(resume) is string folder)
            {
                RunSettings saved = RunFolder.LoadSettings(folder);
                return Execute(Watch(options.Read(parsed, saved) with { Folder = folder }), resume: true);
            }

            string name = parsed.GetValue(optimizer) ?? "thor";
            RunSettings settings = options.Read(parsed, new RunSettings()) with
            {
                Optimizer = name,
                OptimizerSettings = arguments.Read(parsed, name, [name], Presets.Knows),
            };
            return Execute(Watch(settings), resume: false);

            RunSettings Watch(RunSettings run) => run with
            {
                TraceStep = parsed.GetValue(traceStep),
                TraceFile = parsed.GetValue(traceFile),
                Telemetry = parsed.GetValue(telemetry),
                TelemetryEvery = parsed.GetValue(telemetryEvery),
            };
        });
        return command;
    }

    private static int Execute(RunSettings settings, bool resume)
    {
        Comparison.PrepareOutput(settings);
        using Interruption interruption = new();
        CompareResult result = Comparison.Execute([settings], resume, interruption.Token);
        Comparison.Write(result, settings.Folder, settings.Json);
        Views.Summary.Show(result, interruption.Token.IsCancellationRequested ? settings.Folder : null, "train");
        return 0;
    }
}
