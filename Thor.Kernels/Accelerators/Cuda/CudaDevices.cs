using System.Globalization;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Finds and opens the CUDA devices of this machine.</summary>
internal static unsafe class CudaDevices
{
    /// <summary>Kind of the devices in names.</summary>
    public const string Kind = "cuda";

    private const int NameBytes = 256;

    /// <summary>One line per device, or the reason why there is none.</summary>
    public static IReadOnlyList<AcceleratorDescription> Discover() => CudaDriver.Installed(out string reason) is CudaDriver driver
        ? Discover(driver)
        : [new AcceleratorDescription(Kind, null, reason)];

    /// <summary>Opens a device.</summary>
    /// <exception cref="DeviceException">There is no driver or no such device.</exception>
    public static Accelerator Open(int index) => CudaDriver.Installed(out string reason) is CudaDriver driver
        ? Open(driver, index, PtxStore.OfProcess(), InstalledCompiler, ProgramCache.Shared, CudaCompiler.RoadOfProcess())
        : throw new DeviceException($"{Kind}:{index} cannot be opened. {reason}");

    internal static IReadOnlyList<AcceleratorDescription> Discover(CudaDriver driver)
    {
        int count = 0;
        CudaResult result = driver.Api.DeviceGetCount(&count);
        if (result != CudaResult.Success || count == 0)
        {
            string answer = result == CudaResult.Success ? "lists no device" : $"answered cuDeviceGetCount with {driver.Describe(result)}";
            return [new AcceleratorDescription(Kind, null, $"{driver.Library} ({driver.VersionText}) was loaded and {answer}.")];
        }

        AcceleratorDescription[] found = new AcceleratorDescription[count];
        for (int i = 0; i < count; i++)
        {
            found[i] = new AcceleratorDescription(string.Create(CultureInfo.InvariantCulture, $"{Kind}:{i}"), Properties(driver, Device(driver, i)), null);
        }

        return found;
    }

    internal static CudaAccelerator Open(
        CudaDriver driver, int index, PtxStore ptx, Func<(Nvrtc? Compiler, string Reason)> nvrtc, ProgramCache cache, string? onlyRoad)
    {
        int count = 0;
        driver.Require(driver.Api.DeviceGetCount(&count), "cuDeviceGetCount", Kind);
        if (index >= count)
        {
            throw new DeviceException(string.Create(
                CultureInfo.InvariantCulture, $"There is no {Kind}:{index}: {driver.Library} ({driver.VersionText}) lists {count} device{(count == 1 ? string.Empty : "s")}."));
        }

        int device = Device(driver, index);
        AcceleratorProperties properties = Properties(driver, device);
        CudaCompiler compiler = new(driver, $"{Kind}:{index} ({properties.DeviceName})", properties.ComputeCapability, ptx, nvrtc, cache, onlyRoad);
        return new CudaAccelerator(driver, index, device, properties, compiler);
    }

    /// <summary>Lanes of a multiprocessor that multiply and add floats.</summary>
    internal static int FloatLanes(int capability) => capability switch
    {
        < 50 => 192,
        < 60 => 128,
        60 => 64,
        < 70 => 128,
        < 80 => 64,
        80 => 64,
        _ => 128,
    };

    private static (Nvrtc? Compiler, string Reason) InstalledCompiler()
    {
        Nvrtc? compiler = Nvrtc.Installed(out string reason);
        return (compiler, reason);
    }

    private static int Device(CudaDriver driver, int index)
    {
        int device = 0;
        driver.Require(driver.Api.DeviceGet(&device, index), "cuDeviceGet", string.Create(CultureInfo.InvariantCulture, $"{Kind}:{index}"));
        return device;
    }

    private static AcceleratorProperties Properties(CudaDriver driver, int device)
    {
        byte* name = stackalloc byte[NameBytes];
        driver.Require(driver.Api.DeviceGetName(name, NameBytes, device), "cuDeviceGetName", Kind);
        nuint bytes = 0;
        driver.Require(driver.Api.DeviceTotalMem(&bytes, device), "cuDeviceTotalMem", Kind);
        int Read(CudaDeviceAttribute attribute) => driver.Attribute(attribute, device);
        int capability = (Read(CudaDeviceAttribute.CapabilityMajor) * 10) + Read(CudaDeviceAttribute.CapabilityMinor);
        int multiprocessors = Read(CudaDeviceAttribute.Multiprocessors);
        int megahertz = Read(CudaDeviceAttribute.ClockKilohertz) / 1000;
        return new AcceleratorProperties
        {
            DeviceName = Marshal.PtrToStringUTF8((nint)name) ?? string.Empty,
            Driver = driver.VersionText,
            IsProcessor = false,
            MemoryBytes = (long)bytes,
            MaxAllocationBytes = (long)bytes,
            MaxSharedBytes = Math.Max(Read(CudaDeviceAttribute.MaxSharedBytesPerBlock), Read(CudaDeviceAttribute.MaxSharedBytesPerBlockOptIn)),
            MaxGroupThreads = Read(CudaDeviceAttribute.MaxThreadsPerBlock),
            MaxGroup = new Index3D(Read(CudaDeviceAttribute.MaxBlockX), Read(CudaDeviceAttribute.MaxBlockY), Read(CudaDeviceAttribute.MaxBlockZ)),
            MaxGrid = new Index3D(Read(CudaDeviceAttribute.MaxGridX), Read(CudaDeviceAttribute.MaxGridY), Read(CudaDeviceAttribute.MaxGridZ)),
            Multiprocessors = multiprocessors,
            WarpSize = Read(CudaDeviceAttribute.WarpSize),
            ClockMegahertz = megahertz,
            ComputeCapability = capability,

            // A multiply-add counts twice.
            PeakGigaflops = 2e-3 * FloatLanes(capability) * multiprocessors * megahertz,

            // The memory transfers on both edges of its clock.
            PeakGigabytesPerSecond = 2e-6 * Read(CudaDeviceAttribute.MemoryClockKilohertz) * (Read(CudaDeviceAttribute.MemoryBusBits) / 8),
        };
    }
}
