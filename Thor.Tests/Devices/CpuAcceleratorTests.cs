using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Xunit;
using static Thor.Tests.Devices.CpuTestKernels;

namespace Thor.Tests.Devices;

[Collection(DeviceStatisticsCollection.Name)]
public sealed class CpuAcceleratorTests : IDisposable
{
    private readonly Accelerator _cpu = Accelerator.Open("cpu");

    public void Dispose() => _cpu.Dispose();

    [Fact]
    public void Discover_Cpu_IsListedWithItsProperties()
    {
        AcceleratorDescription cpu = Assert.Single(Accelerator.Discover(), description => description.Name == "cpu");
        Assert.NotNull(cpu.Properties);
        Assert.True(cpu.Properties.IsProcessor);
        Assert.NotEmpty(cpu.Properties.DeviceName);
        Assert.Equal(Environment.ProcessorCount, cpu.Properties.Multiprocessors);
        Assert.True(cpu.Properties.MemoryBytes > 0);
    }

    [Theory]
    [InlineData("cpu:1")]
    [InlineData("cpu:x")]
    [InlineData("gpu")]
    public void Open_NoSuchDevice_SaysSo(string name) =>
        Assert.Contains(name, Assert.Throws<DeviceException>(() => Accelerator.Open(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(10_007)]
    public void Launch_OneThreadPerElement_ReachesEveryElementOnce(int length)
    {
        float[] x = [.. Enumerable.Range(0, length).Select(i => (float)i)];
        using MemoryBuffer<float> xs = _cpu.Allocate(x);
        using MemoryBuffer<float> ys = _cpu.Allocate(x);
        _cpu.Stream.Launch(KernelConfig.Cover(length, 64), new Axpy(xs.View, ys.View, 2f));
        Assert.Equal(x.Select(value => 3 * value), ys.ToArray());
        Assert.Equal(1, _cpu.Statistics.Launches);
    }

    [Fact]
    public void Launch_ThreeAxes_EveryThreadKnowsItsPlace()
    {
        Index3D grid = (2, 3, 2);
        Index3D group = (3, 2, 4);
        using MemoryBuffer<int> seen = _cpu.Allocate(new int[grid.Size * group.Size]);
        _cpu.Stream.Launch(new KernelConfig(grid, group), new Through(seen.View, view =>
        {
            int g = (((Grid.IdxZ * Grid.DimY) + Grid.IdxY) * Grid.DimX) + Grid.IdxX;
            view[(g * 24) + Group.LinearIndex] += 1000 + (100 * Group.IdxZ) + (10 * Group.IdxY) + Group.IdxX;
        }));
        int[] expected = [.. from g in Enumerable.Range(0, 12) from z in Enumerable.Range(0, 4) from y in Enumerable.Range(0, 2) from x in Enumerable.Range(0, 3) select 1000 + (100 * z) + (10 * y) + x];
        Assert.Equal(expected, seen.ToArray());
    }

    [Fact]
    public void Launch_GridOfNothing_DoesNothing()
    {
        using MemoryBuffer<int> buffer = _cpu.Allocate<int>(1);
        _cpu.Stream.Launch(KernelConfig.Cover(0, 64), new Through(buffer.View, _ => throw new InvalidOperationException()));
        Assert.Equal(0, _cpu.Statistics.Launches);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(128)]
    public void Launch_TiledProductOfIntegers_IsExact(int n)
    {
        float[] a = [.. Enumerable.Range(0, n * n).Select(i => (float)(i * 7 % 11) - 5)];
        float[] b = [.. Enumerable.Range(0, n * n).Select(i => (float)(i * 5 % 13) - 6)];
        using MemoryBuffer<float> left = _cpu.Allocate(a);
        using MemoryBuffer<float> right = _cpu.Allocate(b);
        using MemoryBuffer<float> product = _cpu.Allocate<float>(n * n);
        _cpu.Stream.Launch(new KernelConfig((n / 16, n / 16), (16, 16)), new TiledProduct(left.View, right.View, product.View, n));
        float[] expected = new float[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                for (int j = 0; j < n; j++)
                {
                    expected[(i * n) + j] += a[(i * n) + k] * b[(k * n) + j];
                }
            }
        }

        Assert.Equal(expected, product.ToArray());
    }

    [Fact]
    public void Launch_KernelWithoutBarriers_AllocatesNothing()
    {
        using MemoryBuffer<float> x = _cpu.Allocate(new float[1000]);
        using MemoryBuffer<float> y = _cpu.Allocate(new float[1000]);
        Axpy kernel = new(x.View, y.View, 2f);
        for (int i = 0; i < 20; i++)
        {
            _cpu.Stream.Launch(KernelConfig.Cover(1000, 64), kernel);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        _cpu.Stream.Launch(KernelConfig.Cover(1000, 64), kernel);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Launch_GroupTooLarge_IsRefusedWithTheNumbers()
    {
        using MemoryBuffer<int> buffer = _cpu.Allocate<int>(1);
        ArgumentException error = Assert.Throws<ArgumentException>(() => _cpu.Stream.Launch(new KernelConfig(1, 2048), new Through(buffer.View, _ => { })));
        Assert.Contains("2048 x 1 x 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("1024", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_ViewOfAnotherDevice_IsRefused()
    {
        using Accelerator other = Accelerator.Open("cpu");
        using MemoryBuffer<int> buffer = other.Allocate<int>(1);
        Assert.Contains("argument 0", Assert.Throws<ArgumentException>(() => _cpu.Stream.Launch(new KernelConfig(1, 1), new Through(buffer.View, _ => { }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_ViewOfDisposedBuffer_IsRefused()
    {
        MemoryBuffer<int> buffer = _cpu.Allocate<int>(1);
        buffer.Dispose();
        Assert.Contains("disposed", Assert.Throws<ArgumentException>(() => _cpu.Stream.Launch(new KernelConfig(1, 1), new Through(buffer.View, _ => { }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_DeviceDisposed_IsRefused()
    {
        Accelerator closed = Accelerator.Open("cpu");
        MemoryBuffer<int> buffer = closed.Allocate<int>(1);
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => closed.Stream.Launch(new KernelConfig(1, 1), new Through(buffer.View, _ => { })));
        Assert.Throws<ObjectDisposedException>(() => closed.Allocate<int>(1));
        buffer.Dispose();
        Assert.Equal(0, closed.Statistics.InUseBytes);
    }

    [Fact]
    public void Allocate_ReturnedBlock_IsUsedAgainAndPoisoned()
    {
        MemoryBuffer<int> first = _cpu.Allocate([1, 2, 3]);
        first.Dispose();
        first.Dispose();
        using MemoryBuffer<int> second = _cpu.Allocate<int>(3);
        Assert.Equal([-1, -1, -1], second.ToArray());
        AcceleratorStatistics statistics = _cpu.Statistics;
        Assert.Equal(2, statistics.Allocations);
        Assert.Equal(1, statistics.PoolMisses);
        Assert.Equal(0, statistics.PooledBytes);
        Assert.Equal(256, statistics.InUseBytes);
    }

    [Fact]
    public void Trim_PooledBlocks_AreGivenBack()
    {
        _cpu.Allocate<int>(1000).Dispose();
        Assert.True(_cpu.Statistics.PooledBytes >= 4000);
        _cpu.Trim();
        Assert.Equal(0, _cpu.Statistics.PooledBytes);
    }

    [Fact]
    public void Allocate_MoreThanThereIs_SaysHowMuchAndTheDeviceGoesOn()
    {
        using MemoryBuffer<int> held = _cpu.Allocate<int>(16);
        DeviceException error = Assert.Throws<DeviceException>(() => _cpu.Allocate(long.MaxValue / 2));
        Assert.Contains("MiB were asked for; 256 bytes are in use", error.Message, StringComparison.Ordinal);
        using MemoryBuffer<int> next = _cpu.Allocate([5]);
        Assert.Equal([5], next.ToArray());
    }

    [Fact]
    public void Copies_BetweenHostPinnedAndDevice_MoveTheBytesAsked()
    {
        using MemoryBuffer<int> a = _cpu.Allocate([1, 2, 3, 4]);
        using MemoryBuffer<int> b = _cpu.Allocate([0, 0, 0, 0]);
        _cpu.Stream.Copy(a.Buffer, 4, b.Buffer, 8, 8);
        Assert.Equal([0, 0, 2, 3], b.ToArray());
        using PinnedMemory pinned = _cpu.AllocatePinned(8);
        BitConverter.TryWriteBytes(pinned.Span[4..], 9);
        _cpu.Stream.Upload(pinned, 4, b.Buffer, 0, 4);
        Assert.Equal([9, 0, 2, 3], b.ToArray());
        _cpu.Stream.Clear(b.Buffer, 8, 4);
        Assert.Equal([9, 0, 0, 3], b.ToArray());
        Assert.Equal(3, _cpu.Statistics.Uploads);
        Assert.Equal(3, _cpu.Statistics.Downloads);
    }

    [Fact]
    public void Copies_OutsideTheBuffer_AreRefusedWithTheNumbers()
    {
        using MemoryBuffer<int> buffer = _cpu.Allocate<int>(4);
        byte[] bytes = new byte[12];
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => _cpu.Stream.Upload(bytes, buffer.Buffer, 8));
        Assert.Contains("12 bytes from byte 8 do not lie inside a buffer of 16 bytes", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _cpu.Stream.Download(buffer.Buffer, -4, bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => _cpu.Stream.Clear(buffer.Buffer, 0, 17));
        Assert.Throws<ArgumentOutOfRangeException>(() => _cpu.Stream.Copy(buffer.Buffer, 0, buffer.Buffer, 8, 12));
        using PinnedMemory pinned = _cpu.AllocatePinned(8);
        Assert.Throws<ArgumentOutOfRangeException>(() => _cpu.Stream.Upload(pinned, 4, buffer.Buffer, 0, 8));
    }

    [Fact]
    public void Copies_BufferOfAnotherDevice_AreRefused()
    {
        using Accelerator other = Accelerator.Open("cpu");
        using MemoryBuffer<int> foreign = other.Allocate<int>(1);
        Assert.Throws<ArgumentException>(() => _cpu.Stream.Clear(foreign.Buffer, 0, 4));
    }

    [Fact]
    public void Events_InOrder_TimeRuns()
    {
        using AcceleratorStream stream = _cpu.CreateStream();
        using AcceleratorEvent start = stream.Record();
        using AcceleratorEvent end = stream.Record();
        stream.WaitFor(start);
        end.Synchronize();
        Assert.True(end.IsComplete);
        Assert.True(end.MillisecondsSince(start) >= 0);
        Assert.True(start.MillisecondsSince(end) <= 0);
        Assert.Null(stream.Capture(() => { }));
    }
}
