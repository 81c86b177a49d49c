using Thor.Bench.Micro;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class TrainingStepMeasuresTests
{
    [Fact]
    public void Workload_Mlp_LearnsItsBatch()
    {
        using TrainingStepWorkload workload = TrainingStepWorkload.Create("mlp");
        double first = workload.Step();
        double last = first;
        for (int i = 0; i < 20; i++)
        {
            last = workload.Step();
        }

        Assert.Equal(Math.Log(10), first, 0.2);
        Assert.InRange(last, 0, 0.97 * first);
    }

    [Fact]
    public void Measure_Pairs_AlternateWithThePeer()
    {
        int products = 0;
        TrainingStepMeasure measure = TrainingStepMeasures.Run("mlp", () => products++, repetitions: 2);
        Assert.Equal(5, products); // three warm-ups and two that count
        Assert.Equal("mlp", measure.Name);
        Assert.Equal(0.75, measure.Target);
        Assert.True(measure.Milliseconds > 0 && measure.PeerMilliseconds >= 0);
        Assert.Equal(2.5, new TrainingStepMeasure("x", 5, 2, 1).RatioToPeer);
    }

    [Fact]
    public void Workload_UnknownName_ListsTheKnownOnes() => Assert.Contains(
        "mlp, lenet, resnet20, encoder",
        Assert.Throws<ArgumentException>(() => TrainingStepWorkload.Create("vgg")).Message,
        StringComparison.Ordinal);
}
