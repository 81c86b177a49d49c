namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Machine code that the driver has loaded.</summary>
/// <param name="Handle">The driver's module.</param>
/// <param name="Function">The kernel in it.</param>
/// <param name="Road">How it came about: "PTX made ahead of time (where)", "NVRTC 13.0 for sm_90a".</param>
internal sealed record CudaModule(nint Handle, nint Function, string Road);
