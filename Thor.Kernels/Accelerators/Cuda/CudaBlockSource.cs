namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Blocks of device memory from the driver.</summary>
internal sealed unsafe class CudaBlockSource : IBlockSource
{
    private readonly CudaAccelerator _accelerator;

    public CudaBlockSource(CudaAccelerator accelerator)
    {
        _accelerator = accelerator;
    }

    public string Name => $"{_accelerator.Name} ({_accelerator.Properties.DeviceName})";

    public long TotalBytes => _accelerator.Properties.MemoryBytes;

    public long MaxBlockBytes => _accelerator.Properties.MaxAllocationBytes;

    public long? FreeBytes
    {
        get
        {
            nuint free = 0;
            nuint total = 0;
            return _accelerator.TryEnter() && _accelerator.Driver.Api.MemGetInfo(&free, &total) == CudaResult.Success ? (long)free : null;
        }
    }

    public nint TryAllocate(long bytes)
    {
        _accelerator.Enter();
        nint block = 0;
        using RelaxedCapture relaxed = new(_accelerator.Driver.Api);
        CudaResult result = _accelerator.Driver.Api.MemAlloc(&block, (nuint)bytes);
        if (result == CudaResult.OutOfMemory)
        {
            return 0;
        }

        _accelerator.Check(result, "cuMemAlloc");
        return block;
    }

    public void Free(nint block)
    {
        // Waits for work that uses the block. From finalizers and from Dispose, so an answer is not looked at: see CudaAccelerator.Release.
        if (_accelerator.TryEnter())
        {
            using RelaxedCapture relaxed = new(_accelerator.Driver.Api);
            _accelerator.Driver.Api.MemFree(block);
        }
    }
}
