namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>A block from the pool of the cpu accelerator. One that is forgotten goes back when it is collected.</summary>
internal sealed class CpuBuffer : MemoryBuffer
{
    private readonly MemoryPool _pool;
    private readonly long _blockBytes;

    private CpuBuffer(CpuAccelerator accelerator, MemoryPool pool, nint block, long blockBytes, long bytes)
        : base(accelerator, bytes, block)
    {
        _pool = pool;
        _blockBytes = blockBytes;
    }

    /// <summary>Gives the block back.</summary>
    ~CpuBuffer()
    {
        Dispose();
    }

    /// <summary>A block whose bytes are all 0xFF, so that what was not written shows.</summary>
    public static CpuBuffer Allocate(CpuAccelerator accelerator, MemoryPool pool, long bytes)
    {
        nint block = pool.Rent(bytes, out long blockBytes);
        CpuMemory.Poison(block, bytes);
        return new CpuBuffer(accelerator, pool, block, blockBytes, bytes);
    }

    /// <inheritdoc/>
    protected override void Release() => _pool.Return(HostAddress, _blockBytes);
}
