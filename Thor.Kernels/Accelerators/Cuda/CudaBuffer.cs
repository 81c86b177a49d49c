namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>A block of a CUDA device's memory. One that is forgotten goes back when it is collected.</summary>
internal sealed class CudaBuffer : MemoryBuffer
{
    private readonly CudaMemory _memory;
    private readonly long _blockBytes;

    private CudaBuffer(CudaAccelerator accelerator, nint block, long blockBytes, long bytes)
        : base(accelerator, bytes)
    {
        _memory = accelerator.DeviceMemory;
        Address = block;
        _blockBytes = blockBytes;
    }

    /// <summary>Gives the block back; an owner's finalizer may have done so before, or will try to.</summary>
    ~CudaBuffer() => Dispose();

    /// <summary>Address of the first byte on the device.</summary>
    public nint Address { get; }

    /// <summary>A buffer of that many bytes.</summary>
    public static CudaBuffer Allocate(CudaAccelerator accelerator, long bytes)
    {
        nint block = accelerator.DeviceMemory.Rent(bytes, out long blockBytes);
        return new CudaBuffer(accelerator, block, blockBytes, bytes);
    }

    protected override void Release() => _memory.Return(Address, _blockBytes);
}
