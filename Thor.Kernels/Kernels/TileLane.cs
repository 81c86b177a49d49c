using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>A tile on its way to its inverse, one of the two whose elements lie in turns.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TileLane
{
    /// <summary>First element of the tile in both runs.</summary>
    public long Offset;

    /// <summary>Power of two that takes the largest element of the damped diagonal to [1, 2); 1 for zero.</summary>
    public float Scale;

    /// <summary>Scaled damping.</summary>
    public float Shift;

    /// <summary>Half of the largest magnitude on the damped diagonal, scaled.</summary>
    public float HalfLargest;

    /// <summary>Elements of the scaled inverse of smaller magnitude become 0.</summary>
    public float Floor;

    /// <summary>0, or why there is no inverse.</summary>
    public int Status;
}
