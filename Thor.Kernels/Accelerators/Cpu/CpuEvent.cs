using System.Diagnostics;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>A point in time: the work before it was done when it was recorded.</summary>
internal sealed class CpuEvent : AcceleratorEvent
{
    private readonly long _timestamp = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override bool IsComplete => true;

    /// <inheritdoc/>
    public override void Synchronize()
    {
    }

    /// <inheritdoc/>
    public override double MillisecondsSince(AcceleratorEvent earlier) => earlier is CpuEvent other
        ? Stopwatch.GetElapsedTime(other._timestamp, _timestamp).TotalMilliseconds
        : throw new ArgumentException($"The event belongs to another device than cpu: {earlier?.GetType().Name ?? "null"}.", nameof(earlier));

    /// <inheritdoc/>
    protected override void Release()
    {
    }
}
