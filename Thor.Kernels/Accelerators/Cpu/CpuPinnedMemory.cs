namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>Memory from the pool of the cpu accelerator: all of it can be copied from and to.</summary>
internal sealed class CpuPinnedMemory : PinnedMemory
{
    private readonly CpuMemoryPool _pool;
    private int _released;

    public CpuPinnedMemory(CpuMemoryPool pool, long bytes)
        : base(pool.Rent(bytes), bytes)
    {
        _pool = pool;
    }

    /// <summary>Gives the memory back.</summary>
    ~CpuPinnedMemory()
    {
        // Null where the constructor failed.
        _pool?.Return(Address, LengthInBytes);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _pool.Return(Address, LengthInBytes);
        }
    }
}
