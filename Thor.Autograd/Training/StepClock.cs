using System.Diagnostics;

namespace Thor.Autograd.Training;

/// <summary>Times of single training steps, and what they add up to. Time between steps (evaluation, checkpoints) is not counted.</summary>
public sealed class StepClock
{
    private readonly List<double> _milliseconds = [];
    private double _seconds;
    private long _started;

    /// <summary>Seconds in steps, those of a resumed run's earlier part included.</summary>
    public double Seconds => _seconds;

    /// <summary>Milliseconds of each step of this process, in order.</summary>
    public IReadOnlyList<double> Milliseconds => _milliseconds;

    /// <summary>Median step in milliseconds; NaN before the first.</summary>
    public double Median => Quantile(0.5);

    /// <summary>Mean step in milliseconds; NaN before the first.</summary>
    public double Mean => _milliseconds.Count == 0 ? double.NaN : _milliseconds.Average();

    /// <summary>95th percentile in milliseconds; NaN before the first.</summary>
    public double P95 => Quantile(0.95);

    /// <summary>Continues from the seconds of an earlier part.</summary>
    internal void Restore(double seconds) => _seconds = seconds;

    internal void Start() => _started = Stopwatch.GetTimestamp();

    /// <summary>Ends some steps, which share the time since the start evenly: work on devices is timed where it is waited for.</summary>
    internal void Stop(int steps)
    {
        double elapsed = Stopwatch.GetElapsedTime(_started).TotalMilliseconds;
        for (int i = 0; i < steps; i++)
        {
            _milliseconds.Add(elapsed / steps);
        }

        _seconds += elapsed / 1000;
    }

    private double Quantile(double q)
    {
        if (_milliseconds.Count == 0)
        {
            return double.NaN;
        }

        double[] sorted = [.. _milliseconds];
        Array.Sort(sorted);
        double at = q * (sorted.Length - 1);
        int low = (int)at;
        int high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((at - low) * (sorted[high] - sorted[low]));
    }
}
