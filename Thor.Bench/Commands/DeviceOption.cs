using System.CommandLine;
using Thor.Bench.Runs;
using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Accelerators;

namespace Thor.Bench.Commands;

/// <summary>The option --device of commands that look at one device.</summary>
internal static class DeviceOption
{
    public static Option<string> Create(string what) => new("--device")
    {
        Description = $"host, cpu, opencl:N or cuda:N: {what} (default host).",
        DefaultValueFactory = static _ => "host",
    };

    /// <summary>The device, opened.</summary>
    /// <exception cref="UsageException">There is no such device; the message says what was looked for.</exception>
    public static Device Open(string name)
    {
        try
        {
            Device device = Device.Parse(name);
            _ = device.Backend;
            return device;
        }
        catch (Exception exception) when (exception is FormatException or DeviceException)
        {
            throw new UsageException($"--device: {exception.Message}", exception);
        }
    }

    /// <summary>The accelerator of a name, opened for the caller alone.</summary>
    /// <exception cref="UsageException">There is no such accelerator; the message says what was looked for.</exception>
    public static Accelerator OpenAccelerator(string name)
    {
        try
        {
            return Accelerator.Open(name);
        }
        catch (DeviceException exception)
        {
            throw new UsageException(exception.Message, exception);
        }
    }
}
