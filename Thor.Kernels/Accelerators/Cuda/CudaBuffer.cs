namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>A block of a CUDA device's memory.</summary>
internal sealed class CudaBuffer : MemoryBuffer
{
    private readonly CudaMemory _memory;
    private readonly long _blockBytes;

    public CudaBuffer(CudaAccelerator accelerator, CudaMemory memory, long bytes)
        : base(accelerator, bytes)
    {
        _memory = memory;
        Address = memory.Rent(bytes, out _blockBytes);
    }

    ~CudaBuffer()
    {
        // An allocation that failed in the constructor left nothing to give back.
        if (Address != 0 && !IsDisposed)
        {
            _memory.Return(Address, _blockBytes);
        }
    }

    /// <summary>Address of the first byte on the device.</summary>
    public nint Address { get; }

    protected override void Release() => _memory.Return(Address, _blockBytes);
}
