namespace Thor.Kernels.Dialect;

/// <summary>The groups of a launch and the one that the calling thread is in.</summary>
public static class Grid
{
    /// <summary>Index of the group along x.</summary>
    public static int IdxX => KernelContext.Current.Group.X;

    /// <summary>Index of the group along y.</summary>
    public static int IdxY => KernelContext.Current.Group.Y;

    /// <summary>Index of the group along z.</summary>
    public static int IdxZ => KernelContext.Current.Group.Z;

    /// <summary>Groups along x.</summary>
    public static int DimX => KernelContext.Current.GridSize.X;

    /// <summary>Groups along y.</summary>
    public static int DimY => KernelContext.Current.GridSize.Y;

    /// <summary>Groups along z.</summary>
    public static int DimZ => KernelContext.Current.GridSize.Z;

    /// <summary>Index of the thread in the whole launch: group index * group size + thread index, axis by axis.</summary>
    public static Index3D GlobalIndex => new((IdxX * Group.DimX) + Group.IdxX, (IdxY * Group.DimY) + Group.IdxY, (IdxZ * Group.DimZ) + Group.IdxZ);
}
