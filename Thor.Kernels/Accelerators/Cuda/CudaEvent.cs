namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>A point in the work of a CUDA stream.</summary>
internal sealed unsafe class CudaEvent : AcceleratorEvent
{
    // CU_EVENT_DISABLE_TIMING: cheaper where only the order counts.
    private const uint DisableTiming = 2;

    private readonly CudaAccelerator _accelerator;
    private readonly bool _timed;
    private bool _released;

    /// <summary>Marks the present end of a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="stream">The driver's stream.</param>
    /// <param name="timed">Whether the time is noted too.</param>
    public CudaEvent(CudaAccelerator accelerator, nint stream, bool timed)
    {
        _accelerator = accelerator;
        _timed = timed;
        nint handle = 0;
        accelerator.Check(accelerator.Driver.Api.EventCreate(&handle, timed ? 0 : DisableTiming), "cuEventCreate");
        Handle = handle;
        accelerator.Check(accelerator.Driver.Api.EventRecord(handle, stream), "cuEventRecord");
    }

    ~CudaEvent() => Free();

    public CudaAccelerator Accelerator => _accelerator;

    public nint Handle { get; }

    public override bool IsComplete
    {
        get
        {
            Enter();
            CudaResult result = _accelerator.Driver.Api.EventQuery(Handle);
            if (result == CudaResult.NotReady)
            {
                return false;
            }

            _accelerator.Check(result, "cuEventQuery");
            return true;
        }
    }

    public override void Synchronize()
    {
        Enter();
        _accelerator.Check(_accelerator.Driver.Api.EventSynchronize(Handle), "cuEventSynchronize");
    }

    public override double MillisecondsSince(AcceleratorEvent earlier)
    {
        if (earlier is not CudaEvent start || !ReferenceEquals(start._accelerator, _accelerator))
        {
            throw new ArgumentException($"Time is measured between two events of one device; the earlier one is not of {_accelerator.Name}.", nameof(earlier));
        }

        if (!_timed || !start._timed)
        {
            throw new InvalidOperationException("Time is measured between events of RecordTimed; Record notes none.");
        }

        start.Synchronize();
        Synchronize();
        float milliseconds = 0;
        _accelerator.Check(_accelerator.Driver.Api.EventElapsedTime(&milliseconds, start.Handle, Handle), "cuEventElapsedTime");
        return milliseconds;
    }

    protected override void Release() => Free();

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_released, this);
        _accelerator.Enter();
    }

    private void Free()
    {
        if (!_released)
        {
            _released = true;
            if (Handle != 0 && _accelerator.TryEnter())
            {
                _accelerator.Driver.Api.EventDestroy(Handle);
            }
        }
    }
}
