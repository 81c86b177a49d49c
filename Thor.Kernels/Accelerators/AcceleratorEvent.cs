namespace Thor.Kernels.Accelerators;

/// <summary>A point in the work of a stream.</summary>
public abstract class AcceleratorEvent : IDisposable
{
    /// <summary>True when the work before it is done.</summary>
    public abstract bool IsComplete { get; }

    /// <summary>Waits until the work before it is done.</summary>
    public abstract void Synchronize();

    /// <summary>
    /// Milliseconds from another event to this one, by the device's clock. Waits for both, which must be from
    /// <see cref="AcceleratorStream.RecordTimed"/>: some devices note the time of no other.
    /// </summary>
    public abstract double MillisecondsSince(AcceleratorEvent earlier);

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the event back.</summary>
    protected abstract void Release();
}
