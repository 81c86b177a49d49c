namespace Thor.Kernels.Translator.Cpu;

/// <summary>What the processor runs of a kernel.</summary>
/// <param name="StepsMethod">
/// Name of the static method of the kernel's class that takes the kernel's arguments and gives an <c>IEnumerator&lt;int&gt;</c> from
/// barrier to barrier; null where the kernel has no barrier and the method itself is run.
/// </param>
/// <param name="Files">The files that declare it and the helpers that it pauses in.</param>
internal sealed record CpuForm(string? StepsMethod, EquatableArray<CpuFile> Files)
{
    /// <summary>Of a kernel whose method itself is run.</summary>
    public static readonly CpuForm None = new(null, default);
}
