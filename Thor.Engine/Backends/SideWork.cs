namespace Thor.Engine.Backends;

/// <summary>Work that a device does beside its queue, see <see cref="Backend.Aside"/>.</summary>
public abstract class SideWork : IDisposable
{
    private bool _joined;

    private protected SideWork()
    {
    }

    /// <summary>Everything submitted from now on comes after this work: its results may be used. On the host it waits; failures of the work are thrown here.</summary>
    public void Join()
    {
        if (!_joined)
        {
            _joined = true;
            JoinOnce();
        }
    }

    /// <summary>The elements of a contiguous tensor that the work has written, or that was written before it. Waits for this work, but not for what was submitted since.</summary>
    /// <exception cref="InvalidOperationException">T is not the element type.</exception>
    public abstract T[] Read<T>(Tensor tensor)
        where T : unmanaged;

    /// <summary>Joins the work, so that its memory may be used for something else.</summary>
    public void Dispose()
    {
        Join();
        GC.SuppressFinalize(this);
    }

    /// <summary>Called once.</summary>
    private protected abstract void JoinOnce();
}
