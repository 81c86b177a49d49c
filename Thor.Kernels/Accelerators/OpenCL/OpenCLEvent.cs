using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>A point of an OpenCL queue.</summary>
internal sealed unsafe class OpenCLEvent : AcceleratorEvent
{
    private const uint ExecutionStatus = 0x11D3;
    private const uint TimeOfEnd = 0x1283;
    private const double NanosecondsPerMillisecond = 1e6;

    private readonly bool _timed;
    private nint _handle;

    /// <summary>A point.</summary>
    /// <param name="accelerator">Of what device.</param>
    /// <param name="handle">The event of the driver.</param>
    /// <param name="timed">Whether the driver notes the time.</param>
    public OpenCLEvent(OpenCLAccelerator accelerator, nint handle, bool timed)
    {
        Accelerator = accelerator;
        _handle = handle;
        _timed = timed;
    }

    /// <summary>Gives the event back.</summary>
    ~OpenCLEvent()
    {
        Release();
    }

    /// <summary>The device.</summary>
    public OpenCLAccelerator Accelerator { get; }

    /// <summary>The event of the driver.</summary>
    public nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _handle;
        }
    }

    /// <inheritdoc/>
    public override bool IsComplete
    {
        get
        {
            int status;
            OpenCLError.Require(GetEventInfo(Handle, ExecutionStatus, sizeof(int), &status, null), Accelerator.FullName, "clGetEventInfo");
            if (status < 0)
            {
                OpenCLError.Throw(status, Accelerator.FullName, "work before an event");
            }

            return status == 0;
        }
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        nint handle = Handle;
        OpenCLError.Require(WaitForEvents(1, &handle), Accelerator.FullName, "clWaitForEvents");
    }

    /// <inheritdoc/>
    public override double MillisecondsSince(AcceleratorEvent earlier)
    {
        if (earlier is not OpenCLEvent first || !ReferenceEquals(first.Accelerator, Accelerator))
        {
            throw new ArgumentException($"The earlier event is not one of {Accelerator.Name}.", nameof(earlier));
        }

        first.Synchronize();
        Synchronize();
        return (End() - first.End()) / NanosecondsPerMillisecond;
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        nint handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
        {
            _ = ReleaseEvent(handle);
        }
    }

    private double End()
    {
        if (!_timed)
        {
            throw new InvalidOperationException("Time is noted only for events of RecordTimed, since noting it makes OpenCL slower.");
        }

        ulong time;
        OpenCLError.Require(GetEventProfilingInfo(Handle, TimeOfEnd, sizeof(ulong), &time, null), Accelerator.FullName, "clGetEventProfilingInfo");
        return time;
    }
}
