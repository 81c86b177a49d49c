using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>The memory of the machine. Blocks are handles that are addresses, multiples of 64.</summary>
/// <param name="totalBytes">Most bytes that a pool may ask for.</param>
internal sealed unsafe class CpuMemory(long totalBytes) : IBlockSource
{
    private const int Alignment = 64;

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public long TotalBytes => totalBytes;

    /// <inheritdoc/>
    public long MaxBlockBytes => totalBytes;

    /// <inheritdoc/>
    public long? FreeBytes => null;

    /// <summary>Sets bytes to 0xFF: NaN as a number, -1 as an integer, far outside as an index.</summary>
    public static void Poison(nint block, long bytes) => NativeMemory.Fill((void*)block, (nuint)bytes, 0xFF);

    /// <inheritdoc/>
    public nint TryAllocate(long bytes)
    {
        try
        {
            return (nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        }
        catch (OutOfMemoryException)
        {
            // The pool trims, tries again, and then says how much was asked for.
            return 0;
        }
    }

    /// <inheritdoc/>
    public void Free(nint block) => NativeMemory.AlignedFree((void*)block);
}
