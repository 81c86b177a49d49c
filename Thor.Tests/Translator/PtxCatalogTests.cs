using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>Every kernel of the engine compiles to PTX without CUDA, needs no library, and keeps its arrays in registers.</summary>
public sealed class PtxCatalogTests(ITestOutputHelper output)
{
    // Threads of kernels for processors run alone in their groups; nobody launches them on CUDA, and their arrays may lie in memory.
    private const int ProcessorGroup = 1;

    public static TheoryData<string> Names => [.. Thor.Kernels.KernelCatalog.All.Select(kernel => kernel.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Compile_EveryVariant_StaysInRegisters(string name)
    {
        ClangCompiler? clang = ClangCompiler.Find();
        Assert.SkipWhen(clang is null, $"{ClangCompiler.Command} is not on PATH (Debian: apt install clang-16)");
        KernelSource kernel = Thor.Kernels.KernelCatalog.All.Single(candidate => candidate.Name == name);
        IReadOnlyList<int[]> variants = PtxFolder.Variants(kernel);
        Assert.SkipWhen(variants.Count == 0, $"{name} does not say which values it is compiled for.");
        foreach (int[] values in variants)
        {
            PtxText? ptx = clang!.Compile(kernel, values, out string log);
            Assert.True(ptx is not null, log);
            Assert.Empty(ptx!.UnresolvedFunctions);
            output.WriteLine($"{name}({string.Join(", ", values)}): {ptx.Registers32} + 2 x {ptx.Registers64} registers declared, {ptx.LocalBytes} bytes of local memory");
            if (kernel.MaxGroupSize != ProcessorGroup)
            {
                Assert.True(ptx.LocalBytes == 0, $"{name}({string.Join(", ", values)}) keeps {ptx.LocalBytes} bytes of a thread's arrays in memory.");
            }
        }
    }

    [Fact]
    public void Compile_KernelsOfTheTests_IsAcceptedByTheRunTimeCompiler()
    {
        Nvrtc? compiler = Nvrtc.Installed(out string reason);
        Assert.SkipWhen(compiler is null, reason);
        NvrtcTarget target = compiler!.TargetFor(80) ?? throw new InvalidOperationException($"{compiler.VersionText} does not know sm_80");
        foreach (KernelSource kernel in KernelCatalog.All)
        {
            int[] values = [.. kernel.Specialized.Select(_ => 4)];
            byte[]? image = compiler.Compile(kernel.Name + ".cu", kernel.WithMacros(kernel.Cuda, values), target, out string log);
            Assert.True(image is not null, $"{kernel.Name}: {log}");
        }
    }
}
