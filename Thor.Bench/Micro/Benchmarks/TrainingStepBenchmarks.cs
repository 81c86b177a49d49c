using BenchmarkDotNet.Attributes;
using Thor.Bench.Peers;

namespace Thor.Bench.Micro.Benchmarks;

/// <summary>Training steps of the models; the baseline is one product of two 1024 x 1024 matrices by OpenBLAS.</summary>
public class TrainingStepBenchmarks
{
    private TrainingStepWorkload? _workload;
    private PeerProduct? _peer;

    /// <summary>Which model.</summary>
    [Params("mlp", "lenet", "resnet20", "encoder")]
    public string Model { get; set; } = "mlp";

    /// <summary>Builds model and batch.</summary>
    [GlobalSetup]
    public void Setup()
    {
        OpenBlas.ThrowIfMissing();
        _workload = TrainingStepWorkload.Create(Model);
        _peer = new PeerProduct();
    }

    /// <summary>Gives their memory back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _workload?.Dispose();
        _peer?.Dispose();
    }

    /// <summary>The unit.</summary>
    [Benchmark(Baseline = true)]
    public void OpenBlasProduct() => _peer?.Run();

    /// <summary>Forward, backward, update.</summary>
    [Benchmark]
    public double Step() => _workload?.Step() ?? double.NaN;
}
