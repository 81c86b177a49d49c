using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>Memory of an OpenCL device: a block is a buffer object.</summary>
internal sealed unsafe class OpenCLMemory(string name, nint context, nint queue, AcceleratorProperties properties) : IBlockSource
{
    private const ulong ReadWrite = 1;
    private const ulong ContentUndefined = 2;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public long TotalBytes => properties.MemoryBytes;

    /// <inheritdoc/>
    public long MaxBlockBytes => properties.MaxAllocationBytes;

    /// <inheritdoc/>
    public long? FreeBytes => null;

    /// <inheritdoc/>
    public nint TryAllocate(long bytes)
    {
        nint block = Create(bytes);
        if (block == 0)
        {
            // What was given back before is freed when the work that uses it is done.
            OpenCLError.Require(Finish(queue), name, "clFinish");
            block = Create(bytes);
        }

        return block;
    }

    /// <inheritdoc/>
    public void Free(nint block) => _ = ReleaseBuffer(block);

    private nint Create(long bytes)
    {
        int code;
        nint block = CreateBuffer(context, ReadWrite, (nuint)bytes, null, &code);
        if (code == 0)
        {
            // Drivers wait with allocating until a buffer is first used, where a failure would hit a launch. This is the first use.
            code = EnqueueMigrate(queue, 1, &block, ContentUndefined, 0, null, null);
            if (code == 0)
            {
                return block;
            }

            _ = ReleaseBuffer(block);
        }

        return OpenCLError.IsOutOfMemory(code) ? 0 : Throw(code, bytes);
    }

    private nint Throw(int code, long bytes)
    {
        OpenCLError.Throw(code, name, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"clCreateBuffer of {bytes} bytes"));
        return 0;
    }
}
