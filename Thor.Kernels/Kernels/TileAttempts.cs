using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>How often a tile is tried, as kernels take it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TileAttempts
{
    /// <summary>Attempts after the first.</summary>
    public int Retries;

    /// <summary>By what each damps more than the last.</summary>
    public float Factor;

    /// <summary>Whether the damping of the last attempt is written, a number per slot.</summary>
    public int Reported;
}
