using System.Text;
using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>
/// Compiled programs of one context, one per kernel and specialised values, compiled when first needed and kept on disk. What the disk
/// holds is only a saving of time: a binary that the driver refuses is compiled again.
/// </summary>
internal sealed unsafe class OpenCLCompiler
{
    private const uint BuildLog = 0x1183;
    private const uint BinarySizes = 0x1165;
    private const uint Binaries = 0x1166;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<(int[] Specialized, nint Program)>> _programs = [];
    private readonly OpenCLDevice _device;
    private readonly ProgramCache _cache;
    private readonly nint _context;
    private readonly string _name;
    private readonly string _options;

    /// <summary>No programs yet.</summary>
    /// <param name="context">The context.</param>
    /// <param name="device">Its device.</param>
    /// <param name="name">The device, for messages.</param>
    /// <param name="cache">Where binaries are kept.</param>
    public OpenCLCompiler(nint context, OpenCLDevice device, string name, ProgramCache cache)
    {
        _context = context;
        _device = device;
        _name = name;
        _cache = cache;
        // Warnings tell nobody anything that the translator has not: drivers would print them beside the program's own output.
        _options = device.RoundsDivision ? "-cl-std=CL1.2 -w -cl-fp32-correctly-rounded-divide-sqrt" : "-cl-std=CL1.2 -w";
    }

    /// <summary>Programs that were compiled from source, and those that came from the disk.</summary>
    public (int Compiled, int Loaded) Counts { get; private set; }

    /// <summary>The program of a kernel for specialised values.</summary>
    /// <exception cref="DeviceException">It does not compile, or needs CUDA.</exception>
    public nint Get(KernelSource kernel, ReadOnlySpan<int> specialized)
    {
        lock (_lock)
        {
            if (!_programs.TryGetValue(kernel.Id, out List<(int[] Specialized, nint Program)>? variants))
            {
                _programs.Add(kernel.Id, variants = []);
            }

            foreach ((int[] values, nint program) in variants)
            {
                if (specialized.SequenceEqual(values))
                {
                    return program;
                }
            }

            nint built = Build(kernel, specialized);
            variants.Add((specialized.ToArray(), built));
            return built;
        }
    }

    /// <summary>Gives all programs back.</summary>
    public void Release()
    {
        lock (_lock)
        {
            foreach ((_, nint program) in _programs.Values.SelectMany(static variants => variants))
            {
                _ = ReleaseProgram(program);
            }

            _programs.Clear();
        }
    }

    private nint Build(KernelSource kernel, ReadOnlySpan<int> specialized)
    {
        if (kernel.OpenCL is null)
        {
            throw new DeviceException($"Kernel {kernel.Name} ({kernel.Location}) has no OpenCL form, because it holds PTX instructions: it cannot run on {_name}.");
        }

        string text = kernel.WithMacros(kernel.OpenCL, specialized);
        string key = ProgramCache.Key("OpenCL", text, _options, _device.Identity);
        if (_cache.Load(key) is byte[] binary && BuildBinary(binary) is nint loaded and not 0)
        {
            Counts = (Counts.Compiled, Counts.Loaded + 1);
            return loaded;
        }

        nint program = BuildText(kernel, text);
        Counts = (Counts.Compiled + 1, Counts.Loaded);
        if (BinaryOf(program) is byte[] compiled)
        {
            _cache.Store(key, compiled);
        }

        return program;
    }

    private nint BuildText(KernelSource kernel, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int code;
        nint program;
        fixed (byte* start = bytes)
        {
            byte* one = start;
            nuint length = (nuint)bytes.Length;
            program = CreateProgramWithSource(_context, 1, &one, &length, &code);
        }

        OpenCLError.Require(code, _name, $"clCreateProgramWithSource of kernel {kernel.Name}");
        nint device = _device.Handle;
        code = BuildProgram(program, 1, &device, _options, 0, 0);
        if (code == 0)
        {
            return program;
        }

        string log = LogOf(program);
        _ = ReleaseProgram(program);
        string path = _cache.KeepSource(kernel.Name + ".cl", text);
        throw new DeviceException(
            $"Kernel {kernel.Name} ({kernel.Location}) does not compile on {_name}: clBuildProgram with {_options} says {OpenCLError.Text(code)}. " +
            $"Its OpenCL source was written to {path}. The driver's log:\n{log}");
    }

    // 0 where the driver refuses what it once wrote, for example after an update that left its version as it was.
    private nint BuildBinary(byte[] binary)
    {
        int code;
        int status;
        nint program;
        nint device = _device.Handle;
        fixed (byte* start = binary)
        {
            byte* one = start;
            nuint length = (nuint)binary.Length;
            program = CreateProgramWithBinary(_context, 1, &device, &length, &one, &status, &code);
        }

        if (code == 0 && status == 0 && BuildProgram(program, 1, &device, _options, 0, 0) == 0)
        {
            return program;
        }

        if (program != 0)
        {
            _ = ReleaseProgram(program);
        }

        return 0;
    }

    // Null where the driver does not give it: the program is then compiled again in the next process.
    private static byte[]? BinaryOf(nint program)
    {
        nuint size = 0;
        if (GetProgramInfo(program, BinarySizes, (nuint)sizeof(nuint), &size, null) != 0 || size == 0)
        {
            return null;
        }

        byte[] binary = new byte[size];
        fixed (byte* start = binary)
        {
            byte* one = start;
            return GetProgramInfo(program, Binaries, (nuint)sizeof(byte*), &one, null) == 0 ? binary : null;
        }
    }

    private string LogOf(nint program)
    {
        nuint size = 0;
        if (GetProgramBuildInfo(program, _device.Handle, BuildLog, 0, null, &size) != 0 || size == 0)
        {
            return "(empty)";
        }

        byte[] log = new byte[size];
        fixed (byte* start = log)
        {
            int code = GetProgramBuildInfo(program, _device.Handle, BuildLog, size, start, null);
            return code == 0 ? Encoding.UTF8.GetString(log).TrimEnd('\0', '\n') : $"(clGetProgramBuildInfo says {OpenCLError.Text(code)})";
        }
    }
}
