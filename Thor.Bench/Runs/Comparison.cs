using System.Text.Json;
using Thor.Autograd.Training;
using Thor.Bench.Reports;
using Thor.Bench.Views;
using Thor.Engine.Datasets;
using Thor.Engine.Formats;

namespace Thor.Bench.Runs;

/// <summary>
/// Several optimizers on one task from the same initial weights and batch order. The runs take turns, one evaluation
/// interval each, so that a machine whose speed drifts treats them alike.
/// </summary>
internal static class Comparison
{
    // Steps of a throw-away run per optimizer, so that no measured step pays for compilation.
    private const int WarmUpSteps = 4;

    /// <summary>Trains all runs to their ends, or until cancelled.</summary>
    /// <returns>What came of it; with runs cut short after a cancellation.</returns>
    public static CompareResult Execute(IReadOnlyList<RunSettings> settings, bool resume, CancellationToken cancellation)
    {
        RunSettings common = settings[0];
        Dataset data = DataFactory.Open(common);
        List<Run> runs = [];
        try
        {
            foreach (RunSettings one in settings)
            {
                runs.Add(Run.Create(one, data));
            }

            foreach ((string name, string layer) in runs.SelectMany(static run => run.FirstOrderLayers.Select(layer => (run.Name, layer))))
            {
                Console.WriteLine($"{name}: trained first-order, {layer}");
            }

            Train(runs, data, cancellation, resume);
            RunResult[] results = [.. runs.Select(static r => r.Result())];
            return new CompareResult(
                common.Model, common.Data, common.Device, common.BatchSize, common.Seed, results, Ratios(results));
        }
        finally
        {
            foreach (Run run in runs)
            {
                run.Dispose();
            }
        }
    }

    /// <summary>Lets runs that have been built take turns until all are at their ends, or until cancelled.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="data">Their data.</param>
    /// <param name="cancellation">Ends all of them, with checkpoints.</param>
    /// <param name="resume">Whether they go on from checkpoints.</param>
    /// <param name="diverged">Told of a run whose loss is not finite, which ends while the others go on; null to end all.</param>
    public static void Train(List<Run> runs, Dataset data, CancellationToken cancellation, bool resume = false, Action<Run, NonFiniteLossException>? diverged = null)
    {
        foreach (Run run in runs)
        {
            Begin(run, resume);
        }

        WarmUp([.. runs.Select(static run => run.Settings)], data);
        RunView.Show([.. runs.Select(static r => (r.Name, r.Trainer, r.Steps))], () => TakeTurns(runs, diverged, cancellation));
    }

    /// <summary>Makes the folders of a run's output and proves that they can be written, before any work starts.</summary>
    /// <exception cref="UsageException">One cannot be written.</exception>
    public static void PrepareOutput(RunSettings settings)
    {
        if (settings.Folder is not null)
        {
            RunFolder.Prepare(settings.Folder);
        }

        foreach (string file in ((string?[])[settings.Json, settings.TraceFile, settings.Telemetry]).OfType<string>())
        {
            RunFolder.PrepareFile(file);
        }
    }

    /// <summary>Writes result and report where the settings ask for them.</summary>
    public static void Write(CompareResult result, string? folder, string? json)
    {
        string text = JsonSerializer.Serialize(result, ReportJson.Default.CompareResult);
        if (json is not null)
        {
            AtomicFile.WriteText(json, text);
        }

        if (folder is not null)
        {
            AtomicFile.WriteText(Path.Combine(folder, "result.json"), text);
            AtomicFile.WriteText(Path.Combine(folder, "report.html"), HtmlReport.Compare(result));
        }
    }

    /// <summary>THOR over the rival that reached the target in the fewest steps; over the most accurate one where none did.</summary>
    internal static CompareRatios? Ratios(IReadOnlyList<RunResult> results)
    {
        RunResult? thor = results.FirstOrDefault(static r => r.Optimizer == "thor");
        RunResult? rival = results
            .Where(r => r != thor)
            .OrderBy(static r => r.StepsToTarget ?? long.MaxValue)
            .ThenBy(static r => r.FinalTestLoss)
            .FirstOrDefault();
        return thor is null || rival is null
            ? null
            : new CompareRatios(
                rival.Optimizer,
                (double?)thor.StepsToTarget / rival.StepsToTarget,
                thor.SecondsToTarget / rival.SecondsToTarget,
                thor.StepMilliseconds.Median / rival.StepMilliseconds.Median,
                thor.StepMilliseconds.Mean / rival.StepMilliseconds.Mean);
    }

    private static void Begin(Run run, bool resume)
    {
        if (run.Settings.Folder is not string folder)
        {
            return;
        }

        if (resume)
        {
            run.Trainer.Resume(run.Trainer.CheckpointPath!); // A run with a folder has a path.
        }
        else
        {
            RunFolder.SaveSettings(folder, run.Settings);
        }
    }

    private static void WarmUp(IReadOnlyList<RunSettings> settings, Dataset data)
    {
        foreach (RunSettings one in settings)
        {
            using Run throwAway = Run.Create(one with { Folder = null, Telemetry = null, TraceStep = null, TraceFile = null, Steps = WarmUpSteps, Epochs = null, EvaluateEvery = int.MaxValue }, data);
            try
            {
                throwAway.Trainer.Advance(WarmUpSteps - 1);
            }
            catch (NonFiniteLossException)
            {
                // The run itself will meet the same loss, and report it with its checkpoint.
            }
        }
    }

    private static void TakeTurns(List<Run> runs, Action<Run, NonFiniteLossException>? diverged, CancellationToken cancellation)
    {
        List<Run> going = [.. runs];
        while (!cancellation.IsCancellationRequested && going.Exists(static r => !r.Trainer.Done))
        {
            foreach (Run run in going.ToArray())
            {
                long untilEvaluation = run.Settings.EvaluateEvery - (run.Trainer.Step % run.Settings.EvaluateEvery);
                try
                {
                    run.Trainer.Advance(untilEvaluation, cancellation);
                }
                catch (NonFiniteLossException exception) when (diverged is not null)
                {
                    diverged(run, exception);
                    going.Remove(run);
                }
            }
        }

        if (cancellation.IsCancellationRequested)
        {
            foreach (Run run in going)
            {
                run.Trainer.Save();
            }
        }
    }
}
