using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators;

/// <summary>
/// Keeps freed blocks of a device by size class, so that a training loop asks the driver for memory in its first step only. Classes
/// are powers of two cut in four, so at most a fifth of a block is unused. Thread-safe.
/// </summary>
/// <remarks>
/// A block that comes back is handed out again at once, although work that uses it may still be queued. That is right because an
/// accelerator has one main queue and works it in order: whatever the next owner submits there runs later. Work on a second queue
/// is outside that order: it must wait for an event that the main queue recorded after the allocation, and before a buffer that it
/// uses is disposed the main queue must wait for an event of the second; what its
/// launches allocate themselves comes from <see cref="SideMemory"/>, which is apart.
/// </remarks>
internal sealed class MemoryPool
{
    private const int Granule = 256;
    private const long CollectAfterBytes = 1L << 30;

    private readonly IBlockSource _source;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Stack<nint>> _free = [];
    private readonly Dictionary<long, Stack<nint>> _freeAside = [];
    private long _inUse;
    private long _pooled;
    private long _peak;
    private long _allocations;
    private long _misses;
    private long _freshSinceCollection;
    private bool _closed;

    /// <summary>An empty pool.</summary>
    public MemoryPool(IBlockSource source)
    {
        _source = source;
    }

    /// <summary>The memory part of an accelerator's statistics.</summary>
    public AcceleratorStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return new AcceleratorStatistics(_inUse, _pooled, _peak, _allocations, _misses, 0, 0, 0);
            }
        }
    }

    private Dictionary<long, Stack<nint>> Free => SideMemory.IsOn ? _freeAside : _free;

    /// <summary>A block of at least that many bytes, contents undefined.</summary>
    /// <param name="bytes">Bytes that are needed.</param>
    /// <param name="blockBytes">Bytes of the block, to give it back with.</param>
    /// <exception cref="DeviceException">The memory does not suffice, even after all that is free was given back.</exception>
    public nint Rent(long bytes, out long blockBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        blockBytes = BlockBytes(bytes);
        if (TryReuse(blockBytes, out nint block))
        {
            return block;
        }

        // What was dropped without being disposed is invisible to the collector's own accounting: look for it before growing.
        if (Interlocked.Add(ref _freshSinceCollection, blockBytes) > CollectAfterBytes)
        {
            Collect();
            if (TryReuse(blockBytes, out block))
            {
                return block;
            }
        }

        return Fresh(bytes, blockBytes);
    }

    /// <summary>Takes a block back.</summary>
    public void Return(nint block, long blockBytes)
    {
        lock (_lock)
        {
            _inUse -= blockBytes;
            if (!_closed)
            {
                _pooled += blockBytes;
                ref Stack<nint>? stack = ref CollectionsMarshal.GetValueRefOrAddDefault(Free, blockBytes, out _);
                (stack ??= new Stack<nint>()).Push(block);
                return;
            }
        }

        _source.Free(block);
    }

    /// <summary>Gives every free block back to the device.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (Stack<nint> stack in _free.Values.Concat(_freeAside.Values))
            {
                foreach (nint block in stack)
                {
                    _source.Free(block);
                }
            }

            _free.Clear();
            _freeAside.Clear();
            _pooled = 0;
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

    internal static long SizeClass(long bytes)
    {
        if (bytes <= Granule)
        {
            return Granule;
        }

        long step = Math.Max(Granule, (long)(BitOperations.RoundUpToPowerOf2((ulong)bytes) >> 3));
        return bytes > long.MaxValue - step ? long.MaxValue : (bytes + step - 1) / step * step;
    }

    // Where only the class is too large for the device, what was asked for may still fit.
    private long BlockBytes(long bytes) => bytes <= _source.MaxBlockBytes ? Math.Min(SizeClass(bytes), _source.MaxBlockBytes) : SizeClass(bytes);

    private nint Fresh(long bytes, long blockBytes)
    {
        long pooled = Statistics.PooledBytes;
        if (blockBytes <= _source.MaxBlockBytes)
        {
            if (TryGrow(blockBytes, out nint block))
            {
                return block;
            }

            Trim();
            if (TryGrow(blockBytes, out block))
            {
                return block;
            }

            Collect();
            Trim();
            if (TryGrow(blockBytes, out block))
            {
                return block;
            }
        }

        ThrowOutOfMemory(bytes, pooled);
        return 0;
    }

    // Not under the lock: finalizers give blocks back.
    private void Collect()
    {
        Interlocked.Exchange(ref _freshSinceCollection, 0);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private bool TryReuse(long blockBytes, out nint block)
    {
        lock (_lock)
        {
            if (!Free.TryGetValue(blockBytes, out Stack<nint>? stack) || !stack.TryPop(out block))
            {
                block = 0;
                return false;
            }

            _pooled -= blockBytes;
            _inUse += blockBytes;
            _allocations++;
            _peak = Math.Max(_peak, _inUse);
            return true;
        }
    }

    private bool TryGrow(long blockBytes, out nint block)
    {
        lock (_lock)
        {
            block = blockBytes > _source.TotalBytes - _inUse - _pooled ? 0 : _source.TryAllocate(blockBytes);
            if (block == 0)
            {
                return false;
            }

            _inUse += blockBytes;
            _allocations++;
            _misses++;
            _peak = Math.Max(_peak, _inUse);
            return true;
        }
    }

    [DoesNotReturn]
    private void ThrowOutOfMemory(long bytes, long pooledBefore)
    {
        AcceleratorStatistics now = Statistics;
        string free = _source.FreeBytes is long known ? $" The driver says that {Text(known)} are free." : string.Empty;
        string limit = bytes > _source.MaxBlockBytes ? $" One block may have at most {Text(_source.MaxBlockBytes)}." : string.Empty;
        throw new DeviceException(
            $"Out of memory on {_source.Name}: {Text(bytes)} were asked for; {Text(now.InUseBytes)} are in use, {Text(now.PooledBytes)} are pooled " +
            $"({Text(pooledBefore)} before the pool gave back what was free), of {Text(_source.TotalBytes)} in all.{limit}{free}");
    }

    private static string Text(long bytes) => bytes < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");
}
