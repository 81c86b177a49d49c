using Thor.Bench.Micro;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class TrainingStepWorkloadTests
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
    public void PairedHarness_CountsBothSidesAndDividesPeerByThor()
    {
        int thor = 0;
        int peer = 0;
        PairedTimes times = PairedHarness.Run(() => thor++, () => { peer++; Thread.SpinWait(2000); }, pairs: 3);
        Assert.True(thor > 8 && peer > 8);
        Assert.True(times.ThorMilliseconds >= 0 && times.PeerMilliseconds > 0);
        Assert.True(times.Ratio > 1, $"a call that spins takes longer than one that counts, ratio {times.Ratio}");
    }

    [Fact]
    public void Workload_UnknownName_ListsTheKnownOnes() => Assert.Contains(
        "mlp, lenet, resnet20, encoder",
        Assert.Throws<ArgumentException>(() => TrainingStepWorkload.Create("vgg")).Message,
        StringComparison.Ordinal);
}
