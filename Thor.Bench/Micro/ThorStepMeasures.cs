using System.Diagnostics;
using Thor.Autograd.SecondOrder;

namespace Thor.Bench.Micro;

/// <summary>
/// THOR's step on LeNet beside Nesterov momentum's, the two in turn step by step through the default refresh schedule.
/// The median says what a stale step costs, the mean what the refreshes add.
/// </summary>
internal sealed class ThorStepMeasures : MeasureSet
{
    private const int Steps = 250;
    private const double Target = 1 / 1.10;

    public override string Name => "thor-step";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        const string Median = "thor-step lenet median";
        const string Mean = "thor-step lenet mean";
        if (!wanted(Median) && !wanted(Mean))
        {
            yield break;
        }

        using TrainingStepWorkload momentum = TrainingStepWorkload.Create("lenet");
        using TrainingStepWorkload thor = TrainingStepWorkload.Create("lenet", static model => new ThorOptimizer(model, new ThorOptions()));
        momentum.Step();
        double[] momentumTimes = new double[Steps];
        double[] thorTimes = new double[Steps];
        for (int i = 0; i < Steps; i++)
        {
            momentumTimes[i] = Time(momentum);
            thorTimes[i] = Time(thor);
        }

        double momentumMean = momentumTimes.Average();
        double thorMean = thorTimes.Average();
        Array.Sort(momentumTimes);
        Array.Sort(thorTimes);
        double momentumMedian = momentumTimes[Steps / 2];
        double thorMedian = thorTimes[Steps / 2];
        yield return new MicroResult(Median, "thor", thorMedian, null, momentumMedian / thorMedian, Target);
        yield return new MicroResult(Median, "momentum", momentumMedian, null, 1);
        yield return new MicroResult(Mean, "thor", thorMean, null, momentumMean / thorMean);
        yield return new MicroResult(Mean, "momentum", momentumMean, null, 1);
    }

    private static double Time(TrainingStepWorkload workload)
    {
        long start = Stopwatch.GetTimestamp();
        workload.Step();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
