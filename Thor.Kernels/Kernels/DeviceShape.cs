using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Which of two ways kernels are launched: few threads with much work each, or many side by side.</summary>
internal static class DeviceShape
{
    [ThreadStatic]
    private static bool? t_isProcessor;

    /// <summary>What launches of the calling thread take every device for; null: for what it is. Tests run both ways on one device.</summary>
    public static bool? Assumed
    {
        get => t_isProcessor;
        set => t_isProcessor = value;
    }

    /// <summary>True for few threads with much work each.</summary>
    public static bool IsProcessor(AcceleratorStream stream) => t_isProcessor ?? stream.Accelerator.Properties.IsProcessor;
}
