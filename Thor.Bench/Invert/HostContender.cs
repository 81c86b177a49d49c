using System.Diagnostics;
using Thor.Kernels;

namespace Thor.Bench.Invert;

/// <summary>What works on the host's memory.</summary>
/// <param name="name">"thor", or the peer's name.</param>
/// <param name="sets">Operands and results, which others may share.</param>
internal abstract unsafe class HostContender(string name, HostSets sets) : ITileContender
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public virtual bool IsOurs => false;

    /// <inheritdoc/>
    public virtual bool Updates => false;

    /// <inheritdoc/>
    public MatMulPrecision Precision => MatMulPrecision.Float32;

    /// <inheritdoc/>
    public virtual bool WritesTriangle => false;

    /// <inheritdoc/>
    public int Sets => Memory.Sets;

    /// <summary>Operands and results.</summary>
    protected HostSets Memory { get; } = sets;

    /// <summary>The cell.</summary>
    protected TileProblem Problem => Memory.Problem;

    /// <inheritdoc/>
    public abstract void Run(int set, int first, int units);

    /// <inheritdoc/>
    public double Milliseconds(Action parts)
    {
        long start = Stopwatch.GetTimestamp();
        parts();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <inheritdoc/>
    public void Wait()
    {
    }

    /// <inheritdoc/>
    public virtual void Erase(int set) => new Span<float>(Memory.Output(set), (int)Problem.Output.Elements).Fill(float.NaN);

    /// <inheritdoc/>
    public void Read(int set, long offset, Span<float> destination) => new ReadOnlySpan<float>(Memory.Output(set) + offset, destination.Length).CopyTo(destination);

    /// <inheritdoc/>
    public virtual string? Complaint(int set, int first, int units) => null;
}
