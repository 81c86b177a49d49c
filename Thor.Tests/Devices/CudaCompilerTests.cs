using System.Text;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Which road to machine code is taken, and what is said when none is open.</summary>
[Collection(FakeCudaCollection.Name)]
public sealed class CudaCompilerTests : IDisposable
{
    private const string GoodPtx = FakeKernel.Parameters + "\n.version 7.8\n.target sm_90\n.entry Fake_Kernel";

    private readonly TemporaryFolder _folder = new();
    private readonly CudaDriver _driver = FakeCuda.Start();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_EmbeddedPtx_IsTakenFirst()
    {
        CudaModule module = Compiler(Embedded(GoodPtx)).Load(FakeKernel.Source, [16]);
        Assert.Equal("PTX for sm_90 (embedded)", module.Road);
    }

    [Fact]
    public void Load_FileOfAFolder_ComesBeforeTheEmbeddedOne()
    {
        string path = _folder.File(FakeKernel.Source.PtxName([16]));
        File.WriteAllText(path, GoodPtx.Replace("sm_90", "sm_80", StringComparison.Ordinal));
        PtxStore store = new([_folder.Path], static _ => new MemoryStream(Encoding.UTF8.GetBytes(GoodPtx)));
        Assert.Equal($"PTX for sm_80 ({path})", Compiler(store).Load(FakeKernel.Source, [16]).Road);
    }

    [Fact]
    public void Load_OtherSpecialisedValue_IsAnotherVariant()
    {
        DeviceException error = Assert.Throws<DeviceException>(() => Compiler(Embedded(GoodPtx)).Load(FakeKernel.Source, [32]));
        Assert.Contains($"no resource ptx/Fake_Kernel-32.{FakeKernel.Source.CudaHash}.ptx in the loaded assemblies", error.Message);
    }

    [Fact]
    public void Load_NoRoad_NamesAllThreeAndWhatWasLookedFor()
    {
        PtxStore nothing = new([_folder.Path], static _ => null);
        string message = Assert.Throws<DeviceException>(() => Compiler(nothing).Load(FakeKernel.Source, [16])).Message;
        Assert.StartsWith("Kernel Fake_Kernel cannot be compiled for cuda:0 (Fake H100): no road to machine code is open.\n1. PTX made ahead of time: no resource ptx/Fake_Kernel-16.", message, StringComparison.Ordinal);
        Assert.Contains($"and no such file in {_folder.Path} (THOR_PTX)", message);
        Assert.Contains("2. NVIDIA's run-time compiler: libnvrtc.so.13 was looked for in /a, /b.", message);
        Assert.Contains("3. OpenCL: this kernel holds PTX instructions and has no OpenCL form.", message);
    }

    [Fact]
    public void Load_NoRoadButAnOpenClForm_PointsToTheDevice()
    {
        KernelSource source = new() { Name = "K", OpenCL = "__kernel void K() {}", Cuda = "void K" };
        string message = Assert.Throws<DeviceException>(() => Compiler(new PtxStore([], static _ => null)).Load(source, [])).Message;
        Assert.Contains("3. OpenCL: NVIDIA's driver lists the same GPU as an opencl:N device", message);
        Assert.Contains("THOR_PTX names no folder", message);
    }

    [Fact]
    public void Load_PtxThatTheDriverRefuses_SaysItsLog()
    {
        string message = Assert.Throws<DeviceException>(() => Compiler(Embedded(".target sm_90\nBROKEN")).Load(FakeKernel.Source, [16])).Message;
        Assert.Contains("(embedded) was refused by the driver: CUDA_ERROR_INVALIDPTX (218", message);
        Assert.Contains("ptxas error: line 1", message);
    }

    [Fact]
    public void Load_OlderDevice_IsTold()
    {
        string message = Assert.Throws<DeviceException>(() => Compiler(Embedded(GoodPtx), capability: 86).Load(FakeKernel.Source, [16])).Message;
        Assert.Contains("(embedded) is for sm_90, the device is sm_86", message);
    }

    [Theory]
    [InlineData("nvrtc", "PTX made ahead of time: THOR_CUDA_ROAD asks for nvrtc")]
    [InlineData("ptx", "run-time compiler: THOR_CUDA_ROAD asks for ptx")]
    public void Load_RoadAskedFor_ClosesTheOther(string road, string expected)
    {
        KernelSource source = new() { Name = "Other", OpenCL = null, Cuda = "void Other" };
        PtxStore store = new([], road == "nvrtc" ? static _ => new MemoryStream(Encoding.UTF8.GetBytes(GoodPtx)) : static _ => null);
        CudaCompiler compiler = new(_driver, "cuda:0", 90, store, NoCompiler, new ProgramCache(_folder.Path), road);
        Assert.Contains(expected, Assert.Throws<DeviceException>(() => compiler.Load(source, [])).Message);
    }

