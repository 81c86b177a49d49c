namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>A point of an ILGPU stream: one of its profiling markers, which note the time of everything.</summary>
internal sealed class IlgpuEvent(IlgpuAccelerator accelerator, ProfilingMarker marker) : AcceleratorEvent
{
    /// <summary>The device.</summary>
    public IlgpuAccelerator Accelerator => accelerator;

    /// <summary>True, after waiting: ILGPU cannot be asked without.</summary>
    public override bool IsComplete
    {
        get
        {
            Synchronize();
            return true;
        }
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        accelerator.Enter();
        try
        {
            marker.Synchronize();
        }
        catch (AcceleratorException exception)
        {
            throw accelerator.Failure("waiting for an event", exception);
        }
    }

    /// <inheritdoc/>
    public override double MillisecondsSince(AcceleratorEvent earlier)
    {
        if (earlier is not IlgpuEvent first || !ReferenceEquals(first.Accelerator, accelerator))
        {
            throw new ArgumentException($"The earlier event is not one of {accelerator.Name}.", nameof(earlier));
        }

        first.Synchronize();
        Synchronize();
        return marker.MeasureFrom(first.Marker).TotalMilliseconds;
    }

    private ProfilingMarker Marker => marker;

    /// <inheritdoc/>
    protected override void Release() => marker.Dispose();
}
