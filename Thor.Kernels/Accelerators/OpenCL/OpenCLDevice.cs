using System.Text;
using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>A device of some OpenCL driver, not opened.</summary>
internal sealed unsafe class OpenCLDevice
{
    private const ulong TypeProcessor = 1 << 1;
    private const ulong FloatRoundsDivision = 1 << 7;
    private const int LargestGridSide = ushort.MaxValue;

    private OpenCLDevice(nint platform, nint handle)
    {
        Platform = platform;
        Handle = handle;
    }

    /// <summary>The driver.</summary>
    public nint Platform { get; }

    /// <summary>The device of the driver.</summary>
    public nint Handle { get; }

    /// <summary>The vendor's name of the device.</summary>
    public string Name => Text(DeviceInfo.Name);

    /// <summary>True where kernels run on the processor's cores.</summary>
    public bool IsProcessor => (Number<ulong>(DeviceInfo.Type) & TypeProcessor) != 0;

    /// <summary>True if division and square root can be rounded as IEEE 754 and C# say.</summary>
    public bool RoundsDivision => (Number<ulong>(DeviceInfo.SingleFloatConfig) & FloatRoundsDivision) != 0;

    /// <summary>Everything that a compiled program depends on, besides its source: the device, its driver and their versions.</summary>
    public string Identity => string.Join('\n', Name, Text(DeviceInfo.DriverVersion), Text(DeviceInfo.Version), PlatformText(PlatformInfo.Name), PlatformText(PlatformInfo.Version));

    /// <summary>Why kernels cannot run there; null if they can.</summary>
    public string? Unusable =>
        Number<uint>(DeviceInfo.Available) == 0 ? "the driver says that it is not available"
        : Number<uint>(DeviceInfo.CompilerAvailable) == 0 ? "its driver has no compiler"
        : Number<uint>(DeviceInfo.IsLittleEndian) == 0 ? "it is big-endian"
        : null;

    /// <summary>All devices of all drivers, those that are not processors first; they are numbered in this order.</summary>
    /// <param name="reason">Where there are none: what was looked for, and what was wrong.</param>
    public static IReadOnlyList<OpenCLDevice> FindAll(out string? reason)
    {
        if (LoadedFile is null)
        {
            reason = Missing;
            return [];
        }

        uint count = 0;
        int code = GetPlatforms(0, null, &count);
        if (code != 0 || count == 0)
        {
            reason = $"{LoadedFile} was loaded but finds no driver: clGetPlatformIDs says {OpenCLError.Text(code)}. Drivers are registered in /etc/OpenCL/vendors (Debian: apt install pocl-opencl-icd)";
            return [];
        }

        nint[] platforms = new nint[count];
        fixed (nint* all = platforms)
        {
            OpenCLError.Require(GetPlatforms(count, all, null), "opencl", "clGetPlatformIDs");
        }

        List<OpenCLDevice> devices = [];
        List<string> empty = [];
        foreach (nint platform in platforms)
        {
            int before = devices.Count;
            code = Add(platform, devices);
            if (devices.Count == before)
            {
                empty.Add($"{TextOf(platform, PlatformInfo.Name, &GetPlatformInfo)} ({OpenCLError.Text(code)})");
            }
        }

        reason = devices.Count > 0 ? null : $"{LoadedFile} was loaded, but no driver has a device: {string.Join(", ", empty)}";
        return [.. devices.OrderBy(static device => device.IsProcessor)];
    }

    /// <summary>What it is and can do.</summary>
    public AcceleratorProperties Describe()
    {
        nuint* sizes = stackalloc nuint[3] { 1, 1, 1 };
        OpenCLError.Require(GetDeviceInfo(Handle, DeviceInfo.MaxWorkItemSizes, 3 * (nuint)sizeof(nuint), sizes, null), Name, "clGetDeviceInfo");
        int units = (int)Number<uint>(DeviceInfo.MaxComputeUnits);
        int clock = (int)Number<uint>(DeviceInfo.MaxClockFrequency);
        return new AcceleratorProperties
        {
            DeviceName = Name,
            Driver = $"{PlatformText(PlatformInfo.Name)} {Text(DeviceInfo.DriverVersion)}",
            IsProcessor = IsProcessor,
            MemoryBytes = Clamp(Number<ulong>(DeviceInfo.GlobalMemorySize)),
            MaxAllocationBytes = Clamp(Number<ulong>(DeviceInfo.MaxAllocationSize)),
            MaxSharedBytes = (int)Math.Min(Number<ulong>(DeviceInfo.LocalMemorySize), int.MaxValue),
            MaxGroupThreads = (int)Math.Min(Number<nuint>(DeviceInfo.MaxWorkGroupSize), int.MaxValue),
            MaxGroup = (Side(sizes[0]), Side(sizes[1]), Side(sizes[2])),
            MaxGrid = (int.MaxValue, LargestGridSide, LargestGridSide),
            Multiprocessors = units,
            WarpSize = WarpSize(),
            ClockMegahertz = clock,
            PeakGigaflops = LanesPerUnit() * 2.0 * units * clock / 1000,
        };
    }

