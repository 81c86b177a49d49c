using Thor.Autograd.Optimizers;
using Thor.Autograd.Training;
using Thor.Bench.Runs;
using Thor.Engine.Datasets;

namespace Thor.Bench.Ablate;

/// <summary>Trains every cell of an ablation from the same initial weights and batch order; the runs take turns.</summary>
internal static class AblationStudy
{
    /// <exception cref="UsageException">An option or a value is unknown.</exception>
    public static AblationReport Execute(RunSettings settings, IReadOnlyList<AblationAxis> axes, bool full, CancellationToken cancellation)
    {
        foreach (string option in settings.OptimizerSettings.Keys.Concat(axes.Select(static axis => axis.Option)))
        {
            if (!Presets.Knows(settings.Optimizer, option))
            {
                throw new UsageException($"'{option}' is not a setting of {settings.Optimizer}; it has: {string.Join(", ", OptimizerRegistry.Get(settings.Optimizer).Options.Select(static o => o.Name))}.");
            }
        }

        Dataset data = DataFactory.Open(settings);
        List<Run> runs = [];
        List<CurvatureMeter> meters = [];
        try
        {
            runs.Add(Run.Create(settings, data)); // the base says what presets and defaults come to
            IReadOnlyDictionary<string, string> effective = Effective(runs[0].Settings);
            IReadOnlyList<AblationCell> cells = AblationGrid.Cells(axes, effective, full);
            foreach (AblationCell cell in cells.Skip(1))
            {
                SortedDictionary<string, string> options = new(settings.OptimizerSettings, StringComparer.Ordinal);
                foreach ((string option, string value) in cell.Changes)
                {
                    options[option] = value;
                }

                runs.Add(Run.Create(settings with { OptimizerSettings = options, Label = cell.Name }, data));
            }

            meters.AddRange(runs.Select(static run => new CurvatureMeter(run)));
            Dictionary<Run, string> failures = [];
            Comparison.Train(runs, data, cancellation, diverged: (run, exception) => failures[run] = exception.Message);
            return new AblationReport(
                settings.Model, settings.Data, settings.Device, settings.Optimizer, settings.BatchSize, settings.Seed, runs[0].Settings.OptimizerSettings, Rows(cells, runs, meters, failures));
        }
        finally
        {
            foreach (IDisposable owned in meters.Concat<IDisposable>(runs))
            {
                owned.Dispose();
            }
        }
    }

    private static IReadOnlyDictionary<string, string> Effective(RunSettings settings)
    {
        Dictionary<string, string> own = settings.OptimizerSettings.Where(static s => s.Key is not (RunSettings.ClipNorm or RunSettings.Horizon)).ToDictionary();
        return OptimizerRegistry.Get(settings.Optimizer).Resolve(own).Values;
    }

    private static AblationRow[] Rows(IReadOnlyList<AblationCell> cells, List<Run> runs, List<CurvatureMeter> meters, Dictionary<Run, string> failures)
    {
        AblationRow[] rows = new AblationRow[runs.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            Trainer trainer = runs[i].Trainer;
            string? failure = failures.GetValueOrDefault(runs[i]);
            TrainingPoint? last = failure is null && trainer.Curve.Count > 0 ? trainer.Curve[^1] : null;
            meters[i].Read();
            rows[i] = new AblationRow(
                cells[i].Name,
                cells[i].Changes,
                failure,
                trainer.Step,
                trainer.Clock.Seconds,
                last?.TestLoss ?? double.NaN,
                last?.TestAccuracy,
                last?.TrainLoss ?? double.NaN,
                meters[i].Opportunities,
                meters[i].Refreshes,
                meters[i].StatisticsSeconds,
                meters[i].InversionSeconds,
                meters[i].PreconditioningSeconds,
                meters[0].StatisticsSeconds - meters[i].StatisticsSeconds,
                meters[0].InversionSeconds - meters[i].InversionSeconds);
        }

        return rows;
    }
}
