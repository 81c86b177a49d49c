using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>A parameter and its states after a step.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UpdatedElement
{
    /// <summary>The parameter.</summary>
    public float Parameter;

    /// <summary>The first state.</summary>
    public float First;

    /// <summary>The second state.</summary>
    public float Second;
}
