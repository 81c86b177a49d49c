using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Thor.Kernels.Accelerators.Cuda;

namespace Thor.Tests.Devices;

/// <summary>
/// A CUDA driver of one H100-like device whose memory is the host's and whose streams work at once, so that everything above the driver's entry
/// points runs without a GPU. Work that is recorded is kept and done when the graph is launched. Modules are texts: PTX, or anything with a line
/// "// params 8,4" that gives the sizes of the kernel's parameters. Kernels do nothing. One at a time: tests that use it share a collection.
/// </summary>
internal static unsafe partial class FakeCuda
{
    private static readonly Dictionary<string, CudaResult> s_failures = [];
    private static readonly Dictionary<nint, string> s_texts = [];
    private static readonly Dictionary<nint, List<Action>> s_graphs = [];
    private static readonly Dictionary<nint, nuint> s_blocks = [];
    private static readonly Dictionary<string, nint> s_addresses = Addresses();
    private static readonly List<string> s_calls = [];
    private static List<Action>? s_recording;
    private static int s_next;

    /// <summary>Launches that were done, not recorded: function, sizes, bytes of each parameter.</summary>
    public static List<FakeLaunch> Launches { get; } = [];

    /// <summary>Values of cuFuncSetAttribute, in order.</summary>
    public static List<(CudaFunctionAttribute Attribute, int Value)> FunctionAttributes { get; } = [];

    /// <summary>Names of the calls so far.</summary>
    public static IReadOnlyList<string> Calls => s_calls;

    /// <summary>Bytes that can be allocated.</summary>
    public static nuint Capacity { get; set; }

    /// <summary>Bytes that are.</summary>
    public static nuint Allocated => s_blocks.Values.Aggregate((nuint)0, static (sum, bytes) => sum + bytes);

    /// <summary>What a kernel uses of shared memory by itself.</summary>
    public static int StaticSharedBytes { get; set; }

    /// <summary>Most threads of a group of any kernel.</summary>
    public static int MaxThreads { get; set; }

    /// <summary>Compute capability times 10.</summary>
    public static int Capability { get; set; }

    /// <summary>The loaded modules' texts.</summary>
    public static IReadOnlyCollection<string> Modules => s_texts.Values;

    /// <summary>Forgets everything and gives the driver.</summary>
    public static CudaDriver Start()
    {
        foreach (nint block in s_blocks.Keys)
        {
            NativeMemory.Free((void*)block);
        }

        s_blocks.Clear();
        s_failures.Clear();
        s_texts.Clear();
        s_graphs.Clear();
        s_calls.Clear();
        Launches.Clear();
        FunctionAttributes.Clear();
        s_recording = null;
        s_next = 0x1000;
        Capacity = 1 << 20;
        StaticSharedBytes = 0;
        MaxThreads = 1024;
        Capability = 90;
        (CudaDriver? driver, string reason) = CudaDriver.Start(Export, "libfake.so.1");
        return driver ?? throw new InvalidOperationException(reason);
    }

    /// <summary>Address of an entry point.</summary>
    public static nint Export(string name) =>
        s_addresses.TryGetValue(name, out nint address) ? address : throw new EntryPointNotFoundException($"Unable to find an entry point named '{name}'.");

    /// <summary>Makes every further call of a name fail.</summary>
    public static void Fail(string call, CudaResult result) => s_failures[call] = result;

    /// <summary>Ends what <see cref="Fail"/> began.</summary>
    public static void Succeed(string call) => s_failures.Remove(call);

    private static CudaResult Answer(string call)
    {
        lock (s_calls)
        {
            s_calls.Add(call);
        }

        return s_failures.GetValueOrDefault(call);
    }

    private static CudaResult Handle(string call, nint* handle)
    {
        *handle = Interlocked.Increment(ref s_next);
        return Answer(call);
    }

    private static CudaResult Work(string call, Action work)
    {
        CudaResult result = Answer(call);
        if (result == CudaResult.Success)
        {
            if (s_recording is null)
            {
                work();
            }
            else
            {
                s_recording.Add(work);
            }
        }

        return result;
    }

