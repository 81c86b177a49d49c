namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Numbers that the driver tells about a compiled kernel, by CUfunction_attribute.</summary>
internal enum CudaFunctionAttribute
{
    MaxThreadsPerBlock = 0,
    StaticSharedBytes = 1,
    LocalBytes = 3,
    Registers = 4,
    MaxDynamicSharedBytes = 8,
    PreferredSharedCarveout = 9,
}
