namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>A block from the pool of the cpu accelerator. One that is forgotten goes back when it is collected.</summary>
internal sealed class CpuBuffer : MemoryBuffer
{
    private readonly CpuMemoryPool _pool;

    public CpuBuffer(CpuAccelerator accelerator, CpuMemoryPool pool, long bytes)
        : base(accelerator, bytes, pool.Rent(bytes))
    {
        _pool = pool;
    }

    /// <summary>Gives the block back.</summary>
    ~CpuBuffer()
    {
        // Null where the constructor failed.
        _pool?.Return(HostAddress, LengthInBytes);
    }

    /// <inheritdoc/>
    protected override void Release() => _pool.Return(HostAddress, LengthInBytes);
}
