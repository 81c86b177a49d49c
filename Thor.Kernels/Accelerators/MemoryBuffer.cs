namespace Thor.Kernels.Accelerators;

/// <summary>A block of an accelerator's memory, from its pool. Disposing gives it back; work that was submitted before may still use it.</summary>
public abstract class MemoryBuffer : IDisposable
{
    private int _disposed;

    /// <summary>A block.</summary>
    /// <param name="accelerator">Whose memory; null for memory of a running kernel.</param>
    /// <param name="lengthInBytes">Usable bytes.</param>
    /// <param name="hostAddress">First byte where the processor can reach it; 0 elsewhere.</param>
    protected MemoryBuffer(Accelerator? accelerator, long lengthInBytes, nint hostAddress = 0)
    {
        Accelerator = accelerator;
        LengthInBytes = lengthInBytes;
        HostAddress = hostAddress;
    }

    /// <summary>Whose memory it is; null for memory of a running kernel.</summary>
    public Accelerator? Accelerator { get; }

    /// <summary>Usable bytes.</summary>
    public long LengthInBytes { get; }

    /// <summary>First byte where the processor can reach it; 0 elsewhere.</summary>
    public nint HostAddress { get; }

    /// <summary>True once given back.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>The whole block as elements.</summary>
    public ArrayView<T> View<T>()
        where T : unmanaged => new(this, 0, LengthInBytes / ArrayView<T>.ElementSize);

    /// <summary>Gives the block back to the pool. Calling it twice does nothing: finalizers may come before or after an owner's.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release();
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Called once.</summary>
    protected abstract void Release();
}
