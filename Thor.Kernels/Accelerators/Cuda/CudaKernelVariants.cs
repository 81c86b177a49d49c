namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>A kernel on one device: its compiled variants, one per combination of specialised values.</summary>
internal sealed class CudaKernelVariants
{
    private readonly Func<KernelSource, int[], CudaKernel> _compile;
    private readonly Lock _lock = new();
    private (int[] Values, CudaKernel Kernel)[] _variants = [];

    public CudaKernelVariants(KernelSource source, Func<KernelSource, int[], CudaKernel> compile)
    {
        Source = source;
        TakesLength = [.. source.TakesLength];
        _compile = compile;
    }

    public KernelSource Source { get; }

    /// <summary>As <see cref="KernelSource.TakesLength"/>, without the interface.</summary>
    public bool[] TakesLength { get; }

    /// <summary>What has been compiled.</summary>
    public IEnumerable<CudaKernel> Compiled => Volatile.Read(ref _variants).Select(static variant => variant.Kernel);

    /// <summary>The variant of some values, compiled when it is first asked for.</summary>
    public CudaKernel Get(ReadOnlySpan<int> values)
    {
        // A kernel has a handful of variants: the array is searched, and replaced when one is added.
        foreach ((int[] known, CudaKernel kernel) in Volatile.Read(ref _variants))
        {
            if (values.SequenceEqual(known))
            {
                return kernel;
            }
        }

        return Add(values);
    }

    private CudaKernel Add(ReadOnlySpan<int> values)
    {
        lock (_lock)
        {
            foreach ((int[] known, CudaKernel kernel) in _variants)
            {
                if (values.SequenceEqual(known))
                {
                    return kernel;
                }
            }

            int[] copy = values.ToArray();
            CudaKernel compiled = _compile(Source, copy);
            Volatile.Write(ref _variants, [.. _variants, (copy, compiled)]);
            return compiled;
        }
    }
}
