using System.Globalization;
using Thor.Kernels.Accelerators.Cpu;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Accelerators.OpenCL;

namespace Thor.Kernels.Accelerators;

/// <summary>The kinds of accelerator and how to find and open their devices.</summary>
internal static class AcceleratorDirectory
{
    // One entry per kind: discovery lists its devices, or says why there are none. Other assemblies add kinds; readers take the array as it is.
    private static (string Kind, Func<IReadOnlyList<AcceleratorDescription>> Discover, Func<int, Accelerator> Open)[] s_kinds =
    [
        (CudaDevices.Kind, CudaDevices.Discover, CudaDevices.Open),
        ("cpu", CpuAccelerator.Find, CpuAccelerator.Open),
        ("opencl", OpenCLAccelerator.Find, OpenCLAccelerator.Open),
    ];

    public static IReadOnlyList<AcceleratorDescription> Discover() => [.. s_kinds.SelectMany(static kind => kind.Discover())];

    /// <summary>Adds the kinds of another assembly. Not to be called twice for a kind.</summary>
    public static void Add(params ReadOnlySpan<(string Kind, Func<IReadOnlyList<AcceleratorDescription>> Discover, Func<int, Accelerator> Open)> kinds) =>
        s_kinds = [.. s_kinds, .. kinds];

    public static Accelerator Open(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] parts = name.Split(':');
        int index = 0;
        bool wellFormed = parts.Length <= 2 && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index));
        foreach ((string kind, _, Func<int, Accelerator> open) in s_kinds)
        {
            if (wellFormed && kind == parts[0])
            {
                return open(index);
            }
        }

        throw new DeviceException(
            $"There is no device '{name}'; expected host, or one of {string.Join(", ", s_kinds.Select(static kind => kind.Kind))} with a number where there are several, such as opencl:1.");
    }
}
