using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>A block of memory of a running kernel: on the pinned heap, so that it is collected with what refers to it.</summary>
internal sealed class KernelMemory : MemoryBuffer
{
    /// <summary>What blocks and arrays in them begin at a multiple of.</summary>
    public const int Alignment = 64;

    private readonly byte[] _bytes;
    private readonly int _first;

    private KernelMemory(byte[] bytes, int first, int length)
        : base(null, length, Marshal.UnsafeAddrOfPinnedArrayElement(bytes, first))
    {
        _bytes = bytes;
        _first = first;
    }

    /// <summary>A block of at least that many bytes.</summary>
    public static KernelMemory Allocate(int length)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked(length + Alignment), pinned: true);
        int misaligned = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) & (Alignment - 1));
        return new KernelMemory(bytes, misaligned == 0 ? 0 : Alignment - misaligned, length);
    }

    /// <summary>Sets bytes to 0xFF: NaN as a number, -1 as an integer, far outside as an index.</summary>
    public void Poison(int offset, int length) => _bytes.AsSpan(_first + offset, length).Fill(0xFF);

    /// <inheritdoc/>
    protected override void Release()
    {
    }
}