    [Fact]
    public void WithMacros_WrongNumberOfValues_IsRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => FakeKernel.Source.WithMacros("text", []));
        Assert.Contains("compiled for 1 specialised values (thor_tile); 0 were given", error.Message);
        Assert.Equal("#define thor_tile -3\ntext", FakeKernel.Source.WithMacros("text", [-3]));
    }

    [Theory]
    [InlineData(".target sm_90", 90, true)]
    [InlineData(".target sm_90\r\n", 90, true)]
    [InlineData(".target sm_90, debug\n", 100, true)]
    [InlineData(".target sm_90\n", 89, false)]
    [InlineData(".target sm_90a\n", 90, true)]
    [InlineData(".target sm_90a\n", 100, false)]
    [InlineData(".target sm_x\n", 90, false)]
    [InlineData("no directive", 90, false)]
    public void RunsOn_Target_DecidesByCapability(string ptx, int capability, bool expected) =>
        Assert.Equal(expected, PtxStore.RunsOn(Encoding.UTF8.GetBytes(".version 7.8\n" + ptx + '\0'), capability, out _));

    [Theory]
    [InlineData(90, 13, "sm_90a", true)]
    [InlineData(90, 11, "sm_90", true)]
    [InlineData(89, 12, "sm_89", true)]
    [InlineData(120, 12, "compute_100", false)]
    [InlineData(70, 13, null, false)]
    public void Choose_Target_IsTheDeviceOrTheNewestOlderOne(int capability, int version, string? architecture, bool machineCode)
    {
        NvrtcTarget? target = NvrtcTarget.Choose(capability, version, [75, 80, 86, 89, 90, 100]);
        Assert.Equal(architecture, target?.Architecture);
        Assert.Equal(machineCode, target?.IsMachineCode ?? false);
    }

    [Fact]
    public void Compile_InstalledRunTimeCompiler_MakesMachineCodeAndReportsErrors()
    {
        Nvrtc? compiler = Nvrtc.Installed(out string reason);
        Assert.SkipWhen(compiler is null, reason);
        NvrtcTarget target = compiler!.TargetFor(80) ?? throw new InvalidOperationException("sm_80 is known to every version that is looked for");
        const string Text = "extern \"C\" __global__ void __launch_bounds__(256) K(float* y, int n) { y[n] = 2.0f * y[n] + 1.0f; }";
        byte[]? image = compiler.Compile("K.cu", Text, target, out string log);
        Assert.True(image is not null, log);
        Assert.Equal("\u007fELF"u8, image.AsSpan(0, 4));
        byte[]? ptx = compiler.Compile("K.cu", Text, new NvrtcTarget("compute_80", false), out _);
        Assert.Contains("mul", Encoding.UTF8.GetString(ptx!));
        Assert.DoesNotContain("fma", Encoding.UTF8.GetString(ptx!), StringComparison.Ordinal);
        Assert.Null(compiler.Compile("K.cu", "void f() { undeclared(); }", target, out log));
        Assert.Contains("undeclared", log);
        Assert.Contains("K.cu", log);
    }

    [Fact]
    public void Compile_EveryKernelOfTheEngine_IsAcceptedByTheRunTimeCompiler()
    {
        Nvrtc? compiler = Nvrtc.Installed(out string reason);
        Assert.SkipWhen(compiler is null, reason);
        NvrtcTarget target = compiler!.TargetFor(90) ?? throw new InvalidOperationException($"{compiler.VersionText} does not know sm_90");
        (KernelSource Kernel, int[] Values)[] variants = [.. Thor.Kernels.KernelCatalog.All.SelectMany(static kernel => PtxFolder.Variants(kernel).Select(values => (kernel, values)))];
        string[] problems = new string[variants.Length];
        Parallel.For(0, variants.Length, i =>
        {
            (KernelSource kernel, int[] values) = variants[i];
            byte[]? image = compiler.Compile(kernel.Name + ".cu", kernel.WithMacros(kernel.Cuda, values), target, out string log);
            problems[i] = image is null ? $"{kernel.PtxName(values)}: {log}" : string.Empty;
        });
        Assert.Equal(string.Empty, string.Join('\n', problems.Where(static problem => problem.Length > 0)));
    }

    private static (Nvrtc? Compiler, string Reason) NoCompiler() => (null, "libnvrtc.so.13 was looked for in /a, /b");

    private static PtxStore Embedded(string ptx) => new([], name => name == PtxStore.ResourcePrefix + FakeKernel.Source.PtxName([16])
        ? new MemoryStream(Encoding.UTF8.GetBytes(ptx))
        : null);

    private CudaCompiler Compiler(PtxStore store, int capability = 90) =>
        new(_driver, "cuda:0 (Fake H100)", capability, store, NoCompiler, new ProgramCache(_folder.Path), null);
}
