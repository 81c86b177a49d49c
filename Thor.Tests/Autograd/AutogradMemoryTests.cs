using Thor.Autograd;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Tests.Engine;
using Xunit;

namespace Thor.Tests.Autograd;

/// <summary>What the backward pass allocates, and what a training loop leaves behind.</summary>
[Collection(MemoryStatisticsCollection.Name)]
public sealed class AutogradMemoryTests
{
    public AutogradMemoryTests()
    {
        // What other tests dropped must not come back while blocks are counted here.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static MemoryStatistics Statistics => Device.Host.Backend.Statistics;

    [Fact]
    public void Backward_OfADenseLayer_AllocatesNothingButTheGradients()
    {
        using TensorScope scope = TensorScope.Begin();
        Parameter w = new(Tensor.Ones([5, 3]));
        Parameter x = new(Tensor.Ones([4, 3]));
        Variable y = x.MatMul(w.Transpose());
        Tensor seed = Tensor.Ones(y.Shape);
        long before = Statistics.Allocations;

        y.Backward(seed);

        Assert.Equal(2, Statistics.Allocations - before);
        Assert.True(w.Gradient is { IsContiguous: true, OwnsMemory: true, Offset: 0 });
        Assert.True(x.Gradient is { IsContiguous: true, OwnsMemory: true, Offset: 0 });
    }

    [Fact]
    public void Backward_OfASumOfBranches_AddsIntoWhatArrivedFirst()
    {
        using TensorScope scope = TensorScope.Begin();
        Parameter x = new(Tensor.Ones([8]));
        List<Tensor> arrived = [];
        Variable Branch() => Node.Record("Probe", x.Value.Clone(), x, g =>
        {
            arrived.Add(g.Value.Clone());
            return arrived[^1];
        });

        (Branch() + Branch() + Branch()).Sum().Backward();

        Assert.Equal(3, arrived.Count);
        Assert.Same(arrived[0], x.Gradient);
        Assert.Equal(3f, arrived[0].ToArray<float>()[0]);
        Assert.True(arrived[1].IsDisposed && arrived[2].IsDisposed);
    }

    [Fact]
    public void Backward_OfActivations_WritesOverGradientsThatNobodyElseSees()
    {
        using TensorScope scope = TensorScope.Begin();
        Parameter x = new(Tensor.Full([8], 0.5));
        Tensor seed = Tensor.Ones([8]);
        Tensor? seen = null;
        Variable observed = x.Sigmoid().Tanh().Gelu();
        observed.OnGradient(g => seen = g);
        Variable y = observed.Relu().Tanh().Relu();
        long before = Statistics.Allocations;

        y.Backward(seed);

        // The seed and what the observer was shown must stay as they were; every other step reuses what the one before it wrote.
        Assert.Equal(2, Statistics.Allocations - before);
        Assert.Equal(1f, seed.ToArray<float>()[0]);
        double inner = Math.Tanh(1 / (1 + Math.Exp(-0.5)));
        double gelu = inner * 0.5 * (1 + new Variable(Tensor.Scalar(inner / Math.Sqrt(2), DType.Float64)).Erf().Value.Item());
        Assert.NotNull(seen);
        Assert.Equal(1 - (Math.Tanh(gelu) * Math.Tanh(gelu)), seen.ToArray<float>()[0], 1e-6);
    }

    [Fact]
    public void Backward_ThroughManyLayers_HoldsFewGradientsAtATime()
    {
        const int Elements = 1 << 16;
        using TensorScope scope = TensorScope.Begin();
        Parameter x = new(Tensor.Ones([Elements]));
        long bottom = 0;
        Variable y = Node.Record("Probe", x.Value.Clone(), x, g =>
        {
            bottom = Statistics.InUseBytes;
            return g;
        });
        for (int i = 0; i < 20; i++)
        {
            y = y.Tanh() + y;
        }

        y = y.Sum();
        long top = Statistics.InUseBytes;
        y.Backward();

        Assert.InRange(bottom - top, 1, 3 * Elements * sizeof(float));
    }

    [Fact]
    public void TrainingLoop_InScopes_UsesTheSameMemoryInEveryStep()
    {
        Parameter w1 = new(Tensor.Full([16, 8], 0.1));
        Parameter b1 = new(Tensor.Zeros([16]));
        Parameter gain = new(Tensor.Ones([16]));
        Parameter w2 = new(Tensor.Full([4, 16], -0.1));
        Parameter[] parameters = [w1, b1, gain, w2];
        Tensor labels = Tensor.From(0, 1, 2, 3);
        Tensor inputs = Tensor.From([.. Enumerable.Range(0, 32).Select(static i => MathF.Sin(i))], [4, 8]);
        void Step()
        {
            using TensorScope scope = TensorScope.Begin();
            Variable x = inputs;
            Variable hidden = x.MatMul(w1.Transpose(), b1).LayerNorm(gain, b1, 1e-5).Gelu();
            Variable loss = (hidden + hidden.Relu()).MatMul(w2.Transpose()).CrossEntropy(labels).Mean();
            loss.Backward();
            foreach (Parameter parameter in parameters)
            {
                parameter.Value.AddInPlace(parameter.Gradient ?? throw new InvalidOperationException("no gradient"), -0.1);
                parameter.ZeroGrad();
            }
        }

        for (int i = 0; i < 3; i++)
        {
            Step();
        }

        MemoryStatistics warm = Statistics;
        for (int i = 0; i < 500; i++)
        {
            Step();
        }

        MemoryStatistics end = Statistics;
        Assert.Equal(warm.InUseBytes, end.InUseBytes);
        Assert.Equal(warm.PoolMisses, end.PoolMisses);
        Assert.Equal(warm.PeakBytes, end.PeakBytes);
        Assert.Equal(warm.Leaked, end.Leaked);
    }
}
