namespace Thor.Kernels.Accelerators.Cuda;

public sealed unsafe partial class CudaAccelerator
{
    private readonly CudaCompiler _compiler;
    private readonly Lock _kernelsLock = new();

    // By KernelSource.Id.
    private CudaKernelVariants?[] _kernels = new CudaKernelVariants?[128];

    /// <inheritdoc/>
    public override void Compile(KernelSource kernel, ReadOnlySpan<int> specialized)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Enter();
        Variants(kernel).Get(specialized);
    }

    /// <summary>Compiles a kernel's variant and says what it needs.</summary>
    /// <exception cref="DeviceException">It does not compile.</exception>
    public CudaKernelDescription Describe(KernelSource kernel, ReadOnlySpan<int> specialized)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Enter();
        CudaKernel compiled = Variants(kernel).Get(specialized);
        return new CudaKernelDescription(compiled.Registers, compiled.StaticSharedBytes, compiled.LocalBytes, compiled.MaxThreads, compiled.Module.Road);
    }

    /// <summary>The variants of a kernel on this device.</summary>
    internal CudaKernelVariants Variants(KernelSource source)
    {
        CudaKernelVariants?[] table = Volatile.Read(ref _kernels);
        return source.Id < table.Length && table[source.Id] is CudaKernelVariants known ? known : AddVariants(source);
    }

    private CudaKernelVariants AddVariants(KernelSource source)
    {
        lock (_kernelsLock)
        {
            CudaKernelVariants?[] table = _kernels;
            if (source.Id >= table.Length)
            {
                Array.Resize(ref table, Math.Max(source.Id + 1, table.Length * 2));
            }

            CudaKernelVariants variants = table[source.Id] ??= new CudaKernelVariants(source, CompileVariant);
            Volatile.Write(ref _kernels, table);
            return variants;
        }
    }

    private CudaKernel CompileVariant(KernelSource source, int[] values)
    {
        // Loading code is refused to a thread that records a stream, but is no part of the recording.
        using RelaxedCapture relaxed = new(Driver.Api);
        return new CudaKernel(this, source, _compiler.Load(source, values));
    }

    private void ReleaseKernels()
    {
        lock (_kernelsLock)
        {
            foreach (CudaKernelVariants? variants in _kernels)
            {
                foreach (CudaKernel kernel in variants?.Compiled ?? [])
                {
                    Driver.Api.ModuleUnload(kernel.Module.Handle);
                }
            }

            _kernels = [];
        }
    }
}
