using System.Numerics;
using System.Runtime.InteropServices;

namespace Thor.Engine.Memory;

/// <summary>
/// Keeps freed host blocks by size class, so that a training loop asks the system for memory in its first step only.
/// Blocks are 64-byte aligned. Classes are powers of two cut in four, so at most a fifth of a block is unused.
/// </summary>
internal static unsafe class HostPool
{
    private const int Alignment = 64;
    private const long CollectAfterBytes = 1L << 30;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<long, Stack<nint>> s_free = [];
    private static long s_inUse;
    private static long s_pooled;
    private static long s_peak;
    private static long s_allocations;
    private static long s_misses;
    private static long s_leaked;
    private static long s_freshSinceCollection;

    public static MemoryStatistics Statistics
    {
        get
        {
            lock (s_lock)
            {
                return new MemoryStatistics(s_inUse, s_pooled, s_peak, s_allocations, s_misses, s_leaked);
            }
        }
    }

    /// <summary>A block of at least that many bytes, contents undefined.</summary>
    public static void* Rent(long bytes, out long blockBytes)
    {
        blockBytes = SizeClass(bytes);
        if (TryReuse(blockBytes, out nint pooled))
        {
            return (void*)pooled;
        }

        // Tensors dropped outside any scope are invisible to the collector's own accounting: look for them before growing.
        if (Interlocked.Add(ref s_freshSinceCollection, blockBytes) > CollectAfterBytes)
        {
            Interlocked.Exchange(ref s_freshSinceCollection, 0);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            if (TryReuse(blockBytes, out pooled))
            {
                return (void*)pooled;
            }
        }

        void* fresh = NativeMemory.AlignedAlloc((nuint)blockBytes, Alignment);
        lock (s_lock)
        {
            s_misses++;
            CountOut(blockBytes);
        }

        return fresh;
    }

    /// <summary>Takes a block back.</summary>
    public static void Return(void* block, long blockBytes, bool leaked)
    {
        lock (s_lock)
        {
            s_inUse -= blockBytes;
            s_pooled += blockBytes;
            s_leaked += leaked ? 1 : 0;
            ref Stack<nint>? stack = ref CollectionsMarshal.GetValueRefOrAddDefault(s_free, blockBytes, out _);
            (stack ??= new Stack<nint>()).Push((nint)block);
        }
    }

    /// <summary>Gives every free block back to the system.</summary>
    public static void Trim()
    {
        lock (s_lock)
        {
            foreach (Stack<nint> stack in s_free.Values)
            {
                foreach (nint block in stack)
                {
                    NativeMemory.AlignedFree((void*)block);
                }
            }

            s_free.Clear();
            s_pooled = 0;
        }
    }

    internal static long SizeClass(long bytes)
    {
        if (bytes <= Alignment)
        {
            return Alignment;
        }

        long step = Math.Max(Alignment, (long)(BitOperations.RoundUpToPowerOf2((ulong)bytes) >> 3));
        return (bytes + step - 1) / step * step;
    }

    private static bool TryReuse(long blockBytes, out nint block)
    {
        lock (s_lock)
        {
            if (!s_free.TryGetValue(blockBytes, out Stack<nint>? stack) || !stack.TryPop(out block))
            {
                block = 0;
                return false;
            }

            s_pooled -= blockBytes;
            CountOut(blockBytes);
            return true;
        }
    }

    private static void CountOut(long blockBytes)
    {
        s_allocations++;
        s_inUse += blockBytes;
        s_peak = Math.Max(s_peak, s_inUse);
    }
}
