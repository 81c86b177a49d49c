using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>The rate of multiply-adds in registers, which no product can exceed, on one thread and on all.</summary>
internal sealed class PeakMeasures : MeasureSet
{
    // Milliseconds of work for each thread, beside which waking it is nothing.
    private const long Steps = 1_000_000;

    public override string Name => "peak";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach (int threads in ThreadCounts)
        {
            string name = $"peak threads={threads}";
            if (wanted(name))
            {
                double milliseconds = PairedHarness.Run(() => WorkerPool.For(threads, default(Share)), Pairs);
                double operations = (double)Steps * PeakKernels.OperationsPerStep * threads;
                yield return new MicroResult(name, "multiply-add", milliseconds, Rate(operations, milliseconds), RatioToPeer: null);
            }
        }
    }

    /// <summary>What one thread does.</summary>
    private readonly struct Share : IParallelBody
    {
        public void Invoke(int index)
        {
            if (!float.IsFinite(PeakKernels.MultiplyAdd(Steps)))
            {
                throw new InvalidOperationException("The multiply-adds of the peak did not converge.");
            }
        }
    }
}
