using BenchmarkDotNet.Attributes;
using Thor.Bench.Peers;

namespace Thor.Bench.Micro.Benchmarks;

/// <summary>The convolutions of LeNet and ResNet-20 at batch 128 on all cores; the baseline is one product of two 1024 x 1024 matrices by OpenBLAS.</summary>
public class ConvolutionBenchmarks
{
    private ConvolutionWorkload? _workload;
    private PeerProduct? _peer;

    /// <summary>Which layer.</summary>
    [ParamsSource(nameof(Layers))]
    public string Layer { get; set; } = string.Empty;

    /// <summary>All layers.</summary>
    public static IEnumerable<string> Layers => ConvolutionWorkload.Names;

    /// <summary>Makes operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        OpenBlas.ThrowIfMissing();
        _workload = new ConvolutionWorkload(Layer);
        _peer = new PeerProduct();
    }

    /// <summary>Gives them back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _workload?.Dispose();
        _peer?.Dispose();
    }

    /// <summary>The unit.</summary>
    [Benchmark(Baseline = true)]
    public void OpenBlasProduct() => _peer?.Run();

    /// <summary>y = x convolved with w, plus bias.</summary>
    [Benchmark]
    public void Forward() => _workload?.Forward();

    /// <summary>The gradient of the images.</summary>
    [Benchmark]
    public void InputGradient() => _workload?.InputGradient();

    /// <summary>The gradient of the filters.</summary>
    [Benchmark]
    public void WeightGradient() => _workload?.WeightGradient();
}
