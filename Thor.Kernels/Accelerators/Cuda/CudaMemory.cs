namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// Device memory of a CUDA accelerator: the pool, and the blocks that a recording keeps. What is given back while work is recorded
/// is used by every replay; such a block may serve the rest of the same recording, whose order is fixed, and returns to the pool when the recording
/// is disposed.
/// </summary>
internal sealed class CudaMemory
{
    private readonly MemoryPool _pool;
    private readonly Lock _lock = new();
    private List<(nint Block, long Bytes)>? _recorded;
    private int _recordingThread;

    public CudaMemory(IBlockSource source)
    {
        _pool = new MemoryPool(source);
    }

    /// <summary>The memory part of the accelerator's statistics. Blocks of recordings count as in use.</summary>
    public AcceleratorStatistics Statistics => _pool.Statistics;

    /// <summary>A block of at least that many bytes.</summary>
    public nint Rent(long bytes, out long blockBytes)
    {
        lock (_lock)
        {
            // Other threads go on to allocate for work that is not part of the recording.
            if (_recorded is not null && _recordingThread == Environment.CurrentManagedThreadId)
            {
                long wanted = MemoryPool.SizeClass(bytes);
                int index = _recorded.FindLastIndex(entry => entry.Bytes == wanted);
                if (index >= 0)
                {
                    (nint block, blockBytes) = _recorded[index];
                    _recorded.RemoveAt(index);
                    return block;
                }
            }
        }

        return _pool.Rent(bytes, out blockBytes);
    }

    /// <summary>Takes a block back. Called by finalizers too.</summary>
    public void Return(nint block, long blockBytes)
    {
        lock (_lock)
        {
            if (_recorded is not null)
            {
                _recorded.Add((block, blockBytes));
                return;
            }
        }

        _pool.Return(block, blockBytes);
    }

    /// <summary>From now on blocks that come back stay with the recording, which the calling thread makes.</summary>
    public void BeginRecording()
    {
        lock (_lock)
        {
            _recorded = [];
            _recordingThread = Environment.CurrentManagedThreadId;
        }
    }

    /// <summary>Ends what <see cref="BeginRecording"/> began.</summary>
    /// <returns>The blocks that the recording keeps, to be given to <see cref="Return"/> after its last replay.</returns>
    public IReadOnlyList<(nint Block, long Bytes)> EndRecording()
    {
        lock (_lock)
        {
            List<(nint Block, long Bytes)> kept = _recorded ?? [];
            _recorded = null;
            return kept;
        }
    }

    public void Trim() => _pool.Trim();

    public void Close() => _pool.Close();
}
