using System.Diagnostics;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;

namespace Thor.Bench.Micro;

/// <summary>
/// THOR's step on LeNet and ResNet-20 beside Nesterov momentum's, the two in turn step by step through the default refresh schedule.
/// The median says what a stale step costs, the mean what the refreshes add. The refresh is one of them, and its ratio that of momentum's step to what
/// refreshes take of a step on average over the first steps of training. Then, where nothing clips directions, preconditioning and update in one pass beside two.
/// </summary>
internal sealed class ThorStepMeasures : MeasureSet
{
    private const int ScheduleSteps = 250;
    private const int StepsOfOnePass = 200;
    private const double Target = 1 / 1.03;
    private const double RefreshTarget = 4;

    // Of ResNet-20, whose steps take several times as long, as many as hold some refreshes.
    private static readonly (string Model, int Steps)[] s_models = [("lenet", ScheduleSteps), ("resnet20", 31)];

    public override string Name => "thor-step";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach ((string model, int steps) in s_models)
        {
            string median = $"thor-step {model} median";
            string mean = $"thor-step {model} mean";
            string refresh = $"thor-step {model} refresh";
            if (!wanted(median) && !wanted(mean) && !wanted(refresh))
            {
                continue;
            }

            ThorOptions options = new();
            (double[] momentum, double[] thor) = Alternate(model, null, trained => new ThorOptimizer(trained, options), steps);
            double momentumMedian = Median(momentum);
            yield return new MicroResult(median, "thor", Median(thor), null, momentumMedian / Median(thor), Target);
            yield return new MicroResult(median, "momentum", momentumMedian, null, 1);
            yield return new MicroResult(mean, "thor", thor.Average(), null, momentum.Average() / thor.Average());
            yield return new MicroResult(mean, "momentum", momentum.Average(), null, 1);

            double one = Median(thor.Where((_, step) => options.Refresh.IsDue(step))) - Median(thor.Where((_, step) => !options.Refresh.IsDue(step)));
            double average = one * Enumerable.Range(0, ScheduleSteps).Count(step => options.Refresh.IsDue(step)) / ScheduleSteps;
            yield return new MicroResult(refresh, "thor", one, null, momentumMedian / average, RefreshTarget);
            yield return new MicroResult(refresh, "momentum", momentumMedian, null, 1);
        }

        const string OnePass = "thor-step lenet median, without KL clip";
        if (wanted(OnePass))
        {
            (double[] apart, double[] fused) = Alternate("lenet", static model => Unclipped(model, watched: true), static model => Unclipped(model, watched: false), StepsOfOnePass);
            yield return new MicroResult(OnePass, "thor, one pass", Median(fused), null, Median(apart) / Median(fused));
            yield return new MicroResult(OnePass, "thor, two passes", Median(apart), null, 1);
        }
    }

    /// <summary>Preconditioning and update are one pass unless somebody watches directions.</summary>
    private static ThorOptimizer Unclipped(Layer model, bool watched)
    {
        ThorOptimizer optimizer = new(model, new ThorOptions { KlClip = null, LearningRate = 1e-3 });
        optimizer.Transformed += watched ? static (_, _) => { } : null;
        return optimizer;
    }

    /// <summary>Times of two optimizers' steps in turns.</summary>
    private static (double[] First, double[] Second) Alternate(string model, Func<Layer, Optimizer>? first, Func<Layer, Optimizer> second, int steps)
    {
        using TrainingStepWorkload one = TrainingStepWorkload.Create(model, first);
        using TrainingStepWorkload other = TrainingStepWorkload.Create(model, second);
        one.Step();
        double[] times = new double[steps];
        double[] otherTimes = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            times[i] = Time(one);
            otherTimes[i] = Time(other);
        }

        return (times, otherTimes);
    }

    private static double Median(IEnumerable<double> times)
    {
        double[] ascending = [.. times.Order()];
        return ascending[ascending.Length / 2];
    }

    private static double Time(TrainingStepWorkload workload)
    {
        long start = Stopwatch.GetTimestamp();
        workload.Step();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
