using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Xunit;
using static Thor.Tests.Devices.ContractKernels;

namespace Thor.Tests.Devices;

/// <summary>What holds for every kind of device.</summary>
[Collection(DeviceStatisticsCollection.Name)]
public sealed class AcceleratorContractTests
{
    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Discover_OpenDevice_IsListedWithSaneProperties(string kind)
    {
        Accelerator device = TestDevices.Require(kind);

        AcceleratorProperties p = device.Properties;
        Assert.StartsWith(kind, device.Name, StringComparison.Ordinal);
        Assert.Contains(Accelerator.Discover(), found => found.Name == device.Name && found.Properties is not null && found.Reason is null);
        Assert.NotEmpty(p.DeviceName);
        Assert.NotEmpty(p.Driver);
        Assert.InRange(p.MemoryBytes, 1 << 24, long.MaxValue);
        Assert.InRange(p.MaxAllocationBytes, 1 << 24, p.MemoryBytes);
        Assert.InRange(p.MaxSharedBytes, 16 << 10, int.MaxValue);
        Assert.InRange(p.MaxGroupThreads, 256, int.MaxValue);
        Assert.InRange(p.Multiprocessors, 1, int.MaxValue);
        Assert.InRange(p.WarpSize, 1, 128);
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Open_NoSuchNumber_SaysWhatThereIs(string kind)
    {
        TestDevices.Require(kind);

        DeviceException refused = Assert.Throws<DeviceException>(() => Accelerator.Open(kind + ":999"));

        Assert.Contains(kind + ":999", refused.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void CopyFromAndToArray_AnyLength_GiveTheSameBytes(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        foreach (int length in (int[])[0, 1, 7, 64, 1009, 100_003, (3 << 20) + 1])
        {
            int[] data = [.. Enumerable.Range(0, length).Select(static i => (i * 7919) ^ i)];
            using MemoryBuffer<int> buffer = device.Allocate(data);

            Assert.Equal(data, buffer.ToArray());
        }
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Upload_SourceChangedAfterwards_CopiesWhatItWas(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        int[] data = new int[30_000];
        MemoryBuffer<int>[] buffers = new MemoryBuffer<int>[2000];
        for (int i = 0; i < buffers.Length; i++)
        {
            // Many small ones in a row, and some large ones.
            int length = i % 500 < 300 ? 1 + (i % 3) : 1 + (i * 617 % data.Length);
            Array.Fill(data, i);
            buffers[i] = device.Allocate<int>(length);
            buffers[i].CopyFrom(data.AsSpan(0, length));
        }

        for (int i = 0; i < buffers.Length; i++)
        {
            int[] back = buffers[i].ToArray();
            Assert.Equal((i, i), (back[0], back[^1]));
            buffers[i].Dispose();
        }
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void CopyAndClear_Ranges_ChangeNothingElse(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        byte[] data = [.. Enumerable.Range(0, 4096).Select(static i => (byte)(1 + (i % 251)))];
        byte[] expected = [.. data];
        using MemoryBuffer<byte> from = device.Allocate(data);
        using MemoryBuffer<byte> to = device.Allocate(data);
        foreach ((int offset, int bytes) in ((int, int)[])[(0, 16), (32, 64), (100, 4), (205, 1), (300, 33), (999, 0), (4000, 96)])
        {
            device.Stream.Clear(to.Buffer, offset, bytes);
            expected.AsSpan(offset, bytes).Clear();
        }

        device.Stream.Copy(from.Buffer, 17, to.Buffer, 1001, 777);
        data.AsSpan(17, 777).CopyTo(expected.AsSpan(1001));

        Assert.Equal(expected, to.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Upload_PinnedMemory_CopiesItsRange(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using PinnedMemory pinned = device.AllocatePinned(10_000);
        for (int i = 0; i < pinned.Span.Length; i++)
        {
            pinned.Span[i] = (byte)i;
        }

        using MemoryBuffer<byte> buffer = device.Allocate(new byte[10_000]);
        device.Stream.Upload(pinned, 100, buffer.Buffer, 50, 9000);
        byte[] back = buffer.ToArray();

        Assert.Equal([.. new byte[50], .. Enumerable.Range(100, 9000).Select(static i => (byte)i), .. new byte[950]], back);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Stream.Upload(pinned, 9000, buffer.Buffer, 0, 1001));
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Transfers_BeyondTheBuffer_AreRefusedWithTheNumbers(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer buffer = device.Allocate(100);
        byte[] host = new byte[64];

        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => device.Stream.Upload(host, buffer, 37));

        Assert.Contains("64 bytes from byte 37", refused.Message, StringComparison.Ordinal);
        Assert.Contains("100 bytes", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Stream.Download(buffer, -1, host));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Stream.Clear(buffer, 0, 101));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Stream.Copy(buffer, 0, buffer, 90, 11));
        Assert.Contains("overlap", Assert.Throws<ArgumentException>(() => device.Stream.Copy(buffer, 0, buffer, 10, 11)).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_ViewsAtOffsets_ReachTheirElementsOnly(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        float[] x = [.. Enumerable.Range(0, 1000).Select(static i => (float)i)];
        using MemoryBuffer<float> xs = device.Allocate(x);
        using MemoryBuffer<float> ys = device.Allocate(new float[1000]);

        device.Stream.Launch(KernelConfig.Cover(701, 64), new Axpy(xs.View.SubView(3), ys.View.SubView(101, 701), 2));
        device.Stream.Launch(KernelConfig.Cover(701, 64), new Axpy(xs.View.SubView(3), ys.View.SubView(101, 701), 1));

        Assert.Equal([.. new float[101], .. Enumerable.Range(3, 701).Select(static i => 3f * i), .. new float[198]], ys.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_SpecializedValues_EachHasItsOwnVariant(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<int> y = device.Allocate(new int[8]);
        device.Compile(Constant.Source, [3, 4]);
        foreach ((int first, int second) in ((int, int)[])[(3, 4), (5, 1), (3, 4), (4, 3)])
        {
            device.Stream.Launch(new KernelConfig(2, 4), new Constant(y.View, SpecializedValue.New(first), SpecializedValue.New(second)));

            Assert.Equal(Enumerable.Repeat(first + second, 8), y.ToArray());
        }

        Assert.Throws<ArgumentException>(() => device.Compile(Constant.Source, [3]));
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_DynamicSharedMemory_IsAsLargeAsTheLaunchSays(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<int> y = device.Allocate([.. Enumerable.Range(0, 96)]);

        device.Stream.Launch(new KernelConfig(3, 32, 32 * sizeof(int)), new Reverse(y.View));

        Assert.Equal(Enumerable.Range(0, 96).Select(static i => (i / 32 * 32) + 31 - (i % 32)), y.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_NumbersStructuresAndEmptyViews_ArriveAsTheyAre(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<long> y = device.Allocate(new long[9]);

        device.Stream.Launch(
            new KernelConfig(1, 1), new Arguments(y.View, true, -5, uint.MaxValue, long.MinValue, ulong.MaxValue, 1234.5f, new Pair(17, 18.25f), ArrayView<float>.Empty));

        Assert.Equal([1, -5, uint.MaxValue, long.MinValue, -1, 1234, 17, 18, 0], y.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_BeyondTheLimits_IsRefusedWithTheNumbers(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        AcceleratorProperties limits = device.Properties;
        long before = device.Statistics.Launches;

        ArgumentException refused = Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(1, 65), new Empty(0)));

        Assert.Contains("65 x 1 x 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("64", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ContractEmpty", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(1, 0), new Empty(0)));
        Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(-1, 1), new Empty(0)));
        Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig((1, 1, 65536), 1), new Empty(0)));
        Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(1, 1, limits.MaxSharedBytes + 1), new Empty(0)));
        Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(1, limits.MaxGroupThreads + 1), new Reverse(default)));
        Assert.Equal(before, device.Statistics.Launches);
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_NoGroups_DoesNothing(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        long before = device.Statistics.Launches;

        device.Stream.Launch(new KernelConfig(0, 32), new Empty(0));

        Assert.Equal(before, device.Statistics.Launches);
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_ViewOfDisposedBufferOrOtherDevice_IsRefusedWithBothNames(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using Accelerator other = Accelerator.Open("cpu");
        using MemoryBuffer<float> mine = device.Allocate<float>(8);
        using MemoryBuffer<float> foreign = other.Allocate<float>(8);
        MemoryBuffer<float> gone = device.Allocate<float>(8);
        gone.Dispose();

        ArgumentException mixed = Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(1, 8), new Axpy(mine.View, foreign.View, 1)));
        ArgumentException disposed = Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(1, 8), new Axpy(gone.View, mine.View, 1)));

        Assert.Contains(device.Name, mixed.Message, StringComparison.Ordinal);
        Assert.Contains("memory of cpu", mixed.Message, StringComparison.Ordinal);
        Assert.Contains("argument 1", mixed.Message, StringComparison.Ordinal);
        Assert.Contains("argument 0", disposed.Message, StringComparison.Ordinal);
        Assert.Contains("disposed", disposed.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => device.Stream.Copy(foreign.Buffer, 0, mine.Buffer, 0, 8));
        Assert.Throws<ObjectDisposedException>(() => device.Stream.Clear(gone.Buffer, 0, 8));
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_Again_AllocatesNothingOnTheManagedHeap(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<float> x = device.Allocate(new float[256]);
        using MemoryBuffer<float> y = device.Allocate(new float[256]);
        using MemoryBuffer<int> z = device.Allocate(new int[256]);
        Launches(device.Stream, x.View, y.View, z.View, 3);
        device.Synchronize();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Launches(device.Stream, x.View, y.View, z.View, 100);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        device.Synchronize();
        Assert.Equal(0, allocated);
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Statistics_LaunchesAndCopies_AreCounted(string kind)
    {
        TestDevices.Require(kind);
        using Accelerator device = Accelerator.Open(kind);
        using MemoryBuffer<float> x = device.Allocate(new float[256]);
        using MemoryBuffer<float> y = device.Allocate(new float[256]);
        Launches(device.Stream, x.View, y.View, default, 1);
        _ = y.ToArray();

        AcceleratorStatistics seen = device.Statistics;

        Assert.Equal((3L, 2L, 1L), (seen.Launches, seen.Uploads, seen.Downloads));
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Allocate_DisposeTrim_AreCounted(string kind)
    {
        TestDevices.Require(kind);
        using Accelerator device = Accelerator.Open(kind);
        AcceleratorStatistics start = device.Statistics;
        MemoryBuffer first = device.Allocate(5000);
        AcceleratorStatistics held = device.Statistics;
        first.Dispose();
        first.Dispose();
        AcceleratorStatistics pooled = device.Statistics;
        using MemoryBuffer second = device.Allocate(4700);
        AcceleratorStatistics again = device.Statistics;
        device.Trim();

        Assert.Equal(5000, first.LengthInBytes);
        Assert.Equal((5120, 1, 1), (held.InUseBytes - start.InUseBytes, held.Allocations - start.Allocations, held.PoolMisses - start.PoolMisses));
        Assert.Equal((0, 5120), (pooled.InUseBytes - start.InUseBytes, pooled.PooledBytes - start.PooledBytes));
        Assert.Equal((2, 1), (again.Allocations - start.Allocations, again.PoolMisses - start.PoolMisses));
        Assert.Equal(0, device.Statistics.PooledBytes);
    }

    [Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Allocate_BeyondTheDevice_SaysTheNumbersAndLeavesTheDeviceUsable(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<int> before = device.Allocate([1, 2, 3]);

        DeviceException refused = Assert.Throws<DeviceException>(() => device.Allocate(1L << 50));

        Assert.Contains(device.Name, refused.Message, StringComparison.Ordinal);
        Assert.Contains("1073741824.0 MiB were asked for", refused.Message, StringComparison.Ordinal);
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
        Assert.Contains("pooled", refused.Message, StringComparison.Ordinal);
        using MemoryBuffer<int> after = device.Allocate([4, 5]);
        Assert.Equal([4, 5], after.ToArray());
        Assert.Equal([1, 2, 3], before.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate(-1));
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Events_InOrder_CompleteAndMeasure(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<float> x = device.Allocate(new float[1 << 16]);
        using MemoryBuffer<float> y = device.Allocate(new float[1 << 16]);
        using AcceleratorEvent first = device.Stream.RecordTimed();
        for (int i = 0; i < 20; i++)
        {
            device.Stream.Launch(KernelConfig.Cover(1 << 16, 64), new Axpy(x.View, y.View, 1));
        }

        using AcceleratorEvent second = device.Stream.RecordTimed();
        using AcceleratorEvent third = device.Stream.Record();

        double milliseconds = second.MillisecondsSince(first);
        third.Synchronize();

        Assert.InRange(milliseconds, double.Epsilon, 60_000);
        Assert.True(first.IsComplete && second.IsComplete && third.IsComplete);
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void WaitFor_EventOfAnotherStream_OrdersTheWork(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        const int Length = 1 << 16;
        using MemoryBuffer<float> one = device.Allocate([.. Enumerable.Repeat(1f, Length)]);
        using MemoryBuffer<float> sum = device.Allocate(new float[Length]);
        using AcceleratorStream side = device.CreateStream();
        for (int round = 0; round < 10; round++)
        {
            using AcceleratorEvent here = device.Stream.Record();
            side.WaitFor(here);
            side.Launch(KernelConfig.Cover(Length, 64), new Axpy(one.View, sum.View, 1));
            using AcceleratorEvent there = side.Record();
            device.Stream.WaitFor(there);
            device.Stream.Launch(KernelConfig.Cover(Length, 64), new Axpy(one.View, sum.View, 1));
        }

        side.Synchronize();
        Assert.Equal(Enumerable.Repeat(20f, Length), sum.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Launch_FromSeveralThreads_MixesNoArguments(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        const int Threads = 4;
        MemoryBuffer<float>[] x = [.. Enumerable.Range(0, Threads).Select(t => device.Allocate([.. Enumerable.Repeat((float)t, 64)]))];
        MemoryBuffer<float>[] y = [.. Enumerable.Range(0, Threads).Select(_ => device.Allocate(new float[64]))];
        Parallel.For(0, Threads, t =>
        {
            for (int i = 0; i < 100; i++)
            {
                device.Stream.Launch(KernelConfig.Cover(64, 32), new Axpy(x[t].View, y[t].View, 1));
            }
        });

        for (int t = 0; t < Threads; t++)
        {
            Assert.Equal(Enumerable.Repeat(100f * t, 64), y[t].ToArray());
            x[t].Dispose();
            y[t].Dispose();
        }
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Dispose_Device_RefusesFurtherWork(string kind)
    {
        TestDevices.Require(kind);
        Accelerator device = Accelerator.Open(kind);
        MemoryBuffer<int> buffer = device.Allocate([1, 2, 3]);
        device.Dispose();
        device.Dispose();

        Assert.Throws<ObjectDisposedException>(() => device.Allocate(16));
        buffer.Dispose();
        Assert.Equal(0, device.Statistics.InUseBytes);
    }

    private static void Launches(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, ArrayView<int> z, int rounds)
    {
        KernelConfig config = KernelConfig.Cover(256, 32);
        for (int i = 0; i < rounds; i++)
        {
            stream.Launch(config, new Axpy(x, y, 0.5f));
            stream.Launch(new KernelConfig(1, 1), new Empty(i));
            if (z.IsValid)
            {
                stream.Launch(config, new Constant(z, new SpecializedValue<int>(2), new SpecializedValue<int>(1 + (i % 2))));
            }
            else
            {
                stream.Launch(config, new Axpy(y, x, 0.5f));
            }
        }
    }
}
