namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>What became of a variant that was to be compiled ahead of time.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Values">One value per specialised parameter.</param>
/// <param name="Ptx">The PTX; null where the text has errors.</param>
/// <param name="Problem">Why no file was written; null where one was.</param>
public sealed record PtxOutcome(KernelSource Kernel, IReadOnlyList<int> Values, PtxText? Ptx, string? Problem);
