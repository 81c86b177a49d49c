using Thor.Engine;
using Thor.Engine.Memory;
using Xunit;

namespace Thor.Tests.Engine;

[Collection(MemoryStatisticsCollection.Name)]
public sealed class TensorScopeTests
{
    [Fact]
    public void End_DisposesAllButWhatWasKept()
    {
        Tensor kept;
        Tensor persistent;
        Tensor dropped;
        Tensor view;
        using (TensorScope scope = TensorScope.Begin())
        {
            dropped = Tensor.Ones([3]);
            kept = scope.Keep(dropped + 1.0);
            persistent = Tensor.Ones([2]).Persist();
            view = scope.Keep(dropped.Reshape(3, 1));
        }

        Assert.True(dropped.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => dropped.ToArray<float>());
        Assert.Equal([2f, 2, 2], kept.ToArray<float>());
        Assert.Equal([1f, 1], persistent.ToArray<float>());

        // A view keeps the memory of what it looks at.
        Assert.Equal([1f, 1, 1], view.ToArray<float>());
    }

    [Fact]
    public void Scopes_Nest()
    {
        Tensor inner;
        Tensor raised;
        using (TensorScope outer = TensorScope.Begin())
        {
            using (TensorScope scope = TensorScope.Begin())
            {
                inner = Tensor.Ones([1]);
                raised = scope.Keep(Tensor.Ones([1]));
            }

            Assert.True(inner.IsDisposed);
            Assert.False(raised.IsDisposed);
        }

        Assert.True(raised.IsDisposed);
    }

    [Fact]
    public void End_OutOfOrder_IsRefused()
    {
        using TensorScope outer = TensorScope.Begin();
        TensorScope inner = TensorScope.Begin();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        inner.Dispose();
    }

    [Fact]
    public void Disposal_ByHand_IsForgottenByTheScope()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Tensor.Ones([4]);
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsDisposed);
        Tensor other = Tensor.Ones([4]);
        Assert.Equal(4, other.Sum().Item());
    }

    [Fact]
    public void Memory_OverTenThousandSteps_IsFlat()
    {
        Tensor parameter = Tensor.Ones([20, 30]).Persist();

        // What earlier tests left to the collector comes back first.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Step(parameter, 0);
        Step(parameter, 1);
        MemoryStatistics before = Device.Host.Backend.Statistics;
        for (int i = 0; i < 10_000; i++)
        {
            Step(parameter, i);
        }

        MemoryStatistics after = Device.Host.Backend.Statistics;
        Assert.Equal(before.InUseBytes, after.InUseBytes);
        Assert.Equal(before.PooledBytes, after.PooledBytes);
        Assert.Equal(before.PoolMisses, after.PoolMisses);
        Assert.True(after.Allocations > before.Allocations + 50_000);
        parameter.Dispose();
    }

    [Fact]
    public void Statistics_CountWhatIsInUse()
    {
        MemoryStatistics before = Device.Host.Backend.Statistics;
        Tensor x = Tensor.Zeros([1024]);
        MemoryStatistics during = Device.Host.Backend.Statistics;
        Assert.Equal(4096, during.InUseBytes - before.InUseBytes);
        Assert.True(during.PeakBytes >= during.InUseBytes);
        x.Dispose();
        Assert.Equal(before.InUseBytes, Device.Host.Backend.Statistics.InUseBytes);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    [InlineData(1025, 1280)]
    [InlineData(4096, 4096)]
    [InlineData(5000, 5120)]
    public void SizeClass_WastesAFifthAtMost(long bytes, long block) => Assert.Equal(block, HostPool.SizeClass(bytes));

    private static void Step(Tensor parameter, int i)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Tensor.Full([10, 20], i % 7);
        Tensor y = (x.Unsqueeze(2) * parameter).Sum(1);
        Tensor shifted = (y.Transpose() + y.Mean(0).Unsqueeze(1)).Softmax();
        parameter.AddInPlace(shifted.Mean(), -1e-6);
    }
}
