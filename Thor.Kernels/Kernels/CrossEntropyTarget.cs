using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>How labels become targets, as kernels take it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CrossEntropyTarget
{
    /// <summary>Share of the target that is spread over all classes.</summary>
    public float Smoothing;

    /// <summary>The rest, which is the label's.</summary>
    public float Certain;

    /// <summary>What each class gets of the smoothing.</summary>
    public float Spread;

    /// <summary>Rows with this label do not count.</summary>
    public int Ignored;

    /// <summary>Targets over a number of classes.</summary>
    public static CrossEntropyTarget Of(double smoothing, int classes, int ignored) => new()
    {
        Smoothing = (float)smoothing,
        Certain = (float)(1 - smoothing),
        Spread = (float)(smoothing / Math.Max(1, classes)),
        Ignored = ignored,
    };
}
