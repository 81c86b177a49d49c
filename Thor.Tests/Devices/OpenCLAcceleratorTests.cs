using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.OpenCL;
using Xunit;
using static Thor.Tests.Devices.ContractKernels;

namespace Thor.Tests.Devices;

/// <summary>What is particular to OpenCL: compiling, the programs on disk, limits of compiled kernels.</summary>
[Collection(DeviceStatisticsCollection.Name)]
public sealed class OpenCLAcceleratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Launch_BrokenKernel_SaysKernelDeviceLogAndWhereTheSourceIs()
    {
        using OpenCLAccelerator device = Open();

        DeviceException refused = Assert.Throws<DeviceException>(() => device.Stream.Launch(new KernelConfig(1, 1), new Broken(0)));

        Assert.Contains("ContractBroken", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Broken.cs:7", refused.Message, StringComparison.Ordinal);
        Assert.Contains("opencl:0", refused.Message, StringComparison.Ordinal);
        Assert.Contains(device.Properties.DeviceName, refused.Message, StringComparison.Ordinal);
        Assert.Contains("CL_BUILD_PROGRAM_FAILURE (-11)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("this_is_no_function", refused.Message[refused.Message.IndexOf('\n', StringComparison.Ordinal)..], StringComparison.Ordinal);
        string source = Assert.Single(Directory.GetFiles(_folder.Path, "*.cl", SearchOption.AllDirectories));
        Assert.Contains(source, refused.Message, StringComparison.Ordinal);
        Assert.Equal(Broken.Source.OpenCL, File.ReadAllText(source));
    }

    [Fact]
    public void Launch_AfterACompileError_Works()
    {
        using OpenCLAccelerator device = Open();
        using MemoryBuffer<int> y = device.Allocate(new int[4]);
        Assert.Throws<DeviceException>(() => device.Compile(Broken.Source, []));

        device.Stream.Launch(new KernelConfig(1, 4), new Constant(y.View, new(1), new(1)));

        Assert.Equal([2, 2, 2, 2], y.ToArray());
    }

    [Fact]
    public void Launch_KernelWithoutOpenCLForm_SaysWhy()
    {
        using OpenCLAccelerator device = Open();

        DeviceException refused = Assert.Throws<DeviceException>(() => device.Stream.Launch(new KernelConfig(1, 1), new PtxOnly(0)));

        Assert.Contains("PtxOnly", refused.Message, StringComparison.Ordinal);
        Assert.Contains("PTX", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_LauncherAndTextDisagree_IsRefusedWithTheNumbers()
    {
        using OpenCLAccelerator device = Open();

        DeviceException refused = Assert.Throws<DeviceException>(() => device.Stream.Launch(new KernelConfig(1, 1), new WrongCount(1, 2)));

        Assert.Contains("takes 1 arguments", refused.Message, StringComparison.Ordinal);
        Assert.Contains("gives 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_SharedMemoryBeyondTheDevice_IsRefusedWithTheNumbers()
    {
        using OpenCLAccelerator device = Open();
        using MemoryBuffer<int> y = device.Allocate(new int[4]);
        int most = device.Properties.MaxSharedBytes;

        ArgumentException refused = Assert.Throws<ArgumentException>(() => device.Stream.Launch(new KernelConfig(1, 1, most - 8), new StaticAndDynamic(y.View)));

        Assert.Contains("ContractStaticAndDynamic", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{most + 4088} bytes of shared memory, 4096 of them its own: {most} are the most", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_InTheNextProcess_ComesFromTheDisk()
    {
        using (OpenCLAccelerator first = Open())
        {
            Assert.Equal((1, 0), Counts(first));
        }

        using OpenCLAccelerator second = Open();
        Assert.Equal((0, 1), Counts(second));
    }

    [Fact]
    public void Compile_OtherValues_IsAnotherProgram()
    {
        using (OpenCLAccelerator first = Open())
        {
            first.Compile(Constant.Source, [1, 2]);
        }

        using OpenCLAccelerator second = Open();
        second.Compile(Constant.Source, [1, 3]);
        Assert.Equal((1, 0), second.Compiler.Counts);
    }

    [Fact]
    public void Compile_DamagedFile_IsCompiledAgain()
    {
        using (OpenCLAccelerator first = Open())
        {
            Assert.Equal((1, 0), Counts(first));
        }

        string file = Assert.Single(Directory.GetFiles(_folder.Path));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..100]);
        using (OpenCLAccelerator second = Open())
        {
            Assert.Equal((1, 0), Counts(second));
        }

        using OpenCLAccelerator third = Open();
        Assert.Equal((0, 1), Counts(third));
    }

    [Fact]
    public void Compile_BinaryThatTheDriverRefuses_IsCompiledAgain()
    {
        using (OpenCLAccelerator first = Open())
        {
            Assert.Equal((1, 0), Counts(first));
        }

        // A whole entry, but not one that any driver wrote.
        string key = Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(_folder.Path)));
        new ProgramCache(_folder.Path).Store(key, "no program at all"u8);
        using (OpenCLAccelerator second = Open())
        {
            Assert.Equal((1, 0), Counts(second));
        }

        using OpenCLAccelerator third = Open();
        Assert.Equal((0, 1), Counts(third));
    }

    [Fact]
    public void Compile_FolderThatCannotBeWritten_OnlyCostsTheCompilation()
    {
        TestDevices.Require("opencl");
        string file = Path.Combine(_folder.Path, "a file");
        File.WriteAllText(file, string.Empty);
        using OpenCLAccelerator device = OpenCLAccelerator.Open(0, new ProgramCache(Path.Combine(file, "below")));

        Assert.Equal((1, 0), Counts(device));
    }

    [Fact]
    public void Open_AnyDriver_LeavesDivisionByZeroToTheRuntime()
    {
        using OpenCLAccelerator device = Open();
        using MemoryBuffer<int> y = device.Allocate([4, 0]);
        int[] numbers = y.ToArray();

        Assert.Throws<DivideByZeroException>(() => numbers[0] / numbers[1]);
    }

    [Fact]
    public void MillisecondsSince_EventsWithoutTime_SaysHowToGetThem()
    {
        using OpenCLAccelerator device = Open();
        using AcceleratorEvent first = device.Stream.Record();
        using AcceleratorEvent second = device.Stream.Record();

        Assert.Contains("RecordTimed", Assert.Throws<InvalidOperationException>(() => second.MillisecondsSince(first)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Capture_Anything_IsNotOffered()
    {
        using OpenCLAccelerator device = Open();

        Assert.Null(device.Stream.Capture(static () => throw new InvalidOperationException()));
    }

    [Fact]
    public void Buffer_Forgotten_GoesBackToThePool()
    {
        using OpenCLAccelerator device = Open();
        Forget(device);

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.Equal((0, 1024), (device.Statistics.InUseBytes, device.Statistics.PooledBytes));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(OpenCLAccelerator device) => _ = device.Allocate(1000);

    private static (int Compiled, int Loaded) Counts(OpenCLAccelerator device)
    {
        using MemoryBuffer<int> y = device.Allocate(new int[4]);
        device.Stream.Launch(new KernelConfig(1, 4), new Constant(y.View, new(2), new(3)));
        device.Stream.Launch(new KernelConfig(1, 4), new Constant(y.View, new(2), new(3)));
        Assert.Equal([5, 5, 5, 5], y.ToArray());
        return device.Compiler.Counts;
    }

    private OpenCLAccelerator Open()
    {
        TestDevices.Require("opencl");
        return OpenCLAccelerator.Open(0, new ProgramCache(_folder.Path));
    }

    private readonly struct PtxOnly(int unused) : IKernel
    {
        public static KernelSource Source { get; } = new() { Name = "PtxOnly", OpenCL = null, Cuda = string.Empty, HasPtx = true };

        public void Bind(KernelArguments arguments) => arguments.Add(unused);

        public void Run() => throw new InvalidOperationException();

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    private readonly struct WrongCount(int first, int second) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractWrongCount",
            OpenCL = "__kernel void ContractWrongCount(const int first) { }",
            Cuda = string.Empty,
        };

        public void Bind(KernelArguments arguments)
        {
            arguments.Add(first);
            arguments.Add(second);
        }

        public void Run() => throw new InvalidOperationException();

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    private readonly struct StaticAndDynamic(Thor.Kernels.Dialect.ArrayView<int> y) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractStaticAndDynamic",
            UsesDynamicShared = true,
            OpenCL = """
                __kernel void ContractStaticAndDynamic(__global int* y_base, const long y_offset, __local int* shared)
                {
                    __local int own[1024];
                    own[get_local_id(0)] = 1;
                    shared[get_local_id(0)] = 2;
                    barrier(CLK_LOCAL_MEM_FENCE);
                    (y_base + y_offset)[get_local_id(0)] = own[get_local_id(0)] + shared[get_local_id(0)];
                }
                """,
            Cuda = string.Empty,
        };

        public void Bind(KernelArguments arguments) => arguments.Add(y);

        public void Run() => throw new InvalidOperationException();

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }
}
