namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>Memory from the pool of the cpu accelerator: all of it can be copied from and to. What is forgotten goes back when it is collected.</summary>
internal sealed class CpuPinnedMemory : PinnedMemory
{
    private readonly MemoryPool _pool;
    private readonly long _blockBytes;
    private int _released;

    private CpuPinnedMemory(MemoryPool pool, nint block, long blockBytes, long bytes)
        : base(block, bytes)
    {
        _pool = pool;
        _blockBytes = blockBytes;
    }

    /// <summary>Gives the memory back.</summary>
    ~CpuPinnedMemory()
    {
        Release();
    }

    /// <summary>A block, contents undefined.</summary>
    public static CpuPinnedMemory Allocate(MemoryPool pool, long bytes)
    {
        nint block = pool.Rent(bytes, out long blockBytes);
        return new CpuPinnedMemory(pool, block, blockBytes, bytes);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _pool.Return(Address, _blockBytes);
        }
    }
}
