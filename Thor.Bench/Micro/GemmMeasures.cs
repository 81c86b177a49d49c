using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Micro;

/// <summary>Float32 matrix products against OpenBLAS, on one thread and on all. The target holds for the geometric mean.</summary>
internal sealed class GemmMeasures : MeasureSet
{
    public override string Name => "gemm";

    public override string? Missing => OpenBlas.Missing;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach (int threads in ThreadCounts)
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
        PairedTimes times = Time(
            threads,
            () => Device.Host.Backend.MatMul(viewA, viewB, c),
            () => shape.MultiplyByPeer(a, b, c));
        return [.. Rows(name, "openblas", times, shape.Operations)];
    }
}
