using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Translator;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>C# of a test, put through the translator as the assembly of a user that references Thor.Kernels.</summary>
internal sealed class Translation
{
    private static readonly Lazy<MetadataReference[]> s_references = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "netstandard.dll" or "Thor.Kernels.dll")
            .Select(path => MetadataReference.CreateFromFile(path))]);

    private Translation(Compilation compilation, GeneratorDriverRunResult result, IReadOnlyList<Diagnostic> errors)
    {
        Compilation = compilation;
        Result = result;
        Errors = errors;
    }

    /// <summary>The compilation with what was generated.</summary>
    public Compilation Compilation { get; }

    public GeneratorDriverRunResult Result { get; }

    /// <summary>What the compiler says of source and generated code together.</summary>
    public IReadOnlyList<Diagnostic> Errors { get; }

    /// <summary>What the translator says.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => Result.Diagnostics;

    /// <summary>The words that kernels of tests use.</summary>
    public const string Head = """
        using System;
        using System.Numerics;
        using Thor.Kernels;
        using Thor.Kernels.Dialect;

        """;

    /// <summary>Runs the translator over some files.</summary>
    public static Translation Of(params string[] sources) => Run(Compile(sources));

    /// <summary>Runs the translator over the body of one kernel, K.Run, and members beside it.</summary>
    public static Translation OfKernel(string parameters, string body, string members = "", string attributes = "[Kernel(MaxGroupSize = 64)]") => Of($$"""
        {{Head}}
        namespace User;

        public static partial class K
        {
            {{attributes}}
            public static void Run({{parameters}})
            {
                {{body}}
            }

            {{members}}
        }
        """);

    /// <summary>A compilation of some files, without generated code.</summary>
    public static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "User.Kernels",
        sources.Select((text, i) => Parse(text, $"File{i}.cs")),
        s_references.Value,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));

    public static CSharpParseOptions Options { get; } = new(LanguageVersion.Preview, DocumentationMode.Diagnose);

    public static SyntaxTree Parse(string text, string path) =>
        CSharpSyntaxTree.ParseText(text, Options, path, cancellationToken: TestContext.Current.CancellationToken);

    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new KernelGenerator().AsSourceGenerator()],
        parseOptions: Options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static Translation Run(Compilation compilation)
    {
        GeneratorDriver driver = Driver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        List<Diagnostic> errors = [.. output.GetDiagnostics(TestContext.Current.CancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error)];
        return new Translation(output, driver.GetRunResult(), errors);
    }

    /// <summary>The kernels, from the catalog of the compiled and loaded assembly.</summary>
    public IReadOnlyList<KernelSource> Kernels()
    {
        Assert.Empty(Diagnostics);
        Assert.Empty(Errors);
        Type? catalog = Load().GetType("User.Kernels.KernelCatalog");
        Assert.NotNull(catalog);
        return (IReadOnlyList<KernelSource>)catalog.GetProperty("All")!.GetValue(null)!;
    }

    /// <summary>The one kernel.</summary>
    public KernelSource Kernel() => Assert.Single(Kernels());

    /// <summary>The assembly with its generated code.</summary>
    public Assembly Load()
    {
        using MemoryStream image = new();
        Assert.True(Compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        image.Position = 0;
        return new AssemblyLoadContext("kernels of a test", isCollectible: true).LoadFromStream(image);
    }
}
