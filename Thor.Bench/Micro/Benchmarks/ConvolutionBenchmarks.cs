using BenchmarkDotNet.Attributes;

namespace Thor.Bench.Micro.Benchmarks;

/// <summary>The three products of one network's convolutions at batch 128.</summary>
public abstract class ConvolutionBenchmarks : IDisposable
{
    private ConvolutionWorkload? _workload;

    /// <summary>One of <see cref="ConvolutionWorkload.Names"/>.</summary>
    [ParamsSource(nameof(Layers))]
    public string Layer { get; set; } = string.Empty;

    /// <summary>The network's layers.</summary>
    public abstract IEnumerable<string> Layers { get; }

    /// <summary>Makes operands.</summary>
    [GlobalSetup]
    public void Setup() => _workload = new ConvolutionWorkload(Layer);

    /// <summary>Gives them back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _workload?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>y = x convolved with w, plus bias.</summary>
    [Benchmark(Baseline = true)]
    public void Forward() => _workload!.Forward(); // Setup has run.

    /// <summary>The gradient of the images.</summary>
    [Benchmark]
    public void InputGradient() => _workload!.InputGradient(); // Setup has run.

    /// <summary>The gradient of the filters.</summary>
    [Benchmark]
    public void WeightGradient() => _workload!.WeightGradient(); // Setup has run.
}
