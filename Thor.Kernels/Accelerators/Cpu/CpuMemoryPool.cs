using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>
/// Keeps freed blocks by size class. Blocks are 64-byte aligned; classes are powers of two cut in four, so at most a fifth of a
/// block is unused.
/// </summary>
/// <param name="limit">Most bytes that may be in use and pooled.</param>
internal sealed unsafe class CpuMemoryPool(long limit)
{
    private const int Alignment = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Stack<nint>> _free = [];
    private AcceleratorStatistics _statistics;
    private bool _closed;

    public AcceleratorStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return _statistics;
            }
        }
    }

    /// <summary>A block of at least that many bytes, every one of them 0xFF, so that what was not written reads as NaN.</summary>
    /// <exception cref="DeviceException">The memory does not suffice.</exception>
    public nint Rent(long bytes)
    {
        long block = SizeClass(bytes);
        nint address;
        lock (_lock)
        {
            if (!_free.TryGetValue(block, out Stack<nint>? stack) || !stack.TryPop(out address))
            {
                address = AllocateFresh(bytes, block);
                _statistics = _statistics with { PoolMisses = _statistics.PoolMisses + 1 };
            }
            else
            {
                _statistics = _statistics with { PooledBytes = _statistics.PooledBytes - block };
            }

            long inUse = _statistics.InUseBytes + block;
            _statistics = _statistics with
            {
                InUseBytes = inUse,
                PeakBytes = Math.Max(_statistics.PeakBytes, inUse),
                Allocations = _statistics.Allocations + 1,
            };
        }

        NativeMemory.Fill((void*)address, (nuint)block, 0xFF);
        return address;
    }

    /// <summary>Takes back a block that was rented for that many bytes.</summary>
    public void Return(nint address, long bytes)
    {
        long block = SizeClass(bytes);
        lock (_lock)
        {
            _statistics = _statistics with { InUseBytes = _statistics.InUseBytes - block };
            if (_closed)
            {
                NativeMemory.AlignedFree((void*)address);
                return;
            }

            _statistics = _statistics with { PooledBytes = _statistics.PooledBytes + block };
            ref Stack<nint>? stack = ref CollectionsMarshal.GetValueRefOrAddDefault(_free, block, out _);
            (stack ??= new Stack<nint>()).Push(address);
        }
    }

    /// <summary>Gives every free block back to the system.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (nint address in _free.Values.SelectMany(static stack => stack))
            {
                NativeMemory.AlignedFree((void*)address);
            }

            _free.Clear();
            _statistics = _statistics with { PooledBytes = 0 };
        }
    }

    /// <summary>Trims now, and keeps no block that comes back later.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        Trim();
    }

    private static long SizeClass(long bytes)
    {
        if (bytes <= Alignment)
        {
            return Alignment;
        }

        long step = Math.Max(Alignment, (long)(BitOperations.RoundUpToPowerOf2((ulong)bytes) >> 3));
        return bytes > long.MaxValue - step ? long.MaxValue : (bytes + step - 1) / step * step;
    }

    private nint AllocateFresh(long bytes, long block)
    {
        if (block > limit - _statistics.InUseBytes - _statistics.PooledBytes)
        {
            Trim();
        }

        if (block > limit - _statistics.InUseBytes)
        {
            throw OutOfMemory(bytes, null);
        }

        try
        {
            return (nint)NativeMemory.AlignedAlloc((nuint)block, Alignment);
        }
        catch (OutOfMemoryException exception)
        {
            throw OutOfMemory(bytes, exception);
        }
    }

    private DeviceException OutOfMemory(long bytes, OutOfMemoryException? cause)
    {
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"Out of memory on cpu: {bytes} bytes were asked for; of {limit} bytes {_statistics.InUseBytes} are in use and {_statistics.PooledBytes} pooled.");
        return cause is null ? new DeviceException(message) : new DeviceException(message, cause);
    }
}
