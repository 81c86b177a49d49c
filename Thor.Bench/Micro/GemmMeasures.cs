using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>Float32 matrix products against OpenBLAS, on one thread and on all. The target holds for the geometric mean.</summary>
internal sealed unsafe class GemmMeasures : MeasureSet
{
    public override string Name => "gemm";

    public override string? Missing => OpenBlas.IsAvailable ? null : $"{OpenBlas.LibraryName} was not found";

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        int all = WorkerPool.Shared.Threads;
        foreach (int threads in all > 1 ? (int[])[1, all] : [1])
        {
            foreach (GemmShape shape in GemmShape.All)
            {
                string name = $"{shape} threads={threads}";
                if (wanted(name))
                {
                    foreach (MicroResult row in Measure(name, shape, threads))
                    {
                        yield return row;
                    }
                }
            }
        }
    }

    private static IEnumerable<MicroResult> Measure(string name, GemmShape shape, int threads)
    {
        using TensorScope scope = TensorScope.Begin();
        RandomStream random = new(1);
        Tensor a = random.Normal(shape.TransposeA ? [shape.Batches, shape.K, shape.M] : [shape.Batches, shape.M, shape.K]);
        Tensor b = random.Normal(shape.TransposeB ? [shape.Batches, shape.N, shape.K] : [shape.Batches, shape.K, shape.N]);
        Tensor c = Tensor.Empty([shape.Batches, shape.M, shape.N]);
        Tensor viewA = shape.TransposeA ? a.Transpose() : a;
        Tensor viewB = shape.TransposeB ? b.Transpose() : b;
        int before = WorkerPool.Shared.Threads;
        int beforePeer = OpenBlas.Threads;
        try
        {
            WorkerPool.Shared.Threads = threads;
            OpenBlas.Threads = threads;
            PairedTimes times = PairedHarness.Run(
                () => Device.Host.Backend.MatMul(viewA, viewB, c),
                () =>
                {
                    for (int i = 0; i < shape.Batches; i++)
                    {
                        OpenBlas.Multiply(
                            PeerProduct.Pointer(a) + ((long)i * shape.M * shape.K),
                            PeerProduct.Pointer(b) + ((long)i * shape.K * shape.N),
                            PeerProduct.Pointer(c) + ((long)i * shape.M * shape.N),
                            shape.M,
                            shape.N,
                            shape.K,
                            shape.TransposeA,
                            shape.TransposeB);
                    }
                },
                Pairs);
            return [.. Rows(name, "openblas", times, shape.Operations)];
        }
        finally
        {
            WorkerPool.Shared.Threads = before;
            OpenBlas.Threads = beforePeer;
        }
    }
}
