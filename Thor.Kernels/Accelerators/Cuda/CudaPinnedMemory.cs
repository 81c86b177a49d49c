namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Page-locked host memory.</summary>
internal sealed class CudaPinnedMemory : PinnedMemory
{
    private readonly CudaAccelerator _accelerator;
    private bool _released;

    public CudaPinnedMemory(CudaAccelerator accelerator, nint address, long bytes)
        : base(address, bytes)
    {
        _accelerator = accelerator;
    }

    ~CudaPinnedMemory() => Free();

    protected override void Release() => Free();

    private void Free()
    {
        if (!_released)
        {
            _released = true;
            _accelerator.FreePinned(Address);
        }
    }
}
