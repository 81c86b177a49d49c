using BenchmarkDotNet.Attributes;
using Thor.Bench.Peers;

namespace Thor.Bench.Micro.Benchmarks;

/// <summary>The tile primitives on all cores; the same work by OpenBLAS is the baseline.</summary>
public class TileBenchmarks
{
    private TileWorkload? _workload;

    /// <summary>Which primitive and size.</summary>
    [ParamsSource(nameof(Workloads))]
    public string Workload { get; set; } = string.Empty;

    /// <summary>All primitives.</summary>
    public static IEnumerable<string> Workloads => TileWorkload.Names;

    /// <summary>Makes operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        OpenBlas.ThrowIfMissing();
        _workload = TileWorkload.Create(Workload);
    }

    /// <summary>Gives them back.</summary>
    [GlobalCleanup]
    public void Cleanup() => _workload?.Dispose();

    /// <summary>The peer.</summary>
    [Benchmark(Baseline = true)]
    public void OpenBlasTiles() => _workload?.RunPeer();

    /// <summary>Thor.</summary>
    [Benchmark]
    public void ThorTiles() => _workload?.Run();
}
