using Thor.Kernels.Accelerators;

namespace Thor.Autograd;

/// <summary>What a <see cref="PhaseClock"/> measured.</summary>
public sealed class PhaseTimes : IDisposable
{
    private readonly double[] _milliseconds;
    private readonly List<(StepPhase Phase, AcceleratorEvent Start, AcceleratorEvent End)> _queued;

    internal PhaseTimes(double[] milliseconds, List<(StepPhase Phase, AcceleratorEvent Start, AcceleratorEvent End)> queued)
    {
        _milliseconds = milliseconds;
        _queued = queued;
    }

    /// <summary>Milliseconds of a phase, all its laps together. Waits for the device the first time.</summary>
    public double this[StepPhase phase]
    {
        get
        {
            foreach ((StepPhase queued, AcceleratorEvent start, AcceleratorEvent end) in _queued)
            {
                _milliseconds[(int)queued] += end.MillisecondsSince(start);
            }

            Dispose();
            return _milliseconds[(int)phase];
        }
    }

    /// <summary>Gives the device's marks back, read or not.</summary>
    public void Dispose()
    {
        foreach ((_, AcceleratorEvent start, AcceleratorEvent end) in _queued)
        {
            start.Dispose();
            end.Dispose();
        }

        _queued.Clear();
    }
}
