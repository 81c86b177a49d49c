namespace Thor.Engine.Memory;

/// <summary>
/// One allocation on a device, shared by a tensor and its views. The last view to be disposed gives it back to the
/// device's pool; memory that is dropped without that comes back when the collector finds it, and is counted as leaked.
/// </summary>
public abstract class TensorMemory
{
    private int _references = 1;

    /// <summary>An allocation of a device.</summary>
    protected TensorMemory(Device device, long bytes)
    {
        Device = device;
        Bytes = bytes;
    }

    /// <summary>Gives back memory that nobody disposed.</summary>
    ~TensorMemory()
    {
        if (_references > 0)
        {
            Free(leaked: true);
        }
    }

    /// <summary>Where it is.</summary>
    public Device Device { get; }

    /// <summary>Usable size.</summary>
    public long Bytes { get; }

    /// <summary>True while more than one tensor uses this memory.</summary>
    internal bool IsShared => Volatile.Read(ref _references) > 1;

    /// <summary>One more tensor uses this memory.</summary>
    internal void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>One tensor fewer uses this memory.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Free(leaked: false);
#pragma warning disable CA1816 // Release is this class's Dispose: the last of several owners calls it.
            GC.SuppressFinalize(this);
#pragma warning restore CA1816
        }
    }

    /// <summary>Returns the block to the pool. Called once, possibly from the finalizer thread.</summary>
    protected abstract void Free(bool leaked);
}