    private static int Add(nint platform, List<OpenCLDevice> devices)
    {
        const ulong AllTypes = 0xFFFFFFFF;
        uint count = 0;
        int code = GetDevices(platform, AllTypes, 0, null, &count);
        if (code != 0 || count == 0)
        {
            return code;
        }

        nint[] handles = new nint[count];
        fixed (nint* all = handles)
        {
            code = GetDevices(platform, AllTypes, count, all, null);
        }

        if (code == 0)
        {
            devices.AddRange(handles.Select(handle => new OpenCLDevice(platform, handle)));
        }

        return code;
    }

    // A driver may name its limits in more bits than a launch has.
    private static int Side(nuint size) => (int)Math.Min(size, int.MaxValue);

    private static long Clamp(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);

    private static string TextOf(nint handle, uint what, delegate*<nint, uint, nuint, void*, nuint*, int> get)
    {
        nuint size = 0;
        if (get(handle, what, 0, null, &size) != 0 || size == 0)
        {
            return string.Empty;
        }

        byte[] bytes = new byte[size];
        fixed (byte* start = bytes)
        {
            return get(handle, what, size, start, null) == 0 ? Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim() : string.Empty;
        }
    }

    private string Text(uint what) => TextOf(Handle, what, &GetDeviceInfo);

    private string PlatformText(uint what) => TextOf(Platform, what, &GetPlatformInfo);

    // 0 where the driver does not know the property: extensions of other vendors.
    private T Number<T>(uint what)
        where T : unmanaged
    {
        T value = default;
        return GetDeviceInfo(Handle, what, (nuint)sizeof(T), &value, null) == 0 ? value : default;
    }

    private bool HasExtension(string name) => Text(DeviceInfo.Extensions).Split(' ').Contains(name);

    private int WarpSize()
    {
        uint width = HasExtension("cl_nv_device_attribute_query") ? Number<uint>(DeviceInfo.NvidiaWarpSize)
            : HasExtension("cl_amd_device_attribute_query") ? Number<uint>(DeviceInfo.AmdWavefrontWidth)
            : 1;
        return (int)Math.Max(width, 1);
    }

    // Multiply-adds that one unit starts in a cycle; 0 where that is not known.
    private int LanesPerUnit()
    {
        const int PortsOfCore = 2; // of processors with fused multiply-add
        if (IsProcessor)
        {
            return PortsOfCore * (int)Number<uint>(DeviceInfo.NativeVectorWidthFloat);
        }

        if (!HasExtension("cl_nv_device_attribute_query"))
        {
            return 0;
        }

        int capability = (int)((Number<uint>(DeviceInfo.NvidiaCapabilityMajor) * 10) + Number<uint>(DeviceInfo.NvidiaCapabilityMinor));
        return capability is 60 or (>= 70 and <= 80) ? 64 : 128;
    }

    private static class PlatformInfo
    {
        public const uint Version = 0x0901;
        public const uint Name = 0x0902;
    }

    private static class DeviceInfo
    {
        public const uint Type = 0x1000;
        public const uint MaxComputeUnits = 0x1002;
        public const uint MaxWorkGroupSize = 0x1004;
        public const uint MaxWorkItemSizes = 0x1005;
        public const uint MaxClockFrequency = 0x100C;
        public const uint MaxAllocationSize = 0x1010;
        public const uint SingleFloatConfig = 0x101B;
        public const uint GlobalMemorySize = 0x101F;
        public const uint LocalMemorySize = 0x1023;
        public const uint IsLittleEndian = 0x1026;
        public const uint Available = 0x1027;
        public const uint CompilerAvailable = 0x1028;
        public const uint Name = 0x102B;
        public const uint DriverVersion = 0x102D;
        public const uint Version = 0x102F;
        public const uint Extensions = 0x1030;
        public const uint NativeVectorWidthFloat = 0x103A;
        public const uint NvidiaCapabilityMajor = 0x4000;
        public const uint NvidiaCapabilityMinor = 0x4001;
        public const uint NvidiaWarpSize = 0x4003;
        public const uint AmdWavefrontWidth = 0x4043;
    }
}
