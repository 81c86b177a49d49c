using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Accelerators.OpenCL;

namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>ILGPU's devices: "ilgpu-cuda:N", "ilgpu-opencl:N" and "ilgpu-cpu".</summary>
public static class IlgpuDevices
{
    private const string CudaKind = "ilgpu-cuda";
    private const string OpenCLKind = "ilgpu-opencl";
    private const string CpuKind = "ilgpu-cpu";

    // ILGPU sets a resolver of its own there, and there can be one.
    private const string SubsystemForLinux = "/usr/lib/wsl/lib";

    private static readonly Lock s_lock = new();
    private static bool s_registered;

    /// <summary>Makes ILGPU's devices devices like any other, and the kernels of assemblies known to them. May be called more than once.</summary>
    /// <param name="assemblies">Assemblies whose kernels were compiled against ILGPU, besides those of Thor itself.</param>
    public static void Register(params ReadOnlySpan<Assembly> assemblies)
    {
        lock (s_lock)
        {
            if (!s_registered)
            {
                s_registered = true;
                IlgpuKernels.Add(typeof(IlgpuDevices).Assembly);
                if (OperatingSystem.IsLinux() && !Directory.Exists(SubsystemForLinux))
                {
                    NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, static (name, _, _) => Resolve(name));
                }

                AcceleratorDirectory.Add(
                    (CudaKind, FindCuda, static index => Open(CudaKind, index, FindCuda(), CudaAll)),
                    (OpenCLKind, FindOpenCL, static index => Open(OpenCLKind, index, FindOpenCL(), OpenCLAll)),
                    (CpuKind, FindCpu, static index => Open(CpuKind, index, FindCpu(), static () => [CPUDevice.Nvidia])));
            }

            foreach (Assembly assembly in assemblies)
            {
                IlgpuKernels.Add(assembly);
            }
        }
    }

    // Drivers install libraries under their versions; names without one come with development packages.
    private static nint Resolve(string name)
    {
        string? file = name switch
        {
            "cuda" => "libcuda.so.1",
            "OpenCL" => "libOpenCL.so.1",
            _ => null,
        };
        return file is not null && NativeLibrary.TryLoad(file, out nint handle) ? handle : 0;
    }

    private static IReadOnlyList<Device> CudaAll() => CudaDevice.GetDevices(static _ => true);

    private static IReadOnlyList<Device> OpenCLAll() => CLDevice.GetDevices(static _ => true);

    private static IReadOnlyList<AcceleratorDescription> FindCuda()
    {
        IReadOnlyList<Device> devices = CudaAll();
        return devices.Count > 0 ? [.. devices.Select(static (device, i) => Usable(CudaKind, i, device))]
            : [new AcceleratorDescription(CudaKind, null, CudaDevices.Discover()[0].Reason ?? "ILGPU lists no CUDA device")];
    }

    private static IReadOnlyList<AcceleratorDescription> FindOpenCL()
    {
        IReadOnlyList<Device> devices = OpenCLAll();
        return devices.Count > 0 ? [.. devices.Select(static (device, i) => OpenCLDescription(i, (CLDevice)device))]
            : [new AcceleratorDescription(OpenCLKind, null, OpenCLAccelerator.Find()[0].Reason ?? "ILGPU lists no OpenCL device")];
    }

    private static IReadOnlyList<AcceleratorDescription> FindCpu() => [new AcceleratorDescription(CpuKind, IlgpuAccelerator.Describe(CPUDevice.Nvidia), null)];

    private static AcceleratorDescription OpenCLDescription(int index, CLDevice device)
    {
        string? fault = device.CLStdVersion < CLBackend.MinimumVersion ? $"ILGPU needs OpenCL C {CLBackend.MinimumVersion}, and the driver compiles {device.CLStdVersion}"
            : !device.Capabilities.GenericAddressSpace ? "ILGPU needs pointers of the generic address space, which the driver does not have"
            : null;
        return fault is null ? Usable(OpenCLKind, index, device) : new AcceleratorDescription(Name(OpenCLKind, index), null, $"{device.Name} ({device.PlatformName}): {fault}");
    }

    private static AcceleratorDescription Usable(string kind, int index, Device device) => new(Name(kind, index), IlgpuAccelerator.Describe(device), null);

    private static IlgpuAccelerator Open(string kind, int index, IReadOnlyList<AcceleratorDescription> found, Func<IReadOnlyList<Device>> all)
    {
        string name = kind == CpuKind ? CpuKind : Name(kind, index);
        if (index < found.Count && found[index] is { Properties: not null })
        {
            return new IlgpuAccelerator(name, all()[index]);
        }

        string reasons = string.Join("; ", found.Select(static device => device.Properties is null ? device.Reason : $"{device.Name} is {device.Properties.DeviceName}"));
        throw new DeviceException($"There is no device '{Name(kind, index)}': {reasons}.");
    }

    private static string Name(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}:{index}");
}
