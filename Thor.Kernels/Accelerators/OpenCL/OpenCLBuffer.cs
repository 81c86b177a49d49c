namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>A block from the pool of an OpenCL device. One that is forgotten goes back when it is collected.</summary>
internal sealed class OpenCLBuffer : MemoryBuffer
{
    private readonly MemoryPool _pool;
    private readonly long _blockBytes;

    private OpenCLBuffer(OpenCLAccelerator accelerator, MemoryPool pool, nint block, long blockBytes, long bytes)
        : base(accelerator, bytes)
    {
        _pool = pool;
        Handle = block;
        _blockBytes = blockBytes;
    }

    /// <summary>Gives the block back.</summary>
    ~OpenCLBuffer()
    {
        Dispose();
    }

    /// <summary>The buffer object.</summary>
    public nint Handle { get; }

    /// <summary>A buffer of that many bytes.</summary>
    public static OpenCLBuffer Allocate(OpenCLAccelerator accelerator, MemoryPool pool, long bytes)
    {
        nint block = pool.Rent(bytes, out long blockBytes);
        return new OpenCLBuffer(accelerator, pool, block, blockBytes, bytes);
    }

    /// <inheritdoc/>
    protected override void Release() => _pool.Return(Handle, _blockBytes);
}
