namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>A block from the pool of an ILGPU device. One that is forgotten goes back when it is collected.</summary>
internal sealed class IlgpuBuffer : MemoryBuffer
{
    private readonly MemoryPool _pool;
    private readonly nint _handle;
    private readonly long _blockBytes;

    private IlgpuBuffer(IlgpuAccelerator accelerator, MemoryPool pool, nint handle, long blockBytes, long bytes)
        : base(accelerator, bytes)
    {
        _pool = pool;
        _handle = handle;
        _blockBytes = blockBytes;
        Block = accelerator.Blocks.Find(handle);
    }

    /// <summary>Gives the block back.</summary>
    ~IlgpuBuffer()
    {
        Dispose();
    }

    /// <summary>ILGPU's buffer.</summary>
    public ILGPU.Runtime.MemoryBuffer Block { get; }

    /// <summary>A buffer of that many bytes.</summary>
    public static IlgpuBuffer Allocate(IlgpuAccelerator accelerator, MemoryPool pool, long bytes)
    {
        nint handle = pool.Rent(bytes, out long blockBytes);
        return new IlgpuBuffer(accelerator, pool, handle, blockBytes, bytes);
    }

    /// <inheritdoc/>
    protected override void Release() => _pool.Return(_handle, _blockBytes);
}
