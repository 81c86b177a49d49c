using System;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Thor.Kernels.Translator.Cpu;
using Thor.Kernels.Translator.Lowering;
using Thor.Kernels.Translator.Printing;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator;

/// <summary>
/// Gives every method marked [Kernel] a launcher that holds its OpenCL C and CUDA C and the form that the processor runs, and every
/// assembly with kernels a catalog of them.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class KernelGenerator : IIncrementalGenerator
{
    /// <summary>Name of the step whose values are one model per kernel.</summary>
    public const string KernelStep = "Kernel";

    /// <summary>Name of the step whose values are the faults of kernels.</summary>
    public const string DiagnosticsStep = "Diagnostics";

    /// <summary>Name of the step whose values are generated files.</summary>
    public const string OutputStep = "Output";

    /// <summary>Name of the step whose values are generated files of what the processor runs: mapped to the lines of the source, they follow every edit.</summary>
    public const string CpuStep = "Cpu";

    /// <summary>Name of the step whose value is the catalog.</summary>
    public const string CatalogStep = "Catalog";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<KernelModel> kernels = context.SyntaxProvider
            .ForAttributeWithMetadataName("Thor.Kernels.KernelAttribute", static (node, _) => node is MethodDeclarationSyntax, Translate)
            .WithTrackingName(KernelStep);

        // A fault that moves must not write files anew.
        IncrementalValuesProvider<EquatableArray<DiagnosticInfo>> diagnostics = kernels
            .Select(static (model, _) => model.Diagnostics)
            .Where(static list => list.Count > 0)
            .WithTrackingName(DiagnosticsStep);
        context.RegisterSourceOutput(diagnostics, static (output, list) =>
        {
            foreach (DiagnosticInfo info in list)
            {
                output.ReportDiagnostic(info.ToDiagnostic());
            }
        });

        IncrementalValuesProvider<KernelModel> outputs = kernels
            .Where(static model => model.Source.Length > 0)
            .Select(static (model, _) => model with { Diagnostics = default, CpuFiles = default })
            .WithTrackingName(OutputStep);
        context.RegisterSourceOutput(outputs, static (output, model) => output.AddSource(model.HintName, SourceText.From(model.Source, Encoding.UTF8)));

        IncrementalValuesProvider<CpuFile> forms = kernels
            .Where(static model => model.Source.Length > 0)
            .SelectMany(static (model, _) => model.CpuFiles)
            .WithTrackingName(CpuStep);
        context.RegisterSourceOutput(forms, static (output, file) => output.AddSource(file.HintName, SourceText.From(file.Text, Encoding.UTF8)));

        IncrementalValueProvider<string> assembly = context.CompilationProvider.Select(static (compilation, _) => compilation.AssemblyName ?? "Kernels");
        IncrementalValueProvider<EquatableArray<string>> launchers = outputs.Select(static (model, _) => model.Launcher).Collect()
            .Select(static (names, _) => new EquatableArray<string>(names.OrderBy(n => n, StringComparer.Ordinal)));
        IncrementalValueProvider<(EquatableArray<string> Launchers, string Assembly)> catalog = launchers.Combine(assembly).WithTrackingName(CatalogStep);
        context.RegisterSourceOutput(catalog, static (output, entry) =>
        {
            if (entry.Launchers.Count > 0)
            {
                output.AddSource("KernelCatalog.g.cs", SourceText.From(CatalogPrinter.Print(entry.Assembly, entry.Launchers), Encoding.UTF8));
            }
        });
    }

    private static KernelModel Translate(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        DiagnosticBag diagnostics = new();
        IMethodSymbol method = (IMethodSymbol)context.TargetSymbol;
        MethodDeclarationSyntax syntax = (MethodDeclarationSyntax)context.TargetNode;
        (string Source, CpuForm Form) result = (string.Empty, CpuForm.None);
        try
        {
            result = Translate(method, syntax, context.SemanticModel.Compilation, diagnostics, cancellation);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            diagnostics.Add(Rules.Internal, syntax.Identifier.GetLocation(), method.ShortName(), $"{fault.GetType().Name}: {fault.Message}");
        }

        string container = method.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        string hint = $"{method.ContainingType.ToDisplayString()}.{method.Name}.g.cs";
        return new KernelModel(
            hint,
            diagnostics.IsEmpty ? result.Source : string.Empty,
            result.Form.Files,
            $"{container}.{DescriptorPrinter.LauncherName(method)}",
            new EquatableArray<DiagnosticInfo>(diagnostics.Items));
    }

    private static (string Source, CpuForm Form) Translate(
        IMethodSymbol method, MethodDeclarationSyntax syntax, Compilation compilation, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        KernelDeclaration declaration = KernelDeclaration.Check(method, syntax, diagnostics);
        if (!diagnostics.IsEmpty)
        {
            return (string.Empty, CpuForm.None);
        }

        KernelLowering lowering = new(compilation, diagnostics, cancellation);
        KernelTree tree = lowering.Lower(method, declaration);
        if (!lowering.IsBroken && diagnostics.IsEmpty)
        {
            BarrierChecks.Check(method, tree.Entry.HasBarriers, compilation, diagnostics, cancellation);
        }

        if (lowering.IsBroken || !diagnostics.IsEmpty)
        {
            return (string.Empty, CpuForm.None);
        }

        cancellation.ThrowIfCancellationRequested();
        string? openCL = tree.HasPtx ? null : new OpenCLPrinter(tree).Print();
        string cuda = new CudaPrinter(tree).Print();
        CpuForm form = CpuPrinter.Print(method, compilation, cancellation);
        return (DescriptorPrinter.Print(declaration, tree, openCL, cuda, form.StepsMethod), form);
    }
}
