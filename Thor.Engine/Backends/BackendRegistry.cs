using System.Collections.Concurrent;
using Thor.Kernels.Accelerators;

namespace Thor.Engine.Backends;

/// <summary>Opens the backend of a device once and hands it out from then on.</summary>
public static class BackendRegistry
{
    private static readonly ConcurrentDictionary<Device, Lazy<Backend>> s_open = new();
    private static readonly Lazy<Device> s_best = new(FindBest);

    /// <summary>The device that work goes to when none is named: the first GPU found, else the host. Looked for once.</summary>
    public static Device Best => s_best.Value;

    /// <summary>The open backend of a device.</summary>
    /// <exception cref="Thor.Kernels.DeviceException">There is no such device; the message says what was looked for and where.</exception>
    public static Backend Get(Device device) =>
        device.IsHost ? HostBackend.Instance : s_open.GetOrAdd(device, static d => new Lazy<Backend>(() => Open(d))).Value;

    /// <summary>Makes a backend that is open already the one of a device that has not been asked for: tests bring accelerators of their own.</summary>
    internal static void Add(Backend backend)
    {
        if (!s_open.TryAdd(backend.Device, new Lazy<Backend>(backend)))
        {
            throw new InvalidOperationException($"{backend.Device} is open already.");
        }
    }

    private static AcceleratorBackend Open(Device device) => new(device, Accelerator.Open(device.ToString()));

    private static Device FindBest()
    {
        foreach (AcceleratorDescription found in Accelerator.Discover())
        {
            // Kernels on the processor are for checking: the host's own code is faster.
            if (found.Properties is { IsProcessor: false })
            {
                return Device.Parse(found.Name);
            }
        }

        return Device.Host;
    }
}
