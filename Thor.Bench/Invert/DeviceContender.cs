using System.Diagnostics;
using Thor.Kernels;
using Thor.Kernels.Accelerators;

namespace Thor.Bench.Invert;

/// <summary>What works in an accelerator's memory. GPUs are timed by their own clock, processors by the host's, until all is done.</summary>
/// <param name="name">"thor", or the peer's name.</param>
/// <param name="sets">Operands and results.</param>
internal abstract class DeviceContender(string name, DeviceSets sets) : ITileContender, IDisposable
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public virtual bool IsOurs => false;

    /// <inheritdoc/>
    public virtual bool Updates => false;

    /// <inheritdoc/>
    public virtual MatMulPrecision Precision => MatMulPrecision.Float32;

    /// <inheritdoc/>
    public bool WritesTriangle => false;

    /// <inheritdoc/>
    public int Sets => Memory.Sets;

    /// <summary>Operands and results.</summary>
    protected DeviceSets Memory { get; } = sets;

    /// <summary>The cell.</summary>
    protected TileProblem Problem => Memory.Problem;

    /// <summary>Where work is queued.</summary>
    protected AcceleratorStream Stream => Memory.Accelerator.Stream;

    /// <inheritdoc/>
    public abstract void Run(int set, int first, int units);

    /// <inheritdoc/>
    public double Milliseconds(Action parts)
    {
        if (Memory.Accelerator.Properties.IsProcessor)
        {
            long begin = Stopwatch.GetTimestamp();
            parts();
            Wait();
            return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        using AcceleratorEvent start = Stream.RecordTimed();
        parts();
        using AcceleratorEvent end = Stream.RecordTimed();
        return end.MillisecondsSince(start);
    }

    /// <inheritdoc/>
    public void Wait() => Stream.Synchronize();

    /// <inheritdoc/>
    public virtual void Erase(int set) => Memory.Erase(set);

    /// <inheritdoc/>
    public void Read(int set, long offset, Span<float> destination) => Memory.Read(set, offset, destination);

    /// <inheritdoc/>
    public abstract string? Complaint(int set, int first, int units);

    public abstract void Dispose();
}
