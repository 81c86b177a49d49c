using System.Globalization;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>The CUDA driver of this machine: where it lies, its version, its words for errors.</summary>
internal sealed unsafe class CudaDriver
{
    private static readonly Lazy<(CudaDriver? Driver, string Reason)> s_installed = new(Load);

    /// <summary>A driver that has been initialised.</summary>
    /// <param name="api">Its entry points.</param>
    /// <param name="library">Where they come from, for messages.</param>
    public CudaDriver(CudaApi api, string library)
    {
        Api = api;
        Library = library;
        int version = 0;
        if (api.DriverGetVersion(&version) == CudaResult.Success)
        {
            Version = version;
        }
    }

    /// <summary>The entry points.</summary>
    public CudaApi Api { get; }

    /// <summary>The library that was loaded.</summary>
    public string Library { get; }

    /// <summary>The CUDA version that the driver supports, 1000 major + 10 minor.</summary>
    public int Version { get; }

    /// <summary>"CUDA 13.0".</summary>
    public string VersionText => string.Create(CultureInfo.InvariantCulture, $"CUDA {Version / 1000}.{Version % 1000 / 10}");

    /// <summary>The driver of this machine; null, with the reason, where there is none that works.</summary>
    public static CudaDriver? Installed(out string reason)
    {
        (CudaDriver? driver, reason) = s_installed.Value;
        return driver;
    }

    /// <summary>True for errors after which the driver refuses all further work of the process.</summary>
    public static bool IsFatal(CudaResult result) => result is CudaResult.UncorrectableEcc or CudaResult.UncorrectableNvlink or CudaResult.Contained
        or CudaResult.IllegalAddress or CudaResult.LaunchTimeout or CudaResult.ContextIsDestroyed or CudaResult.Assert
        or CudaResult.HardwareStackError or CudaResult.IllegalInstruction or CudaResult.MisalignedAddress or CudaResult.InvalidAddressSpace
        or CudaResult.InvalidProgramCounter or CudaResult.LaunchFailed or CudaResult.TensorMemoryLeak;

    /// <summary>"CUDA_ERROR_ILLEGAL_ADDRESS (700, an illegal memory access was encountered)".</summary>
    public string Describe(CudaResult result)
    {
        byte* name = null;
        byte* text = null;
        bool known = Api.GetErrorName(result, &name) == CudaResult.Success && name is not null;
        bool explained = Api.GetErrorString(result, &text) == CudaResult.Success && text is not null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(known ? Marshal.PtrToStringUTF8((nint)name) : "an error without a name")} ({(int)result}{(explained ? ", " + Marshal.PtrToStringUTF8((nint)text) : string.Empty)})");
    }

    /// <summary>A number of a device; 0 where the driver does not know it.</summary>
    public int Attribute(CudaDeviceAttribute attribute, int device)
    {
        int value = 0;
        return Api.DeviceGetAttribute(&value, attribute, device) == CudaResult.Success ? value : 0;
    }

    /// <summary>Turns a failure outside of any accelerator into an exception.</summary>
    public void Require(CudaResult result, string call, string subject)
    {
        if (result != CudaResult.Success)
        {
            throw new DeviceException($"{call} failed for {subject}: {Describe(result)}.");
        }
    }

    /// <summary>Initialises a driver whose entry points are known.</summary>
    internal static (CudaDriver? Driver, string Reason) Start(Func<string, nint> export, string library)
    {
        CudaApi api;
        try
        {
            api = new CudaApi(export);
        }
        catch (EntryPointNotFoundException old)
        {
            return (null, $"{library} is older than CUDA 11.4: {old.Message}");
        }

        CudaDriver driver = new(api, library);
        CudaResult result = api.Init(0);
        return result == CudaResult.Success
            ? (driver, string.Empty)
            : (null, $"{library} ({driver.VersionText}) was loaded, but cuInit answered {driver.Describe(result)}.");
    }

    private static (CudaDriver? Driver, string Reason) Load()
    {
        LibrarySearch search = new(CudaPaths.Driver(CudaPaths.Machine));
        return search.TryLoad(out nint handle, out string library)
            ? Start(name => NativeLibrary.GetExport(handle, name), library)
            : (null, $"No CUDA driver was found: {search.Tried}. It comes with NVIDIA's display or data-centre driver.");
    }
}
