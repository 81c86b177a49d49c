using Thor.Kernels.Accelerators;

namespace Thor.Bench.Micro;

/// <summary>A kernel that does nothing: what remains is the cost of launching it.</summary>
internal readonly struct EmptyKernel(int unused) : IKernel
{
    /// <inheritdoc/>
    public static KernelSource Source { get; } = new()
    {
        Name = "Empty",
        OpenCL = "__kernel void Empty(const int unused)\n{\n}\n",
        Cuda = "extern \"C\" __global__ void Empty(const int unused)\n{\n}\n",
    };

    /// <inheritdoc/>
    public void Bind(KernelArguments arguments) => arguments.Add(unused);

    /// <inheritdoc/>
    public void Run()
    {
    }

    /// <inheritdoc/>
    public IEnumerator<int> Steps() => throw new InvalidOperationException("The kernel has no barriers.");
}
