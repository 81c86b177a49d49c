using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Xunit;

namespace Thor.Tests.Devices;

public sealed class MemoryPoolTests
{
    [Theory]
    [InlineData(0, 256)]
    [InlineData(1, 256)]
    [InlineData(256, 256)]
    [InlineData(257, 512)]
    [InlineData(5000, 5120)]
    [InlineData(1 << 20, 1 << 20)]
    [InlineData((1 << 20) + 1, (1 << 20) + (1 << 18))]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void SizeClass_Bytes_IsTheNextQuarterOfAPowerOfTwo(long bytes, long expected) => Assert.Equal(expected, MemoryPool.SizeClass(bytes));

    [Fact]
    public void Rent_AfterReturnOfTheSameClass_ReusesTheBlock()
    {
        FakeSource source = new(1 << 20);
        MemoryPool pool = new(source);
        nint first = pool.Rent(1000, out long bytes);
        pool.Return(first, bytes);

        nint second = pool.Rent(900, out long again);

        Assert.Equal((first, 1024L, 1024L), (second, bytes, again));
        Assert.Equal(new AcceleratorStatistics(1024, 0, 1024, 2, 1, 0, 0, 0), pool.Statistics);
    }

    [Fact]
    public void Rent_MemorySufficesOnlyWithoutThePool_GivesPooledBlocksBackFirst()
    {
        FakeSource source = new(4096);
        MemoryPool pool = new(source);
        pool.Return(pool.Rent(2048, out long bytes), bytes);

        nint block = pool.Rent(4096, out _);

        Assert.NotEqual(0, block);
        Assert.Equal(new AcceleratorStatistics(4096, 0, 4096, 2, 2, 0, 0, 0), pool.Statistics);
        Assert.Equal(4096, source.Held);
    }

    [Fact]
    public void Rent_BeyondTheDevice_SaysAskedInUsePooledAndTotalAndStaysUsable()
    {
        FakeSource source = new(4096);
        MemoryPool pool = new(source);
        nint held = pool.Rent(1024, out long heldBytes);
        pool.Return(pool.Rent(512, out long bytes), bytes);

        DeviceException refused = Assert.Throws<DeviceException>(() => pool.Rent(3500, out _));

        Assert.Contains("fake:0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("3500 bytes were asked for", refused.Message, StringComparison.Ordinal);
        Assert.Contains("1024 bytes are in use", refused.Message, StringComparison.Ordinal);
        Assert.Contains("(512 bytes before the pool gave back what was free)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("of 4096 bytes in all", refused.Message, StringComparison.Ordinal);
        Assert.Contains("3072 bytes are free", refused.Message, StringComparison.Ordinal);
        pool.Return(held, heldBytes);
        Assert.NotEqual(0, pool.Rent(2048, out _));
    }

    [Fact]
    public void Rent_BeyondOneBlock_SaysTheLimit()
    {
        MemoryPool pool = new(new FakeSource(1 << 20) { MaxBlockBytes = 5000 });

        Assert.NotEqual(0, pool.Rent(5000, out long bytes));
        Assert.Equal(5000, bytes);
        DeviceException refused = Assert.Throws<DeviceException>(() => pool.Rent(5001, out _));
        Assert.Contains("One block may have at most 5000 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trim_FreeBlocks_GoBackToTheDevice()
    {
        FakeSource source = new(1 << 20);
        MemoryPool pool = new(source);
        nint kept = pool.Rent(300, out long keptBytes);
        pool.Return(pool.Rent(1000, out long bytes), bytes);

        pool.Trim();

        Assert.Equal((512L, 0L, 512L), (pool.Statistics.InUseBytes, pool.Statistics.PooledBytes, source.Held));
        pool.Close();
        pool.Return(kept, keptBytes);
        Assert.Equal((0L, 0L, 0L), (pool.Statistics.InUseBytes, pool.Statistics.PooledBytes, source.Held));
    }

    private sealed class FakeSource(long totalBytes) : IBlockSource
    {
        private readonly Dictionary<nint, long> _blocks = [];
        private nint _last;

        public string Name => "fake:0";

        public long TotalBytes => totalBytes;

        public long MaxBlockBytes { get; init; } = long.MaxValue;

        public long? FreeBytes => totalBytes - Held;

        public long Held => _blocks.Values.Sum();

        public nint TryAllocate(long bytes)
        {
            if (Held + bytes > totalBytes)
            {
                return 0;
            }

            _blocks.Add(++_last, bytes);
            return _last;
        }

        public void Free(nint block) => _blocks.Remove(block);
    }
}
