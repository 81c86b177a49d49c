using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Xunit;

namespace Thor.Tests.Devices;

public sealed class ClangCompilerTests
{
    private const string Missing = ClangCompiler.Command + " is not on PATH (Debian: apt install clang-16)";

    [Fact]
    public void Compile_Kernel_KeepsBoundsAndRoundsTwice()
    {
        PtxText? ptx = Compiler().Compile("Scale", """
            extern "C" __global__ void __launch_bounds__(256, 2) Scale(const float* __restrict__ x, float* y, int n)
            {
                int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
                if (i < n) { y[i] = x[i] * 3.0f + y[i]; }
            }
            """, out string log);
        Assert.True(ptx is not null, log);
        Assert.Contains(".target sm_90", ptx!.Text);
        Assert.Contains(".maxntid 256", ptx.Text);
        Assert.Contains(".minnctapersm 2", ptx.Text);
        Assert.Contains("ld.global.nc.f32", ptx.Text);
        Assert.DoesNotContain("fma", ptx.Text, StringComparison.Ordinal);
        Assert.Empty(ptx.UnresolvedFunctions);
        Assert.Equal(0, ptx.LocalBytes);
        Assert.InRange(ptx.Registers32, 1, 64);
        Assert.InRange(ptx.Registers64, 1, 64);
        Assert.True(PtxStore.RunsOn(System.Text.Encoding.UTF8.GetBytes(ptx.Text), 90, out string target));
        Assert.Equal("sm_90", target);
    }

    [Fact]
    public void Compile_ArrayIndexedAtRunTime_ShowsItsLocalBytes()
    {
        PtxText? ptx = Compiler().Compile("Local", """
            extern "C" __global__ void Local(const int* at, float* y)
            {
                float a[32];
                for (int i = 0; i < 32; i++) { a[at[i]] = y[i]; }
                y[0] = a[at[33]];
            }
            """, out string log);
        Assert.True(ptx is not null, log);
        Assert.Equal(128, ptx!.LocalBytes);
    }

    [Fact]
    public void Compile_FunctionOfALibrary_IsNamed()
    {
        PtxText? ptx = Compiler().Compile("Library", """
            extern "C" __device__ float expf(float x);
            extern "C" __global__ void Library(float* y) { y[0] = expf(y[0]); }
            """, out string log);
        Assert.True(ptx is not null, log);
        Assert.Equal(["expf"], ptx!.UnresolvedFunctions);
    }

    [Fact]
    public void Compile_Error_NamesTheKernelsLine()
    {
        Assert.Null(Compiler().Compile("Wrong", "extern \"C\" __global__ void Wrong(float* y)\n{\n    y[0] = undeclared;\n}", out string log));
        Assert.Contains("Wrong.cu:3:12: error: use of undeclared identifier 'undeclared'", log);
    }

    [Fact]
    public void Write_Variants_AreFoundByTheirNames()
    {
        ClangCompiler compiler = Compiler();
        using TemporaryFolder folder = new();
        KernelSource good = new()
        {
            Name = "Good",
            OpenCL = null,
            Cuda = "extern \"C\" __global__ void Good(float* y) { for (int i = 0; i < thor_n; i++) { y[i] = 1.0f; } }",
            Specialized = ["thor_n"],
            Variants = [[4], [8]],
        };
        KernelSource wrong = new() { Name = "Wrong", OpenCL = null, Cuda = "void Wrong( {" };
        KernelSource library = new() { Name = "Library", OpenCL = null, Cuda = "extern \"C\" __device__ float expf(float); extern \"C\" __global__ void Library(float* y) { y[0] = expf(y[0]); }" };
        IReadOnlyList<PtxOutcome> outcomes = PtxFolder.Write(folder.File("new"), [good, wrong, library], compiler);
        Assert.Equal([null, null], outcomes.Take(2).Select(static outcome => outcome.Problem));
        Assert.Contains("error", outcomes[2].Problem);
        Assert.Contains("expf", outcomes[3].Problem);
        Assert.Equal([good.PtxName([4]), good.PtxName([8])], Directory.GetFiles(folder.File("new")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.NotNull(new PtxStore([folder.File("new")], static _ => null).Find(good.PtxName([8]), out _));
    }

    private static ClangCompiler Compiler()
    {
        ClangCompiler? compiler = ClangCompiler.Find();
        Assert.SkipWhen(compiler is null, Missing);
        return compiler!; // skipped above
    }
}
