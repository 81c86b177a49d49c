using System.Runtime.CompilerServices;

namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>Page-locked memory of an ILGPU device. What is forgotten goes back when it is collected.</summary>
internal sealed class IlgpuPinnedMemory : PinnedMemory
{
    private readonly PageLockedArray1D<byte> _memory;

    /// <summary>Memory of that many bytes.</summary>
    public IlgpuPinnedMemory(ILGPU.Runtime.Accelerator device, long bytes)
        : this(device.AllocatePageLocked1D<byte>(Math.Max(bytes, 1)), bytes)
    {
    }

    private unsafe IlgpuPinnedMemory(PageLockedArray1D<byte> memory, long bytes)
        : base((nint)Unsafe.AsPointer(ref memory[0]), bytes)
    {
        _memory = memory;
    }

    /// <inheritdoc/>
    protected override void Release() => _memory.Dispose();
}
