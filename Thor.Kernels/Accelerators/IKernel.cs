namespace Thor.Kernels.Accelerators;

/// <summary>A kernel with its arguments, ready to launch. The translator writes the implementations.</summary>
public interface IKernel
{
    /// <summary>Names, texts and needs of the kernel; one object per kernel.</summary>
    static abstract KernelSource Source { get; }

    /// <summary>Hands the arguments over in the order of the parameters.</summary>
    void Bind(KernelArguments arguments);

    /// <summary>Runs one thread of a kernel without barriers on the processor, from start to end. <see cref="Dialect.KernelContext.Current"/> says which.</summary>
    void Run();

    /// <summary>
    /// Runs one thread of a kernel with barriers or shuffles on the processor, from barrier to barrier. Each element is the source
    /// line of the barrier that the thread waits at.
    /// </summary>
    IEnumerator<int> Steps();
}
