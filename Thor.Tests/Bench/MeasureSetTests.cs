using Thor.Bench.Micro;
using Thor.Bench.Peers;
using Thor.Kernels.Host;
using Thor.Tests.Kernels;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(SharedPoolCollection.Name)]
public sealed class MeasureSetTests
{
    [Fact]
    public void Rows_OfEqualWork_CompareTimes()
    {
        MicroResult[] rows = [.. MeasureSet.Rows("sum", "peer", new PairedTimes(2, 5, 2.5), operations: 4e6, target: 2)];
        Assert.Equal([new MicroResult("sum", "thor", 2, 2, 2.5, 2), new MicroResult("sum", "peer", 5, 0.8, 1)], rows);
    }

    [Fact]
    public void Rows_OfUnequalWork_CompareRates()
    {
        // 2 billion operations per second against 4.
        MicroResult[] rows = [.. MeasureSet.Rows("sum", "peer", new PairedTimes(2, 4, 2), operations: 4e6, peerOperations: 16e6)];
        Assert.Equal([new MicroResult("sum", "thor", 2, 2, 0.5), new MicroResult("sum", "peer", 4, 4, 1)], rows);
    }

    [Fact]
    public void Run_OfAPeer_RestoresTheThreadsOfBoth()
    {
        Assert.SkipUnless(OpenBlas.IsAvailable, OpenBlas.Missing ?? string.Empty);
        int threads = WorkerPool.Shared.Threads;
        int peerThreads = OpenBlas.Threads;
        MicroResult[] rows = [.. new TileMeasures().Run(static name => name == "tile-precondition 16x144 threads=1")];
        Assert.Equal(["thor", "openblas"], rows.Select(static row => row.Implementation));
        Assert.All(rows, static row => Assert.True(row.Gflops > 0 && row.RatioToPeer > 0));
        Assert.Equal(threads, WorkerPool.Shared.Threads);
        Assert.Equal(peerThreads, OpenBlas.Threads);
    }

    [Fact]
    public void Patches_BesideTheirStoredMatrix_AgreeAndAreTimed()
    {
        MicroResult[] rows = [.. new PatchMeasures().Run(static name => name == "tile-patches 32x64x8x8 kernel 3 threads=1")];
        Assert.Equal(["thor", "stored patches"], rows.Select(static row => row.Implementation));
        Assert.All(rows, static row => Assert.True(row.Gflops > 0 && row.RatioToPeer > 0));
    }

    [Fact]
    public void Peak_OnOneThread_IsOneRowWithoutAPeer()
    {
        MicroResult row = Assert.Single(new PeakMeasures().Run(static name => name == "peak threads=1"));
        Assert.True(row.Gflops > 0);
        Assert.Null(row.RatioToPeer);
    }
}
