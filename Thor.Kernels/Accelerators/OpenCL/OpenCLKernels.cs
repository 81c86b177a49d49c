using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>The kernels that a stream has launched, by number and specialised values. Looking one up allocates nothing.</summary>
internal sealed class OpenCLKernels(OpenCLAccelerator accelerator)
{
    // By number of the kernel; a kernel has few variants, so a list is searched.
    private List<OpenCLKernel>?[] _kernels = [];

    /// <summary>The kernel, compiled if it was not launched before.</summary>
    public OpenCLKernel Get(KernelSource source, ReadOnlySpan<int> specialized)
    {
        if (source.Id < _kernels.Length && _kernels[source.Id] is List<OpenCLKernel> variants)
        {
            foreach (OpenCLKernel kernel in CollectionsMarshal.AsSpan(variants))
            {
                if (specialized.SequenceEqual(kernel.Specialized))
                {
                    return kernel;
                }
            }
        }

        return Create(source, specialized);
    }

    /// <summary>Gives all of them back.</summary>
    public void Release()
    {
        foreach (OpenCLKernel kernel in _kernels.SelectMany(static variants => variants ?? []))
        {
            _ = OpenCLLibrary.ReleaseKernel(kernel.Handle);
        }

        _kernels = [];
    }

    private OpenCLKernel Create(KernelSource source, ReadOnlySpan<int> specialized)
    {
        nint program = accelerator.Compiler.Get(source, specialized);
        OpenCLKernel kernel = new(source, specialized, program, accelerator.Device.Handle, accelerator.FullName);
        if (source.Id >= _kernels.Length)
        {
            Array.Resize(ref _kernels, Math.Max(source.Id + 1, 2 * _kernels.Length));
        }

        (_kernels[source.Id] ??= []).Add(kernel);
        return kernel;
    }
}
