using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Thor.Kernels.Translator;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>What the translator does again when a file changes.</summary>
public sealed class IncrementalityTests
{
    private const string First = Translation.Head + """
        namespace User;

        public static partial class A
        {
            [Kernel]
            public static void Run(ArrayView<float> y)
            {
                y[0] = Shared.Twice(1f);
            }
        }
        """;

    private const string Second = Translation.Head + """
        namespace User;

        public static partial class B
        {
            [Kernel]
            public static void Run(ArrayView<float> y)
            {
                y[0] = 3f;
            }
        }
        """;

    private const string Helper = """
        namespace User;

        public static class Shared
        {
            public static float Twice(float x) => 2f * x;
        }
        """;

    [Fact]
    public void Run_NothingChanged_EverythingIsCached()
    {
        Steps steps = Change(0, First);
        Assert.All(steps.Kernels, r => Assert.Equal(IncrementalStepRunReason.Cached, r));
        Assert.All(steps.Outputs, r => Assert.Equal(IncrementalStepRunReason.Cached, r));
        Assert.All(steps.Catalog, r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void Run_CommentInAKernel_OutputIsCached()
    {
        Steps steps = Change(0, First.Replace("y[0] =", "/* why */ y[0] =", StringComparison.Ordinal));
        Assert.All(steps.Kernels, r => Assert.Equal(IncrementalStepRunReason.Unchanged, r));
        Assert.All(steps.Outputs, r => Assert.Equal(IncrementalStepRunReason.Cached, r));
        Assert.All(steps.Catalog, r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void Run_StatementInAKernel_OnlyItsOutputIsModified()
    {
        Steps steps = Change(1, Second.Replace("3f", "4f", StringComparison.Ordinal));
        Assert.Equal([IncrementalStepRunReason.Unchanged, IncrementalStepRunReason.Modified], steps.Kernels);
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], steps.Outputs);
        Assert.All(steps.Catalog, r => Assert.NotEqual(IncrementalStepRunReason.Modified, r));
    }

    [Fact]
    public void Run_HelperInAnotherFile_OnlyItsCallersAreModified()
    {
        Steps steps = Change(2, Helper.Replace("2f", "3f", StringComparison.Ordinal));
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Unchanged], steps.Kernels);
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], steps.Outputs);
    }

    [Fact]
    public void Run_NewKernel_CatalogIsModified()
    {
        Steps steps = Change(1, Second.Replace("[Kernel]", "[Kernel] public static void More(ArrayView<float> y) => y[0] = 1f; [Kernel]", StringComparison.Ordinal));
        Assert.Contains(IncrementalStepRunReason.Modified, steps.Catalog);
    }

    [Fact]
    public void Run_FaultThatMoves_WritesNoFileAnew()
    {
        string faulty = Second.Replace("3f;", "3f; throw null!;", StringComparison.Ordinal);
        CSharpCompilation compilation = Translation.Compile(First, faulty, Helper);
        GeneratorDriver driver = Translation.Driver().RunGenerators(compilation, TestContext.Current.CancellationToken);
        SyntaxTree old = compilation.SyntaxTrees[1];
        SyntaxTree moved = Translation.Parse(faulty.Replace("3f;", "3f;   ", StringComparison.Ordinal), old.FilePath);
        GeneratorRunResult result = driver.RunGenerators(compilation.ReplaceSyntaxTree(old, moved), TestContext.Current.CancellationToken).GetRunResult().Results[0];
        Assert.Equal([IncrementalStepRunReason.Modified], Reasons(result, KernelGenerator.DiagnosticsStep));
        Assert.Equal([IncrementalStepRunReason.Cached], Reasons(result, KernelGenerator.OutputStep));
    }

    private static Steps Change(int file, string text)
    {
        CSharpCompilation compilation = Translation.Compile(First, Second, Helper);
        GeneratorDriver driver = Translation.Driver().RunGenerators(compilation, TestContext.Current.CancellationToken);
        SyntaxTree old = compilation.SyntaxTrees[file];
        CSharpCompilation changed = text == old.GetText(TestContext.Current.CancellationToken).ToString()
            ? compilation
            : compilation.ReplaceSyntaxTree(old, Translation.Parse(text, old.FilePath));
        GeneratorRunResult result = driver.RunGenerators(changed, TestContext.Current.CancellationToken).GetRunResult().Results[0];
        return new Steps(
            Reasons(result, KernelGenerator.KernelStep), Reasons(result, KernelGenerator.OutputStep), Reasons(result, KernelGenerator.CatalogStep));
    }

    private static IncrementalStepRunReason[] Reasons(GeneratorRunResult result, string step)
    {
        ImmutableArray<IncrementalGeneratorRunStep> runs = result.TrackedSteps[step];
        return [.. runs.SelectMany(r => r.Outputs).Select(o => o.Reason)];
    }

    private sealed record Steps(IncrementalStepRunReason[] Kernels, IncrementalStepRunReason[] Outputs, IncrementalStepRunReason[] Catalog);
}
