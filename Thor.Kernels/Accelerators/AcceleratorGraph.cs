namespace Thor.Kernels.Accelerators;

/// <summary>Recorded work that is submitted as one unit, at the cost of one launch.</summary>
public abstract class AcceleratorGraph : IDisposable
{
    /// <summary>Submits the work to the stream that it was recorded on.</summary>
    public abstract void Launch();

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the recording back.</summary>
    protected abstract void Release();
}
