using Thor.Kernels.Accelerators;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>Kernels in an assembly of a user: what the generated code offers.</summary>
public sealed class TranslationTests
{
    private const string Axpy = Translation.Head + """
        namespace User.Own;

        public static partial class Outer
        {
            internal static partial class Vectors
            {
                /// <summary>y = a x + y,
                /// where <paramref name="flag"/> is set &lt;once&gt;.</summary>
                [Kernel(MaxGroupSize = 128, MinGroupsPerMultiprocessor = 2)]
                [KernelVariants(4, 8)]
                [KernelVariants(16, 32)]
                public static void Axpy(ReadOnlyView<float> x, ArrayView<float> y, float @float, bool flag, Mode mode, SpecializedValue<int> m, SpecializedValue<int> n)
                {
                    int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
                    if (i < y.IntLength && flag && mode == Mode.On)
                    {
                        y[i] = (@float * x[i] * m.Value * n) + y[i];
                    }
                }
            }
        }

        public enum Mode : byte { Off, On }
        """;

    [Fact]
    public void Descriptor_Kernel_SaysWhatDriversNeed()
    {
        KernelSource source = Translation.Of(Axpy).Kernel();
        Assert.Equal("Outer_Vectors_Axpy", source.Name);
        Assert.Equal(["thor_m", "thor_n"], source.Specialized);
        Assert.Equal([[4, 8], [16, 32]], source.Variants);
        Assert.Equal(128, source.MaxGroupSize);
        Assert.False(source.HasBarriers);
        Assert.False(source.HasPtx);
        Assert.False(source.UsesDynamicShared);
        Assert.Equal([false, true, false, false, false, false, false], source.TakesLength);
        Assert.Equal("File0.cs:16", source.Location);
        Assert.Contains("__launch_bounds__(128, 2) Outer_Vectors_Axpy(const float* __restrict__ x, float* y, long long y_length, float float_, int flag, unsigned char mode)", source.Cuda);
        Assert.Contains("// Vectors.Axpy of File0.cs: y = a x + y, where flag is set <once>.", source.OpenCL);
    }

    [Fact]
    public void Launcher_OfAnInternalClass_CompilesAndIsInTheCatalog()
    {
        Translation translation = Translation.Of(Axpy, Translation.Head + """
            namespace User.Own;

            public static partial class More
            {
                [Kernel]
                public static void Fill(ArrayView<int> y, int value) => y[Group.IdxX] = value;

                [Kernel]
                private static void Hidden(ArrayView<int> y) => y[Group.IdxX] = 1;
            }

            public static class Use
            {
                public static object Make(ArrayView<int> y) => new More.FillKernel(y, 3);
            }
            """);
        Assert.Equal(["More_Fill", "More_Hidden", "Outer_Vectors_Axpy"], translation.Kernels().Select(k => k.Name));
    }

    [Fact]
    public void Kernels_OfTheAssemblyUnderTest_AreInItsOwnCatalog()
    {
        Assert.NotEmpty(Thor.Kernels.KernelCatalog.All);
        Assert.All(Thor.Kernels.KernelCatalog.All, source => Assert.NotEmpty(source.Cuda));
        Assert.Equal(Thor.Kernels.KernelCatalog.All.Count, Thor.Kernels.KernelCatalog.All.Select(s => s.Name).Distinct().Count());
    }

    [Fact]
    public void Project_WithoutKernels_GetsNothing()
    {
        Translation translation = Translation.Of("namespace User; public static class Nothing { }");
        Assert.Empty(translation.Result.GeneratedTrees);
        Assert.Empty(translation.Diagnostics);
    }

    [Fact]
    public void Kernel_ThatDoesNotCompile_LeavesTheWordToTheCompiler()
    {
        Translation translation = Translation.OfKernel("ArrayView<float> y", "y[0] = missing;");
        Assert.Empty(translation.Diagnostics);
        Assert.Contains(translation.Errors, e => e.Id == "CS0103");
    }

    [Fact]
    public void Prefetch_OfAnElement_TakesItsAddress()
    {
        KernelSource source = Translation.Of(Translation.Head + """
            namespace User.Own;

            public static partial class Ahead
            {
                [Kernel(MaxGroupSize = 1)]
                public static void Ask(ArrayView<float> y, int n)
                {
                    for (int i = 0; i < n; i += 16)
                    {
                        Prefetch.Read(ref y[i]);
                    }
                }
            }
            """).Kernel();
        Assert.Contains("th_prefetch(&y[i]);", source.OpenCL, StringComparison.Ordinal);
        Assert.Contains("__builtin_prefetch", source.OpenCL, StringComparison.Ordinal);
        Assert.Contains("prefetch.global.L2 [%0];", source.Cuda, StringComparison.Ordinal);
    }

    [Fact]
    public void Loop_WithIndependentIterations_SaysSoToCompilersForProcessors()
    {
        KernelSource source = Translation.Of(Translation.Head + """
            namespace User.Own;

            public static partial class Loops
            {
                [Kernel(MaxGroupSize = 1)]
                public static void Twice(ReadOnlyView<float> x, ArrayView<float> y, int n)
                {
                    for (int i = 0; i < Iterations.Independent(n); i++)
                    {
                        y[i] = 2f * x[i];
                    }

                    for (int i = 1; i < n; i++)
                    {
                        y[i] = y[i] + y[i - 1];
                    }
                }
            }
            """).Kernel();
        Assert.NotNull(source.OpenCL);
        string[] lines = source.OpenCL.Split('\n', StringSplitOptions.TrimEntries);
        int hint = Assert.Single(Enumerable.Range(0, lines.Length), line => lines[line] == "#pragma clang loop vectorize_width(16)");
        Assert.Equal("for (int i = 0; i < n; i++)", lines[hint + 1]);
        Assert.DoesNotContain("#pragma clang", source.Cuda, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernels_OfDifferentNamespaces_MayShareAName()
    {
        Translation translation = Translation.Of(
            Translation.Head + "namespace A { public static partial class K { [Kernel] public static void Run(ArrayView<int> y) => y[0] = 1; } }",
            Translation.Head + "namespace B { public static partial class K { [Kernel] public static void Run(ArrayView<int> y) => y[0] = 2; } }");
        Assert.Equal(2, translation.Kernels().Count);
    }
}
