using BenchmarkDotNet.Attributes;
using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Micro.Benchmarks;

/// <summary>Float32 products of square matrices on all cores; OpenBLAS is the baseline.</summary>
public class GemmBenchmarks
{
    private Tensor _a = Tensor.Empty([0]);
    private Tensor _b = Tensor.Empty([0]);
    private Tensor _c = Tensor.Empty([0]);
    private PeerProduct? _peer;

    /// <summary>Rows and columns.</summary>
    [Params(256, 512, 1024, 2048)]
    public int Size { get; set; }

    /// <summary>Fills the operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        if (!OpenBlas.IsAvailable)
        {
            throw new InvalidOperationException($"{OpenBlas.LibraryName} was not found; it is the baseline.");
        }

        RandomStream random = new(1);
        _a = random.Normal([Size, Size]);
        _b = random.Normal([Size, Size]);
        _c = Tensor.Empty([Size, Size]);
        _peer = new PeerProduct(Size);
    }

    /// <summary>Gives the operands back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
        _peer?.Dispose();
    }

    /// <summary>The peer.</summary>
    [Benchmark(Baseline = true)]
    public void OpenBlasProduct() => _peer?.Run();

    /// <summary>Thor.</summary>
    [Benchmark]
    public void ThorProduct() => Device.Host.Backend.MatMul(_a, _b, _c);
}
