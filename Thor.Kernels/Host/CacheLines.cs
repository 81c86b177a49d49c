using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>
/// Fetches what is going to be needed soon. A part of a wide matrix lies scattered over as many pages as it has rows, and processors do not fetch ahead
/// beyond a page by themselves.
/// </summary>
internal static unsafe class CacheLines
{
    /// <summary>Far enough ahead to cover a miss of the second cache, in rows of some lines.</summary>
    public const int RowsAhead = 4;

    private const int LineBytes = 64;

    /// <summary>Begins to fetch n elements; does nothing where there is no such instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch<T>(T* first, int n)
        where T : unmanaged
    {
        for (int offset = 0; Sse.IsSupported && offset < n * sizeof(T); offset += LineBytes)
        {
            Sse.Prefetch0((byte*)first + offset);
        }
    }
}
