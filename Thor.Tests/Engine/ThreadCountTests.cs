using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Host;
using Thor.Tests.Kernels;
using Xunit;

namespace Thor.Tests.Engine;

[Collection(SharedPoolCollection.Name)]
public sealed class ThreadCountTests
{
    [Fact]
    public void Operations_WithOneThreadOrAll_GiveTheSameBits()
    {
        byte[][] all = Compute();
        int threads = WorkerPool.Shared.Threads;
        WorkerPool.Shared.Threads = 1;
        try
        {
            byte[][] one = Compute();
            for (int i = 0; i < all.Length; i++)
            {
                Assert.True(all[i].AsSpan().SequenceEqual(one[i]), $"operation number {i}");
            }
        }
        finally
        {
            WorkerPool.Shared.Threads = threads;
        }
    }

    private static byte[][] Compute()
    {
        RandomStream random = new(1);
        Tensor x = random.Normal([300, 517]);
        Tensor g = random.Normal([300, 517]);
        Tensor weight = random.Normal([517]);
        Tensor images = random.Normal([20, 3, 60, 50]);
        Tensor channels = random.Normal([3]);
        List<Tensor> results = [x, random.Normal([70_001], DType.Float64), random.DropoutMask([70_001], 0.5)];
        foreach (UnaryOperation operation in Enum.GetValues<UnaryOperation>())
        {
            results.Add(x.Map(operation));
        }

        foreach (BinaryOperation operation in Enum.GetValues<BinaryOperation>())
        {
            results.Add(Tensor.Map(operation, x, weight));
        }

        foreach (ReduceOperation operation in Enum.GetValues<ReduceOperation>())
        {
            results.AddRange([x.Reduce(operation, []), x.Reduce(operation, [0]), x.Reduce(operation, [1]), images.Reduce(operation, [0, 2, 3])]);
        }

        Tensor labels = Tensor.From(random.Permutation(300));
        results.AddRange([x.Softmax(), x.LogSoftmax(), Tensor.SoftmaxGradient(x, g), Tensor.LogSoftmaxGradient(x, g)]);
        results.AddRange([x.CrossEntropy(labels, 0.1, -1, out Tensor normalizers), x.CrossEntropyGradient(labels, 0.1, -1, normalizers, g.Select(1, 0))]);
        results.AddRange([x.LayerNorm(weight, weight, 1e-5, out Tensor mean, out Tensor inverse), mean, inverse]);
        (Tensor dx, Tensor dWeight, Tensor dBias) = x.LayerNormGradient(g, weight, mean, inverse);
        results.AddRange([dx, dWeight, dBias]);
        results.AddRange([images.BatchNorm(channels, channels, 1e-5, out mean, out inverse), mean, inverse]);
        (dx, dWeight, dBias) = images.BatchNormGradient(images * 2, channels, mean, inverse);
        results.AddRange([dx, dWeight, dBias, images.ChannelAffine(channels, channels)]);
        Tensor small = random.Normal([90, 70, 25]);
        Tensor scale = random.Normal([70]);
        results.AddRange([small.BatchNorm(scale, scale, 1e-5, out mean, out inverse), mean, inverse]);
        (dx, dWeight, dBias) = small.BatchNormGradient(small * 2, scale, mean, inverse);
        results.AddRange([dx, dWeight, dBias]);
        Tensor heads = random.Normal([80, 60, 2, 40]).Permute(0, 2, 1, 3);
        results.Add(heads.MatMul(heads.Transpose()));
        results.AddRange([x.Gather(labels), Tensor.Zeros([300, 517]).ScatterAdd(labels, x), images.Permute(2, 0, 3, 1).Contiguous(), x.ArgMax()]);
        return results.ConvertAll(Numbers.Bits).ToArray();
    }
}
