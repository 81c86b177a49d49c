using BenchmarkDotNet.Attributes;
using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Micro.Benchmarks;

/// <summary>Float32 products of every shape of <see cref="GemmShape.All"/> on all cores; OpenBLAS is the baseline.</summary>
public class GemmBenchmarks
{
    private GemmShape _shape = GemmShape.All[0];
    private Tensor _a = Tensor.Empty([0]);
    private Tensor _b = Tensor.Empty([0]);
    private Tensor _c = Tensor.Empty([0]);

    /// <summary>What is multiplied, as <see cref="GemmShape"/> writes itself.</summary>
    [ParamsSource(nameof(Shapes))]
    public string Shape { get; set; } = string.Empty;

    /// <summary>All shapes.</summary>
    public static IEnumerable<string> Shapes => GemmShape.All.Select(static shape => shape.ToString());

    /// <summary>Fills the operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        OpenBlas.ThrowIfMissing();
        _shape = GemmShape.All.First(shape => shape.ToString() == Shape);
        RandomStream random = new(1);
        _a = random.Normal([_shape.Batches, _shape.TransposeA ? _shape.K : _shape.M, _shape.TransposeA ? _shape.M : _shape.K]);
        _b = random.Normal([_shape.Batches, _shape.TransposeB ? _shape.N : _shape.K, _shape.TransposeB ? _shape.K : _shape.N]);
        _c = Tensor.Empty([_shape.Batches, _shape.M, _shape.N]);
    }

    /// <summary>Gives the operands back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }

    /// <summary>The peer.</summary>
    [Benchmark(Baseline = true)]
    public void OpenBlasProduct() => _shape.MultiplyByPeer(_a, _b, _c);

    /// <summary>Thor.</summary>
    [Benchmark]
    public void ThorProduct()
    {
        using Tensor a = _shape.TransposeA ? _a.Transpose() : _a.Permute(0, 1, 2);
        using Tensor b = _shape.TransposeB ? _b.Transpose() : _b.Permute(0, 1, 2);
        Device.Host.Backend.MatMul(a, b, _c);
    }
}
