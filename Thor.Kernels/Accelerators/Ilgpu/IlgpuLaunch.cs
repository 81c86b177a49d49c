namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>Hands the arguments that a launcher holds to ILGPU's own launcher of the kernel.</summary>
/// <typeparam name="TKernel">The launcher that the translator wrote.</typeparam>
internal delegate void IlgpuLaunch<TKernel>(ILGPU.Runtime.AcceleratorStream stream, ILGPU.KernelConfig config, in TKernel kernel)
    where TKernel : struct, IKernel;
