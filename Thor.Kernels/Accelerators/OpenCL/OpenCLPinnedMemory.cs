using System.Runtime.InteropServices;
using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>
/// Host memory for copies: a host buffer of the driver that stays mapped, or whole pages where the device is the processor itself or
/// its driver has no more.
/// </summary>
internal sealed unsafe class OpenCLPinnedMemory : PinnedMemory
{
    private const ulong ReadWriteInHostMemory = 1 | (1 << 4);
    private const ulong MapReadWrite = 1 | 2;
    private const int PageBytes = 4096;

    private readonly OpenCLAccelerator _accelerator;
    private readonly nint _buffer;
    private int _released;

    private OpenCLPinnedMemory(OpenCLAccelerator accelerator, nint address, nint buffer, long bytes)
        : base(address, bytes)
    {
        _accelerator = accelerator;
        _buffer = buffer;
    }

    /// <summary>Gives the memory back.</summary>
    ~OpenCLPinnedMemory()
    {
        Release();
    }

    /// <summary>Memory of that many bytes.</summary>
    public static OpenCLPinnedMemory Allocate(OpenCLAccelerator accelerator, long bytes)
    {
        if (!accelerator.Properties.IsProcessor && bytes > 0)
        {
            int code;
            nint buffer = CreateBuffer(accelerator.Context, ReadWriteInHostMemory, (nuint)bytes, null, &code);
            if (code == 0)
            {
                void* mapped = EnqueueMap(accelerator.MainQueue, buffer, 1, MapReadWrite, 0, (nuint)bytes, 0, null, null, &code);
                if (code == 0)
                {
                    return new OpenCLPinnedMemory(accelerator, (nint)mapped, buffer, bytes);
                }

                _ = ReleaseBuffer(buffer);
            }
        }

        nuint pages = (nuint)((Math.Max(bytes, 1) + PageBytes - 1) / PageBytes * PageBytes);
        return new OpenCLPinnedMemory(accelerator, (nint)NativeMemory.AlignedAlloc(pages, PageBytes), 0, bytes);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        // Copies may be under way. Of a lost device there is nothing to wait for.
        _accelerator.Drain();
        Free();
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
        {
            return;
        }

        if (_buffer == 0)
        {
            NativeMemory.AlignedFree((void*)Address);
            return;
        }

        if (!_accelerator.IsDisposed)
        {
            _ = EnqueueUnmap(_accelerator.MainQueue, _buffer, (void*)Address, 0, null, null);
        }

        _ = ReleaseBuffer(_buffer);
    }
}
