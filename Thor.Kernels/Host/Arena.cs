using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Host;

/// <summary>
/// Working memory of one thread, 64-byte aligned, kept from call to call: taken piece by piece, given back all at once.
/// After the first call of a kind it comes in one block and asks the system for nothing.
/// </summary>
internal sealed unsafe class Arena
{
    [ThreadStatic]
    private static Arena? t_call;

    [ThreadStatic]
    private static Arena? t_piece;

    [ThreadStatic]
    private static Arena? t_product;

    [ThreadStatic]
    private static Arena? t_strips;

    private readonly List<nint> _blocks = [];
    private long _blockBytes;
    private long _used;
    private long _taken;

    private Arena()
    {
    }

    ~Arena() => Release();

    /// <summary>For what a whole call shares: tables and packed weights. Empty.</summary>
    public static Arena ForCall() => (t_call ??= new Arena()).Restart();

    /// <summary>For what one piece of a parallel loop needs. Empty.</summary>
    public static Arena ForPiece() => (t_piece ??= new Arena()).Restart();

    /// <summary>For what a matrix product shares among threads. Empty.</summary>
    public static Arena ForProduct() => (t_product ??= new Arena()).Restart();

    /// <summary>For what one thread's part of a matrix product needs. Empty.</summary>
    public static Arena ForStrips() => (t_strips ??= new Arena()).Restart();

    /// <summary>Room for a number of elements, contents undefined; valid until the arena is restarted.</summary>
    public T* Take<T>(long count)
        where T : unmanaged
    {
        long bytes = ((count * sizeof(T)) + 63) & ~63L;
        if (_used + bytes > _blockBytes || _blocks.Count == 0)
        {
            Grow(Math.Max(bytes, 2 * _blockBytes));
        }

        void* start = (byte*)_blocks[^1] + _used;
        _used += bytes;
        _taken += bytes;
        return (T*)start;
    }

    /// <summary>As <see cref="Take"/>, zeroed.</summary>
    public T* TakeZeroed<T>(long count)
        where T : unmanaged
    {
        T* start = Take<T>(count);
        NativeMemory.Clear(start, (nuint)(count * sizeof(T)));
        return start;
    }

    private Arena Restart()
    {
        if (_blocks.Count > 1)
        {
            long bytes = _taken;
            Release();
            Grow(bytes);
        }

        _used = 0;
        _taken = 0;
        return this;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(long bytes)
    {
        // Earlier blocks stay: what was taken from them is still in use.
        _blockBytes = Math.Max(bytes, 1 << 16);
        _blocks.Add((nint)NativeMemory.AlignedAlloc((nuint)_blockBytes, 64));
        _used = 0;
    }

    private void Release()
    {
        foreach (nint block in _blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }

        _blocks.Clear();
        _blockBytes = 0;
    }
}
