using System.Runtime.ExceptionServices;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>What went wrong in a launch: of several faults, that of the first group, whichever OS thread ran it. One per stream.</summary>
internal sealed class LaunchFault
{
    private readonly Lock _lock = new();
    private KernelFaultException? _exception;
    private long _group = long.MaxValue;

    /// <summary>Number of the first group that failed so far. Groups after it need not run.</summary>
    public long Group => Volatile.Read(ref _group);

    /// <summary>Forgets the launch before.</summary>
    public void Reset()
    {
        _exception = null;
        _group = long.MaxValue;
    }

    /// <summary>A group failed.</summary>
    public void Record(long group, KernelFaultException exception)
    {
        lock (_lock)
        {
            if (group < _group)
            {
                _exception = exception;
                Volatile.Write(ref _group, group);
            }
        }
    }

    /// <summary>Throws the fault where it happened, as the stack trace shows.</summary>
    public void ThrowIfAny()
    {
        if (_exception is { } exception)
        {
            _exception = null;
            ExceptionDispatchInfo.Throw(exception);
        }
    }
}
