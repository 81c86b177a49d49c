namespace Thor.Kernels.Dialect;

/// <summary>The threads of a group: they share memory and meet at barriers.</summary>
public static class Group
{
    /// <summary>Index of the thread along x.</summary>
    public static int IdxX => KernelContext.Current.Thread.X;

    /// <summary>Index of the thread along y.</summary>
    public static int IdxY => KernelContext.Current.Thread.Y;

    /// <summary>Index of the thread along z.</summary>
    public static int IdxZ => KernelContext.Current.Thread.Z;

    /// <summary>Threads along x.</summary>
    public static int DimX => KernelContext.Current.GroupSize.X;

    /// <summary>Threads along y.</summary>
    public static int DimY => KernelContext.Current.GroupSize.Y;

    /// <summary>Threads along z.</summary>
    public static int DimZ => KernelContext.Current.GroupSize.Z;

    /// <summary>Number of the thread in its group, x the fastest.</summary>
    public static int LinearIndex => (((IdxZ * DimY) + IdxY) * DimX) + IdxX;

    /// <summary>True for thread 0.</summary>
    public static bool IsFirstThread => LinearIndex == 0;

    /// <summary>
    /// Waits for all threads of the group and makes their writes to shared and device memory visible to one another. All threads must
    /// reach the same barrier; a statement of its own, in the kernel or in a helper that returns nothing.
    /// </summary>
    public static void Barrier() => KernelContext.Outside("Group.Barrier");

    /// <summary>Promises that all threads of the group compute the same value, so that a barrier may stand under a condition on it. Checked on the processor.</summary>
    public static bool Uniform(bool value) => value;

    /// <inheritdoc cref="Uniform(bool)"/>
    public static int Uniform(int value) => value;
}
