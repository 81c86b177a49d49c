using System.Runtime.InteropServices;

namespace Thor.Kernels.Host;

/// <summary>Working memory of the tile primitives: one block per thread, as large as the largest request so far.</summary>
internal sealed unsafe class TileScratch
{
    [ThreadStatic]
    private static TileScratch? t_own;

    private void* _block;
    private long _bytes;

    ~TileScratch() => NativeMemory.AlignedFree(_block);

    /// <summary>Uninitialised elements, 64-byte aligned, this thread's until its next request.</summary>
    public static T* Get<T>(long elements)
        where T : unmanaged
    {
        TileScratch own = t_own ??= new TileScratch();
        long bytes = elements * sizeof(T);
        if (bytes > own._bytes)
        {
            NativeMemory.AlignedFree(own._block);
            own._bytes = 0;
            own._block = NativeMemory.AlignedAlloc((nuint)bytes, 64);
            own._bytes = bytes;
        }

        return (T*)own._block;
    }

    /// <summary>
    /// Distance between rows of a scratch matrix: whole cache lines, and one more, so that the rows of a column do not
    /// fall into the same few sets of the first cache.
    /// </summary>
    public static int Stride(int columns) => ((columns + 15) & ~15) + 16;
}
