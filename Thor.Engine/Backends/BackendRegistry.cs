using System.Collections.Concurrent;
using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <summary>Opens the backend of a device once and hands it out from then on.</summary>
public static class BackendRegistry
{
    private static readonly ConcurrentDictionary<Device, Lazy<Backend>> s_open = new();

    /// <summary>The device that work goes to when none is named.</summary>
    public static Device Best => Device.Host;

    /// <summary>The open backend of a device.</summary>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public static Backend Get(Device device) =>
        device.IsHost ? HostBackend.Instance : s_open.GetOrAdd(device, static d => new Lazy<Backend>(() => Open(d))).Value;

    private static Backend Open(Device device) =>
        throw new DeviceException($"There is no device '{device}'; this build has: host.");
}
