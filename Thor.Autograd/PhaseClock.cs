using System.Diagnostics;
using Thor.Engine;
using Thor.Kernels.Accelerators;

namespace Thor.Autograd;

/// <summary>
/// Times phases of training steps: by the processor's clock on the host, by the device's own where work is queued. Measuring waits
/// for nothing; reading the times does.
/// </summary>
public sealed class PhaseClock : IDisposable
{
    private readonly Device _device;
    private readonly List<(StepPhase Phase, AcceleratorEvent Start, AcceleratorEvent End)> _queued = [];
    private double[] _milliseconds = new double[Enum.GetValues<StepPhase>().Length];

    /// <summary>A clock of what one device does.</summary>
    public PhaseClock(Device device)
    {
        _device = device;
    }

    /// <summary>Times what is done, or queued, until the result is disposed.</summary>
    public Lap Measure(StepPhase phase) => new(this, phase);

    /// <summary>Everything measured since the last call, to be read when it is wanted. Waits for nothing.</summary>
    public PhaseTimes Take()
    {
        PhaseTimes times = new(_milliseconds, [.. _queued]);
        _milliseconds = new double[_milliseconds.Length];
        _queued.Clear();
        return times;
    }

    /// <summary>Gives back what was measured and not taken.</summary>
    public void Dispose() => Take().Dispose();

    /// <summary>A phase that is under way.</summary>
    public readonly struct Lap : IDisposable
    {
        private readonly PhaseClock _clock;
        private readonly StepPhase _phase;
        private readonly AcceleratorEvent? _start;
        private readonly long _started;

        internal Lap(PhaseClock clock, StepPhase phase)
        {
            _clock = clock;
            _phase = phase;
            _start = clock._device.Backend.RecordTimed();
            _started = Stopwatch.GetTimestamp();
        }

        /// <summary>Ends the phase.</summary>
        public void Dispose()
        {
            if (_start is null)
            {
                _clock._milliseconds[(int)_phase] += Stopwatch.GetElapsedTime(_started).TotalMilliseconds;
            }
            else
            {
                _clock._queued.Add((_phase, _start, _clock._device.Backend.RecordTimed()!)); // the device had a queue when the phase began
            }
        }
    }
}
