namespace Thor.Kernels;

/// <summary>
/// Marks a static method of a static partial class as a kernel. The translator gives the class a struct named after the method with
/// "Kernel" appended: its constructor takes the kernel's arguments, and a stream launches it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelAttribute : Attribute
{
    /// <summary>Most threads that a group will be launched with; the compiler may give each thread the registers that this leaves. 0: not said.</summary>
    public int MaxGroupSize { get; init; }

    /// <summary>Groups that should fit on one multiprocessor at a time, on CUDA; needs <see cref="MaxGroupSize"/>. 0: not said.</summary>
    public int MinGroupsPerMultiprocessor { get; init; }
}
