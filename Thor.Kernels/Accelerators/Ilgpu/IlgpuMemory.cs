using System.Collections.Concurrent;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>Memory of an ILGPU device: a block is one of ILGPU's buffers, its handle the native pointer.</summary>
internal sealed class IlgpuMemory(string name, ILGPU.Runtime.Accelerator device, AcceleratorProperties properties) : IBlockSource
{
    private readonly ConcurrentDictionary<nint, ILGPU.Runtime.MemoryBuffer> _blocks = new();

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public long TotalBytes => properties.MemoryBytes;

    /// <inheritdoc/>
    public long MaxBlockBytes => properties.MaxAllocationBytes;

    /// <inheritdoc/>
    public long? FreeBytes => null;

    /// <summary>The buffer of a handle.</summary>
    public ILGPU.Runtime.MemoryBuffer Find(nint block) => _blocks[block];

    /// <inheritdoc/>
    public nint TryAllocate(long bytes)
    {
        try
        {
            ILGPU.Runtime.MemoryBuffer buffer = device.AllocateRaw(bytes, 1);
            _blocks[buffer.NativePtr] = buffer;
            return buffer.NativePtr;
        }
        catch (Exception exception) when (IsOutOfMemory(exception))
        {
            // The pool trims, tries again, and then says how much was asked for.
            return 0;
        }
        catch (AcceleratorException exception)
        {
            throw new DeviceException($"{name}: memory could not be allocated: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Free(nint block)
    {
        if (_blocks.TryRemove(block, out ILGPU.Runtime.MemoryBuffer? buffer))
        {
            buffer.Dispose();
        }
    }

    private static bool IsOutOfMemory(Exception exception) => exception switch
    {
        OutOfMemoryException => true,
        CudaException cuda => cuda.Error == nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY),
        CLException opencl => opencl.Error is CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY,
        _ => false,
    };
}
