using System.Globalization;

namespace Thor.Kernels.Accelerators;

/// <summary>Refuses launches that a device cannot do, with the numbers, before anything is submitted.</summary>
internal static class LaunchChecks
{
    public static void Require(Accelerator accelerator, KernelSource kernel, in KernelConfig config)
    {
        AcceleratorProperties limits = accelerator.Properties;
        Index3D group = config.Group;
        long threads = (long)group.X * group.Y * group.Z;
        int most = kernel.MaxGroupSize > 0 ? Math.Min(kernel.MaxGroupSize, limits.MaxGroupThreads) : limits.MaxGroupThreads;
        if (group.X < 1 || group.Y < 1 || group.Z < 1 || threads > most || Exceeds(group, limits.MaxGroup))
        {
            Throw(accelerator, kernel, $"groups of {Text(group)} threads, {most} in all and {Text(limits.MaxGroup)} along the axes are the most");
        }

        if (config.Grid.X < 0 || config.Grid.Y < 0 || config.Grid.Z < 0 || Exceeds(config.Grid, limits.MaxGrid))
        {
            Throw(accelerator, kernel, $"a grid of {Text(config.Grid)} groups, {Text(limits.MaxGrid)} is the most");
        }

        if (config.SharedBytes < 0 || config.SharedBytes > limits.MaxSharedBytes)
        {
            Throw(accelerator, kernel, string.Create(
                CultureInfo.InvariantCulture, $"{config.SharedBytes} bytes of shared memory, {limits.MaxSharedBytes} are the most"));
        }
    }

    /// <summary>A view that is an argument lies in living memory of the device, or is empty.</summary>
    public static void RequireView(Accelerator accelerator, string kernel, int argument, MemoryBuffer? buffer)
    {
        if (buffer is not null && (buffer.IsDisposed || !ReferenceEquals(buffer.Accelerator, accelerator)))
        {
            string again = buffer.Accelerator?.Name == accelerator.Name ? ", opened another time" : string.Empty;
            string what = buffer.IsDisposed ? "a buffer that was disposed" : $"memory of {buffer.Accelerator?.Name ?? "a running kernel"}{again}";
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"Kernel {kernel} cannot be launched on {accelerator.Name}: argument {argument}, from 0, is a view of {what}."), nameof(kernel));
        }
    }

    private static bool Exceeds(Index3D size, Index3D limit) => size.X > limit.X || size.Y > limit.Y || size.Z > limit.Z;

    private static string Text(Index3D size) => string.Create(CultureInfo.InvariantCulture, $"{size.X} x {size.Y} x {size.Z}");

    private static void Throw(Accelerator accelerator, KernelSource kernel, string what) =>
        throw new ArgumentException($"Kernel {kernel.Name} cannot be launched on {accelerator.Name} ({accelerator.Properties.DeviceName}) with {what}.", nameof(kernel));
}
