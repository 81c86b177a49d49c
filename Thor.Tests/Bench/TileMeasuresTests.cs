using Thor.Bench.Micro;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class TileMeasuresTests
{
    [Theory]
    [InlineData("inverse 32")]
    [InlineData("covariance 300x64")]
    [InlineData("precondition 64x130")]
    public void TileMeasures_Primitive_GivesFiguresThatFitTogether(string name)
    {
        int threads = WorkerPool.Shared.Threads;
        TileMeasure measure = TileMeasures.Run(name, 1, 1);
        Assert.Equal(name, measure.Name);
        Assert.True(measure.Milliseconds > 0);
        Assert.True(measure.Gflops > 0);
        Assert.True(measure.ShareOfPeak > 0);
        Assert.Equal(measure.PeerMilliseconds, measure.RatioToPeer * measure.Milliseconds, measure.PeerMilliseconds * 1e-9);
        Assert.Equal(threads, WorkerPool.Shared.Threads);
    }

    [Fact]
    public void TileMeasures_UnknownName_ListsTheKnownOnes()
    {
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => TileMeasures.Run("pivot 3", 1, 1));
        Assert.Contains("inverse 128", wrong.Message, StringComparison.Ordinal);
    }
}
