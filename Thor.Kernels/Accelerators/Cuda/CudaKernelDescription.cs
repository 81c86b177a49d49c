namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>What became of a kernel's variant on a device.</summary>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="StaticSharedBytes">Shared memory of a group, without what launches add.</param>
/// <param name="LocalBytes">Bytes of a thread that did not fit in registers: spills and arrays that are indexed at run time.</param>
/// <param name="MaxThreads">Most threads of a group.</param>
/// <param name="Road">How the machine code came about.</param>
public sealed record CudaKernelDescription(int Registers, int StaticSharedBytes, int LocalBytes, int MaxThreads, string Road);
