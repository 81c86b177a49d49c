using System.Diagnostics;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;

namespace Thor.Bench.Micro;

/// <summary>
/// THOR's step on LeNet beside Nesterov momentum's, the two in turn step by step through the default refresh schedule.
/// The median says what a stale step costs, the mean what the refreshes add. Then, where nothing clips directions, preconditioning and update in one pass beside two.
/// </summary>
internal sealed class ThorStepMeasures : MeasureSet
{
    private const int Steps = 250;
    private const int StepsOfOnePass = 200;
    private const double Target = 1 / 1.10;

    public override string Name => "thor-step";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        const string Median = "thor-step lenet median";
        const string Mean = "thor-step lenet mean";
        if (wanted(Median) || wanted(Mean))
        {
            (double[] momentum, double[] thor) = Alternate(null, static model => new ThorOptimizer(model, new ThorOptions()), Steps);
            double ratio = momentum[Steps / 2] / thor[Steps / 2];
            yield return new MicroResult(Median, "thor", thor[Steps / 2], null, ratio, Target);
            yield return new MicroResult(Median, "momentum", momentum[Steps / 2], null, 1);
            yield return new MicroResult(Mean, "thor", thor.Average(), null, momentum.Average() / thor.Average());
            yield return new MicroResult(Mean, "momentum", momentum.Average(), null, 1);
        }

        const string OnePass = "thor-step lenet median, without KL clip";
        if (wanted(OnePass))
        {
            (double[] apart, double[] fused) = Alternate(static model => Unclipped(model, watched: true), static model => Unclipped(model, watched: false), StepsOfOnePass);
            yield return new MicroResult(OnePass, "thor, one pass", fused[StepsOfOnePass / 2], null, apart[StepsOfOnePass / 2] / fused[StepsOfOnePass / 2]);
            yield return new MicroResult(OnePass, "thor, two passes", apart[StepsOfOnePass / 2], null, 1);
        }
    }

    /// <summary>Preconditioning and update are one pass unless somebody watches directions.</summary>
    private static ThorOptimizer Unclipped(Layer model, bool watched)
    {
        ThorOptimizer optimizer = new(model, new ThorOptions { KlClip = null, LearningRate = 1e-3 });
        optimizer.Transformed += watched ? static (_, _) => { } : null;
        return optimizer;
    }

    /// <summary>Times of two optimizers' steps in turns, ascending.</summary>
    private static (double[] First, double[] Second) Alternate(Func<Layer, Optimizer>? first, Func<Layer, Optimizer> second, int steps)
    {
        using TrainingStepWorkload one = TrainingStepWorkload.Create("lenet", first);
        using TrainingStepWorkload other = TrainingStepWorkload.Create("lenet", second);
        one.Step();
        double[] times = new double[steps];
        double[] otherTimes = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            times[i] = Time(one);
            otherTimes[i] = Time(other);
        }

        Array.Sort(times);
        Array.Sort(otherTimes);
        return (times, otherTimes);
    }

    private static double Time(TrainingStepWorkload workload)
    {
        long start = Stopwatch.GetTimestamp();
        workload.Step();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
