namespace Thor.Kernels.Accelerators;

/// <summary>The size of a launch.</summary>
/// <param name="Grid">Groups.</param>
/// <param name="Group">Threads of a group.</param>
/// <param name="SharedBytes">Bytes behind <c>SharedMemory.GetDynamic</c>.</param>
public readonly record struct KernelConfig(Index3D Grid, Index3D Group, int SharedBytes = 0)
{
    /// <summary>As many groups of one axis as cover a length with one element per thread.</summary>
    public static KernelConfig Cover(long length, int groupSize) => new(checked((int)((length + groupSize - 1) / groupSize)), groupSize);
}
