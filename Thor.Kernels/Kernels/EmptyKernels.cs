namespace Thor.Kernels.Kernels;

/// <summary>A kernel that does nothing, in any grid and group: what remains of its time is the cost of launching.</summary>
public static partial class EmptyKernels
{
    /// <summary>Returns at once.</summary>
    /// <param name="unused">An argument, so that handing one over is part of the cost.</param>
    [Kernel]
    public static void Empty(int unused)
    {
    }
}
