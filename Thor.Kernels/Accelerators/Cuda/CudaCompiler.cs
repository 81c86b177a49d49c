using System.Globalization;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Finds the machine code of a kernel for one device by the first road that is open: PTX made ahead of time, then the run-time compiler.</summary>
internal sealed class CudaCompiler
{
    private const string RoadVariable = "THOR_CUDA_ROAD";

    private readonly CudaDriver _driver;
    private readonly string _device;
    private readonly int _capability;
    private readonly PtxStore _ptx;
    private readonly Func<(Nvrtc? Compiler, string Reason)> _nvrtc;
    private readonly ProgramCache _cache;
    private readonly string? _onlyRoad;

    /// <summary>The roads to a device.</summary>
    /// <param name="driver">The driver, which loads what was found.</param>
    /// <param name="device">"cuda:0 (name)", for messages.</param>
    /// <param name="capability">Compute capability times 10.</param>
    /// <param name="ptx">PTX made ahead of time.</param>
    /// <param name="nvrtc">Gives the run-time compiler, or what was looked for; asked when it is needed.</param>
    /// <param name="cache">Where what the run-time compiler made is kept.</param>
    /// <param name="onlyRoad">"ptx" or "nvrtc" to take no other; null for both.</param>
    public CudaCompiler(
        CudaDriver driver, string device, int capability, PtxStore ptx, Func<(Nvrtc? Compiler, string Reason)> nvrtc, ProgramCache cache, string? onlyRoad)
    {
        _driver = driver;
        _device = device;
        _capability = capability;
        _ptx = ptx;
        _nvrtc = nvrtc;
        _cache = cache;
        _onlyRoad = onlyRoad;
    }

    /// <summary>The road that THOR_CUDA_ROAD asks for; null where it is not set.</summary>
    /// <exception cref="DeviceException">It is neither ptx nor nvrtc.</exception>
    public static string? RoadOfProcess() => Environment.GetEnvironmentVariable(RoadVariable) switch
    {
        null or "" => null,
        "ptx" => "ptx",
        "nvrtc" => "nvrtc",
        string other => throw new DeviceException($"{RoadVariable} is '{other}'; expected ptx or nvrtc, or nothing for the first road that is open."),
    };

    /// <summary>Loads a variant into the current context.</summary>
    /// <exception cref="DeviceException">No road is open, or the text does not compile.</exception>
    public CudaModule Load(KernelSource kernel, ReadOnlySpan<int> values)
    {
        string text = kernel.WithMacros(kernel.Cuda, values);
        CudaModule? module = _onlyRoad == "nvrtc" ? Closed($"{RoadVariable} asks for nvrtc", out string noPtx) : LoadPtx(kernel, values, out noPtx);
        if (module is not null)
        {
            return module;
        }

        module = _onlyRoad == "ptx" ? Closed($"{RoadVariable} asks for ptx", out string noNvrtc) : LoadNvrtc(kernel, text, noPtx, out noNvrtc);
        return module ?? throw new DeviceException(
            $"Kernel {kernel.Name} cannot be compiled for {_device}: no road to machine code is open.\n" +
            $"1. PTX made ahead of time: {noPtx}.\n" +
            $"2. NVIDIA's run-time compiler: {noNvrtc}. It comes with the CUDA toolkit and with the Python package nvidia-cuda-nvrtc.\n" +
            "3. OpenCL: " + (kernel.OpenCL is null
                ? "this kernel holds PTX instructions and has no OpenCL form."
                : "NVIDIA's driver lists the same GPU as an opencl:N device, for which it compiles kernels itself; `thor devices` shows which."));
    }

    private static CudaModule? Closed(string why, out string reason)
    {
        reason = why;
        return null;
    }

    private CudaModule? LoadPtx(KernelSource kernel, ReadOnlySpan<int> values, out string reason)
    {
        string name = kernel.PtxName(values);
        byte[]? ptx = _ptx.Find(name, out string where);
        if (ptx is null)
        {
            return Closed(where, out reason);
        }

        if (!PtxStore.RunsOn(ptx, _capability, out string target))
        {
            return Closed(string.Create(CultureInfo.InvariantCulture, $"{name} ({where}) is for {target}, the device is sm_{_capability}"), out reason);
        }

        CudaResult result = CudaModuleLoader.Load(_driver.Api, ptx, kernel.Name, out (nint Module, nint Function) handles, out string log);
        if (result == CudaResult.Success)
        {
            reason = string.Empty;
            return new CudaModule(handles.Module, handles.Function, $"PTX for {target} ({where})");
        }

        // The driver may be too old for the PTX, or lack its translator; the run-time compiler can do without both.
        return Closed($"{name} ({where}) was refused by the driver: {_driver.Describe(result)}{(log.Length > 0 ? "\n" + log : string.Empty)}", out reason);
    }

    private CudaModule? LoadNvrtc(KernelSource kernel, string text, string noPtx, out string reason)
    {
        (Nvrtc? compiler, string missing) = _nvrtc();
        if (compiler is null)
        {
            return Closed(missing, out reason);
        }

        if (compiler.TargetFor(_capability) is not NvrtcTarget target)
        {
            return Closed(string.Create(CultureInfo.InvariantCulture, $"{compiler.Library} ({compiler.VersionText}) knows no sm_{_capability}"), out reason);
        }

        string key = ProgramCache.Key([text, kernel.Name, target.Architecture, compiler.VersionText, _driver.VersionText, .. Nvrtc.Options(target)]);
        byte[]? image = _cache.Load(key);
        bool fromCache = image is not null;
        image ??= Compile(compiler, kernel, text, target);
        CudaResult result = CudaModuleLoader.Load(_driver.Api, image, kernel.Name, out (nint Module, nint Function) handles, out string log);
        if (result != CudaResult.Success)
        {
            throw Failure(kernel, text, $"{compiler.VersionText} compiled it for {target.Architecture}, but the driver refuses the code: {_driver.Describe(result)}", log, noPtx);
        }

        if (!fromCache)
        {
            _cache.Store(key, image);
        }

        reason = string.Empty;
        return new CudaModule(handles.Module, handles.Function, $"{compiler.VersionText} for {target.Architecture}");
    }

    private byte[] Compile(Nvrtc compiler, KernelSource kernel, string text, NvrtcTarget target) =>
        compiler.Compile(kernel.Name + ".cu", text, target, out string log)
            ?? throw Failure(kernel, text, $"{compiler.VersionText} refuses it for {target.Architecture}", log, null);

    private DeviceException Failure(KernelSource kernel, string text, string what, string log, string? noPtx)
    {
        string path = _cache.KeepSource(kernel.Name + ".cu", text);
        return new DeviceException(
            $"Kernel {kernel.Name} ({kernel.Location}) does not compile for {_device}: {what}.\n{log}\nThe source was written to {path}." +
            (noPtx is null ? string.Empty : $"\nPTX made ahead of time was not an option: {noPtx}."));
    }
}
