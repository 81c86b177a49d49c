using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>NVIDIA's run-time compiler: CUDA C to machine code or PTX in this process. Needs no device.</summary>
internal sealed unsafe class Nvrtc
{
    private static readonly Lazy<(Nvrtc? Compiler, string Reason)> s_installed = new(Load);

    private readonly NvrtcApi _api;
    private readonly int[] _known;

    /// <summary>A compiler whose entry points are known.</summary>
    /// <param name="api">The entry points.</param>
    /// <param name="library">Where they come from, for messages.</param>
    public Nvrtc(NvrtcApi api, string library)
    {
        _api = api;
        Library = library;
        int major = 0;
        int minor = 0;
        Require(api.Version(&major, &minor), "nvrtcVersion");
        Major = major;
        VersionText = string.Create(CultureInfo.InvariantCulture, $"NVRTC {major}.{minor}");
        int count = 0;
        Require(api.GetNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs");
        _known = new int[count];
        fixed (int* known = _known)
        {
            Require(api.GetSupportedArchs(known), "nvrtcGetSupportedArchs");
        }
    }

    /// <summary>The library that was loaded.</summary>
    public string Library { get; }

    /// <summary>First number of the version.</summary>
    public int Major { get; }

    /// <summary>"NVRTC 13.0".</summary>
    public string VersionText { get; }

    /// <summary>The compiler of this machine; null, with what was looked for, where there is none.</summary>
    public static Nvrtc? Installed(out string reason)
    {
        (Nvrtc? compiler, reason) = s_installed.Value;
        return compiler;
    }

    /// <summary>What to make for a device; null where the compiler knows nothing that would run there.</summary>
    public NvrtcTarget? TargetFor(int capability) => NvrtcTarget.Choose(capability, Major, _known);

    /// <summary>The options of a compilation.</summary>
    public static string[] Options(NvrtcTarget target) =>
        [$"--gpu-architecture={target.Architecture}", "--fmad=false", "--std=c++17", "-default-device"];

    /// <summary>Compiles a text.</summary>
    /// <param name="name">File name that the log is to show.</param>
    /// <param name="text">CUDA C.</param>
    /// <param name="target">What to make.</param>
    /// <param name="log">What the compiler said.</param>
    /// <returns>Machine code, or PTX with its closing zero; null where the text has errors.</returns>
    public byte[]? Compile(string name, string text, NvrtcTarget target, out string log)
    {
        nint program = 0;
        fixed (byte* textBytes = Encoding.UTF8.GetBytes(text + '\0'))
        fixed (byte* nameBytes = Encoding.UTF8.GetBytes(name + '\0'))
        {
            Require(_api.CreateProgram(&program, textBytes, nameBytes, 0, null, null), "nvrtcCreateProgram");
        }

        try
        {
            int result = CompileWith(program, Options(target));
            log = Log(program);
            if (result == 0)
            {
                return Output(program, target.IsMachineCode);
            }

            log = $"{ErrorText(result)}\n{log}";
            return null;
        }
        finally
        {
            _api.DestroyProgram(&program);
        }
    }

    private static (Nvrtc? Compiler, string Reason) Load()
    {
        LibrarySearch search = new(CudaPaths.Compiler(CudaPaths.Machine));
        if (!search.TryLoad(out nint handle, out string library))
        {
            return (null, search.Tried);
        }

        try
        {
            return (new Nvrtc(new NvrtcApi(name => NativeLibrary.GetExport(handle, name)), library), string.Empty);
        }
        catch (EntryPointNotFoundException old)
        {
            return (null, $"{library} is older than CUDA 11.2: {old.Message}");
        }
    }

    private int CompileWith(nint program, string[] options)
    {
        nint[] texts = new nint[options.Length];
        try
        {
            for (int i = 0; i < options.Length; i++)
            {
                texts[i] = Marshal.StringToCoTaskMemUTF8(options[i]);
            }

            fixed (nint* pointers = texts)
            {
                return _api.CompileProgram(program, options.Length, (byte**)pointers);
            }
        }
        finally
        {
            foreach (nint text in texts)
            {
                Marshal.FreeCoTaskMem(text);
            }
        }
    }

    private string Log(nint program)
    {
        nuint size = 0;
        Require(_api.GetProgramLogSize(program, &size), "nvrtcGetProgramLogSize");
        byte[] bytes = new byte[size];
        fixed (byte* log = bytes)
        {
            if (size > 0)
            {
                Require(_api.GetProgramLog(program, log), "nvrtcGetProgramLog");
            }
        }

        return Encoding.UTF8.GetString(bytes).TrimEnd('\0', '\n');
    }

    private byte[] Output(nint program, bool machineCode)
    {
        nuint size = 0;
        Require(machineCode ? _api.GetCubinSize(program, &size) : _api.GetPtxSize(program, &size), "nvrtcGet...Size");
        byte[] bytes = new byte[size];
        fixed (byte* output = bytes)
        {
            Require(machineCode ? _api.GetCubin(program, output) : _api.GetPtx(program, output), machineCode ? "nvrtcGetCUBIN" : "nvrtcGetPTX");
        }

        return bytes;
    }

    private void Require(int result, string call)
    {
        if (result != 0)
        {
            throw new DeviceException($"{call} failed in {Library}: {ErrorText(result)}.");
        }
    }

    private string ErrorText(int result) => Marshal.PtrToStringUTF8((nint)_api.GetErrorString(result)) ?? string.Create(CultureInfo.InvariantCulture, $"error {result}");
}