    // What the text itself says, or the parameters that PTX declares before the body.
    private static int[] ParameterSizes(string text)
    {
        string? line = text.Split('\n').FirstOrDefault(static l => l.StartsWith("// params", StringComparison.Ordinal));
        if (line is not null)
        {
            return [.. line["// params".Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(int.Parse)];
        }

        string head = text[text.IndexOf(".entry", StringComparison.Ordinal)..];
        head = head[..head.IndexOf(')', StringComparison.Ordinal)];
        return [.. Parameter().Matches(head).Select(static match => match.Groups["length"].Success
            ? int.Parse(match.Groups["length"].ValueSpan, CultureInfo.InvariantCulture)
            : int.Parse(match.Groups["bits"].ValueSpan, CultureInfo.InvariantCulture) / 8)];
    }

    private static CudaResult Text(byte** text, string value)
    {
        // Test processes are short: the text stays.
        *text = (byte*)Marshal.StringToCoTaskMemUTF8(value);
        return CudaResult.Success;
    }

    private static Dictionary<string, nint> Addresses() => new()
    {
        ["cuInit"] = (nint)(delegate* unmanaged<uint, CudaResult>)&Init,
        ["cuDriverGetVersion"] = (nint)(delegate* unmanaged<int*, CudaResult>)&DriverGetVersion,
        ["cuGetErrorName"] = (nint)(delegate* unmanaged<CudaResult, byte**, CudaResult>)&GetErrorName,
        ["cuGetErrorString"] = (nint)(delegate* unmanaged<CudaResult, byte**, CudaResult>)&GetErrorString,
        ["cuDeviceGetCount"] = (nint)(delegate* unmanaged<int*, CudaResult>)&DeviceGetCount,
        ["cuDeviceGet"] = (nint)(delegate* unmanaged<int*, int, CudaResult>)&DeviceGet,
        ["cuDeviceGetName"] = (nint)(delegate* unmanaged<byte*, int, int, CudaResult>)&DeviceGetName,
        ["cuDeviceTotalMem_v2"] = (nint)(delegate* unmanaged<nuint*, int, CudaResult>)&DeviceTotalMem,
        ["cuDeviceGetAttribute"] = (nint)(delegate* unmanaged<int*, CudaDeviceAttribute, int, CudaResult>)&DeviceGetAttribute,
        ["cuDevicePrimaryCtxRetain"] = (nint)(delegate* unmanaged<nint*, int, CudaResult>)&PrimaryCtxRetain,
        ["cuDevicePrimaryCtxRelease_v2"] = (nint)(delegate* unmanaged<int, CudaResult>)&PrimaryCtxRelease,
        ["cuCtxSetCurrent"] = (nint)(delegate* unmanaged<nint, CudaResult>)&CtxSetCurrent,
        ["cuCtxSynchronize"] = (nint)(delegate* unmanaged<CudaResult>)&CtxSynchronize,
        ["cuMemGetInfo_v2"] = (nint)(delegate* unmanaged<nuint*, nuint*, CudaResult>)&MemGetInfo,
        ["cuMemAlloc_v2"] = (nint)(delegate* unmanaged<nint*, nuint, CudaResult>)&MemAlloc,
        ["cuMemFree_v2"] = (nint)(delegate* unmanaged<nint, CudaResult>)&MemFree,
        ["cuMemHostAlloc"] = (nint)(delegate* unmanaged<void**, nuint, uint, CudaResult>)&MemHostAlloc,
        ["cuMemFreeHost"] = (nint)(delegate* unmanaged<void*, CudaResult>)&MemFreeHost,
        ["cuMemcpyHtoDAsync_v2"] = (nint)(delegate* unmanaged<nint, void*, nuint, nint, CudaResult>)&MemcpyHtoD,
        ["cuMemcpyDtoHAsync_v2"] = (nint)(delegate* unmanaged<void*, nint, nuint, nint, CudaResult>)&MemcpyDtoH,
        ["cuMemcpyDtoDAsync_v2"] = (nint)(delegate* unmanaged<nint, nint, nuint, nint, CudaResult>)&MemcpyDtoD,
        ["cuMemsetD8Async"] = (nint)(delegate* unmanaged<nint, byte, nuint, nint, CudaResult>)&MemsetD8,
        ["cuStreamCreate"] = (nint)(delegate* unmanaged<nint*, uint, CudaResult>)&StreamCreate,
        ["cuStreamDestroy_v2"] = (nint)(delegate* unmanaged<nint, CudaResult>)&StreamDestroy,
        ["cuStreamSynchronize"] = (nint)(delegate* unmanaged<nint, CudaResult>)&StreamSynchronize,
        ["cuStreamWaitEvent"] = (nint)(delegate* unmanaged<nint, nint, uint, CudaResult>)&StreamWaitEvent,
        ["cuStreamBeginCapture_v2"] = (nint)(delegate* unmanaged<nint, int, CudaResult>)&StreamBeginCapture,
        ["cuStreamEndCapture"] = (nint)(delegate* unmanaged<nint, nint*, CudaResult>)&StreamEndCapture,
        ["cuThreadExchangeStreamCaptureMode"] = (nint)(delegate* unmanaged<int*, CudaResult>)&ExchangeCaptureMode,
        ["cuGraphInstantiateWithFlags"] = (nint)(delegate* unmanaged<nint*, nint, ulong, CudaResult>)&GraphInstantiate,
        ["cuGraphLaunch"] = (nint)(delegate* unmanaged<nint, nint, CudaResult>)&GraphLaunch,
        ["cuGraphDestroy"] = (nint)(delegate* unmanaged<nint, CudaResult>)&GraphDestroy,
        ["cuGraphExecDestroy"] = (nint)(delegate* unmanaged<nint, CudaResult>)&GraphExecDestroy,
        ["cuEventCreate"] = (nint)(delegate* unmanaged<nint*, uint, CudaResult>)&EventCreate,
        ["cuEventDestroy_v2"] = (nint)(delegate* unmanaged<nint, CudaResult>)&EventDestroy,
        ["cuEventRecord"] = (nint)(delegate* unmanaged<nint, nint, CudaResult>)&EventRecord,
        ["cuEventQuery"] = (nint)(delegate* unmanaged<nint, CudaResult>)&EventQuery,
        ["cuEventSynchronize"] = (nint)(delegate* unmanaged<nint, CudaResult>)&EventSynchronize,
        ["cuEventElapsedTime"] = (nint)(delegate* unmanaged<float*, nint, nint, CudaResult>)&EventElapsedTime,
        ["cuModuleLoadDataEx"] = (nint)(delegate* unmanaged<nint*, void*, uint, int*, void**, CudaResult>)&ModuleLoad,
        ["cuModuleUnload"] = (nint)(delegate* unmanaged<nint, CudaResult>)&ModuleUnload,
        ["cuModuleGetFunction"] = (nint)(delegate* unmanaged<nint*, nint, byte*, CudaResult>)&ModuleGetFunction,
        ["cuFuncGetAttribute"] = (nint)(delegate* unmanaged<int*, CudaFunctionAttribute, nint, CudaResult>)&FuncGetAttribute,
        ["cuFuncSetAttribute"] = (nint)(delegate* unmanaged<nint, CudaFunctionAttribute, int, CudaResult>)&FuncSetAttribute,
        ["cuLaunchKernel"] = (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)&LaunchKernel,
    };

    [UnmanagedCallersOnly]
    private static CudaResult Init(uint flags) => Answer("cuInit");

    [UnmanagedCallersOnly]
    private static CudaResult DriverGetVersion(int* version)
    {
        *version = 13000;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult GetErrorName(CudaResult result, byte** text) => Text(text, $"CUDA_ERROR_{result.ToString().ToUpperInvariant()}");

    [UnmanagedCallersOnly]
    private static CudaResult GetErrorString(CudaResult result, byte** text) => Text(text, "words of the driver");

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGetCount(int* count)
    {
        *count = 1;
        return Answer("cuDeviceGetCount");
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGet(int* device, int ordinal)
    {
        *device = ordinal + 7;
        return Answer("cuDeviceGet");
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGetName(byte* name, int length, int device)
    {
        Encoding.UTF8.GetBytes("Fake H100\0").CopyTo(new Span<byte>(name, length));
        return device == 7 ? CudaResult.Success : CudaResult.InvalidValue;
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceTotalMem(nuint* bytes, int device)
    {
        *bytes = (nuint)80 << 30;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGetAttribute(int* value, CudaDeviceAttribute attribute, int device)
    {
        *value = attribute switch
        {
            CudaDeviceAttribute.CapabilityMajor => Capability / 10,
            CudaDeviceAttribute.CapabilityMinor => Capability % 10,
            CudaDeviceAttribute.Multiprocessors => 132,
            CudaDeviceAttribute.ClockKilohertz => 1980000,
            CudaDeviceAttribute.MemoryClockKilohertz => 2619000,
            CudaDeviceAttribute.MemoryBusBits => 5120,
            CudaDeviceAttribute.MaxSharedBytesPerBlock => 48 << 10,
            CudaDeviceAttribute.MaxSharedBytesPerBlockOptIn => 227 << 10,
            CudaDeviceAttribute.WarpSize => 32,
            CudaDeviceAttribute.MaxBlockZ => 64,
            CudaDeviceAttribute.MaxGridX => int.MaxValue,
            CudaDeviceAttribute.MaxGridY or CudaDeviceAttribute.MaxGridZ => 65535,
            _ => 1024,
        };
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult PrimaryCtxRetain(nint* context, int device) => Handle("cuDevicePrimaryCtxRetain", context);

    [UnmanagedCallersOnly]
    private static CudaResult PrimaryCtxRelease(int device) => Answer("cuDevicePrimaryCtxRelease");

    [UnmanagedCallersOnly]
    private static CudaResult CtxSetCurrent(nint context) => Answer("cuCtxSetCurrent");

    [UnmanagedCallersOnly]
    private static CudaResult CtxSynchronize() => Answer("cuCtxSynchronize");

    [UnmanagedCallersOnly]
    private static CudaResult MemGetInfo(nuint* free, nuint* total)
    {
        *free = Capacity - Allocated;
        *total = Capacity;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult MemAlloc(nint* block, nuint bytes)
    {
        if (Allocated + bytes > Capacity)
        {
            return CudaResult.OutOfMemory;
        }

        *block = (nint)NativeMemory.AllocZeroed(bytes);
        s_blocks.Add(*block, bytes);
        return Answer("cuMemAlloc");
    }

    [UnmanagedCallersOnly]
    private static CudaResult MemFree(nint block)
    {
        s_blocks.Remove(block);
        NativeMemory.Free((void*)block);
        return Answer("cuMemFree");
    }

    [UnmanagedCallersOnly]
    private static CudaResult MemHostAlloc(void** address, nuint bytes, uint flags)
    {
        *address = NativeMemory.AllocZeroed(bytes);
        return Answer("cuMemHostAlloc");
    }

    [UnmanagedCallersOnly]
    private static CudaResult MemFreeHost(void* address)
    {
        NativeMemory.Free(address);
        return Answer("cuMemFreeHost");
    }

    [UnmanagedCallersOnly]
    private static CudaResult MemcpyHtoD(nint destination, void* source, nuint bytes, nint stream) =>
        Work("cuMemcpyHtoDAsync", () => NativeMemory.Copy(source, (void*)destination, bytes));

    [UnmanagedCallersOnly]
    private static CudaResult MemcpyDtoH(void* destination, nint source, nuint bytes, nint stream) =>
        Work("cuMemcpyDtoHAsync", () => NativeMemory.Copy((void*)source, destination, bytes));

    [UnmanagedCallersOnly]
    private static CudaResult MemcpyDtoD(nint destination, nint source, nuint bytes, nint stream) =>
        Work("cuMemcpyDtoDAsync", () => NativeMemory.Copy((void*)source, (void*)destination, bytes));

    [UnmanagedCallersOnly]
    private static CudaResult MemsetD8(nint destination, byte value, nuint bytes, nint stream) =>
        Work("cuMemsetD8Async", () => NativeMemory.Fill((void*)destination, bytes, value));

    [UnmanagedCallersOnly]
    private static CudaResult StreamCreate(nint* stream, uint flags) => flags == 1 ? Handle("cuStreamCreate", stream) : CudaResult.InvalidValue;

    [UnmanagedCallersOnly]
    private static CudaResult StreamDestroy(nint stream) => Answer("cuStreamDestroy");

    [UnmanagedCallersOnly]
    private static CudaResult StreamSynchronize(nint stream) => Answer("cuStreamSynchronize");

    [UnmanagedCallersOnly]
    private static CudaResult StreamWaitEvent(nint stream, nint earlier, uint flags) => Answer("cuStreamWaitEvent");

    [UnmanagedCallersOnly]
    private static CudaResult StreamBeginCapture(nint stream, int mode)
    {
        CudaResult result = mode == 1 ? Answer("cuStreamBeginCapture") : CudaResult.InvalidValue;
        s_recording = result == CudaResult.Success ? [] : null;
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult StreamEndCapture(nint stream, nint* graph)
    {
        CudaResult result = Handle("cuStreamEndCapture", graph);
        s_graphs[*graph] = s_recording!; // begun before
        s_recording = null;
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult ExchangeCaptureMode(int* mode)
    {
        *mode = *mode == 2 ? 1 : 2;
        return Answer("cuThreadExchangeStreamCaptureMode");
    }

    [UnmanagedCallersOnly]
    private static CudaResult GraphInstantiate(nint* executable, nint graph, ulong flags)
    {
        CudaResult result = Handle("cuGraphInstantiate", executable);
        s_graphs[*executable] = s_graphs[graph];
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult GraphLaunch(nint executable, nint stream)
    {
        CudaResult result = Answer("cuGraphLaunch");
        s_graphs[executable].ForEach(static work => work());
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult GraphDestroy(nint graph)
    {
        s_graphs.Remove(graph);
        return Answer("cuGraphDestroy");
    }

    [UnmanagedCallersOnly]
    private static CudaResult GraphExecDestroy(nint executable)
    {
        s_graphs.Remove(executable);
        return Answer("cuGraphExecDestroy");
    }

    [UnmanagedCallersOnly]
    private static CudaResult EventCreate(nint* handle, uint flags) => Handle("cuEventCreate", handle);

    [UnmanagedCallersOnly]
    private static CudaResult EventDestroy(nint handle) => Answer("cuEventDestroy");

    [UnmanagedCallersOnly]
    private static CudaResult EventRecord(nint handle, nint stream) => Answer("cuEventRecord");

    [UnmanagedCallersOnly]
    private static CudaResult EventQuery(nint handle) => Answer("cuEventQuery");

    [UnmanagedCallersOnly]
    private static CudaResult EventSynchronize(nint handle) => Answer("cuEventSynchronize");

    [UnmanagedCallersOnly]
    private static CudaResult EventElapsedTime(float* milliseconds, nint start, nint end)
    {
        *milliseconds = end - start;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult ModuleLoad(nint* module, void* image, uint count, int* options, void** values)
    {
        string text = Marshal.PtrToStringUTF8((nint)image)!; // images of tests are texts
        bool logs = count == 4 && options[0] == 3 && options[1] == 4 && options[2] == 5 && options[3] == 6;
        if (!logs || text.Contains("BROKEN", StringComparison.Ordinal))
        {
            Encoding.UTF8.GetBytes("ptxas error: line 1\0").CopyTo(new Span<byte>(values[2], (int)(nint)values[3]));
            return CudaResult.InvalidPtx;
        }

        CudaResult result = Handle("cuModuleLoadDataEx", module);
        if (result == CudaResult.Success)
        {
            s_texts.Add(*module, text);
        }

        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult ModuleUnload(nint module)
    {
        s_texts.Remove(module);
        return Answer("cuModuleUnload");
    }

    [UnmanagedCallersOnly]
    private static CudaResult ModuleGetFunction(nint* function, nint module, byte* name)
    {
        *function = module;
        return s_texts[module].Contains(Marshal.PtrToStringUTF8((nint)name)!, StringComparison.Ordinal) ? CudaResult.Success : CudaResult.NotFound;
    }

    [UnmanagedCallersOnly]
    private static CudaResult FuncGetAttribute(int* value, CudaFunctionAttribute attribute, nint function)
    {
        *value = attribute switch
        {
            CudaFunctionAttribute.MaxThreadsPerBlock => MaxThreads,
            CudaFunctionAttribute.StaticSharedBytes => StaticSharedBytes,
            CudaFunctionAttribute.Registers => 128,
            _ => 16,
        };
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult FuncSetAttribute(nint function, CudaFunctionAttribute attribute, int value)
    {
        FunctionAttributes.Add((attribute, value));
        return Answer("cuFuncSetAttribute");
    }

    [UnmanagedCallersOnly]
    private static CudaResult LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint groupX, uint groupY, uint groupZ, uint shared, nint stream, void** parameters, void** extra)
    {
        string text = s_texts[function];
        int[] sizes = ParameterSizes(text);
        byte[][] values = new byte[sizes.Length][];
        for (int i = 0; i < sizes.Length; i++)
        {
            values[i] = new Span<byte>(parameters[i], sizes[i]).ToArray();
        }

        FakeLaunch launch = new(text, [gridX, gridY, gridZ], [groupX, groupY, groupZ], shared, stream, values);
        return extra is null ? Work("cuLaunchKernel", () => Launches.Add(launch)) : CudaResult.InvalidValue;
    }

    [GeneratedRegex(@"\.param \.(align \d+ \.)?[bfsu](?<bits>\d+) \w+(\[(?<length>\d+)\])?", RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();
}
