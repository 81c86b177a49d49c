using Thor.Autograd.SecondOrder;
using Thor.Bench.Runs;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Kernels;

namespace Thor.Bench.TileSize;

/// <summary>Trains a model for a while, takes its factors, and weighs what tiles lose against what they cost.</summary>
internal static class TileSizeStudy
{
    /// <summary>Builds the run and validates all of it; nothing is computed yet.</summary>
    /// <param name="settings">Model, data, device, steps to train, batch size and seed.</param>
    /// <exception cref="UsageException">Something named does not exist or does not fit.</exception>
    public static Run Prepare(RunSettings settings)
    {
        Dataset data = DataFactory.Open(settings);

        // One more step, whose factors are looked at, and one that is never taken, so that nothing is evaluated at the end.
        return Run.Create(
            settings with { Optimizer = "momentum", Steps = settings.Steps + 2, EvaluateEvery = int.MaxValue, CheckpointEvery = int.MaxValue }, data);
    }

    /// <summary>The whole procedure.</summary>
    /// <param name="run">Made by <see cref="Prepare"/>.</param>
    /// <exception cref="UsageException">The model has no dense or convolution layer.</exception>
    public static TileSizeReport Execute(Run run)
    {
        IReadOnlyList<WholeFactor> factors = Observe(run);
        IReadOnlyList<int> sizes = TileSizeChoice.Candidates(factors.Max(static factor => factor.Dimension));
        FactorLosses[] losses = [.. factors.Select(factor => new FactorLosses(factor.Name, factor.Dimension, TileLoss.Of(factor, sizes)))];
        int[] invertible = [.. sizes.Where(static size => size <= TileLayout.MaximumDimension)];
        double[] times = InversionTimer.Measure(factors, invertible, Device.Parse(run.Settings.Device));
        TileSizePoint[] points = [.. sizes.Select((size, i) => new TileSizePoint(
            size,
            losses.Average(factor => factor.Losses[i] < TileLoss.Small ? 1.0 : 0.0),
            losses.Average(factor => factor.Losses[i]),
            factors.Sum(factor => TileLayout.Count(factor.Dimension, size)),
            i < times.Length ? times[i] : null,
            i < times.Length ? times[0] / times[i] : null))];
        TileSizePoint[] byFastest = [.. points.Select(point => point with { Performance = times.Min() / point.Milliseconds })];
        RunSettings settings = run.Settings;
        return new TileSizeReport(
            settings.Model,
            settings.Data,
            settings.Device,
            run.Trainer.Step,
            settings.BatchSize,
            settings.Seed,
            points,
            TileSizeChoice.Intersect(points),
            TileSizeChoice.Intersect(byFastest),
            losses);
    }

    private static IReadOnlyList<WholeFactor> Observe(Run run)
    {
        using FactorObserver observer = Watch(run);
        run.Trainer.Advance(run.Steps - 2);
        observer.IsCapturing = true;
        run.Trainer.Advance(1);
        return observer.Factors(new KroneckerOptions().Damping.At(0));
    }

    private static FactorObserver Watch(Run run)
    {
        try
        {
            return new FactorObserver(run.Trainer.Model);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message, exception);
        }
    }
}
