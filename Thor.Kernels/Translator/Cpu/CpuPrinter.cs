using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>
/// Writes what the processor runs of a kernel in which threads meet: an iterator that pauses at every barrier, so that one OS thread
/// can run the threads of a group side by side. The statements are those of the source, mapped back to their lines: breakpoints and
/// stack traces show the kernel as it was written.
/// </summary>
internal sealed class CpuPrinter
{
    /// <summary>What the iterator form of a helper returns.</summary>
    public const string HelperType = "global::System.Collections.Generic.IEnumerable<int>";

    private const string KernelType = "global::System.Collections.Generic.IEnumerator<int>";

    private readonly IMethodSymbol _kernel;
    private readonly Compilation _compilation;
    private readonly BarrierCalls _barriers;
    private readonly CancellationToken _cancellation;

    // Files in the order in which methods in them were reached, and in each the methods.
    private readonly List<(SyntaxTree Tree, List<(MethodDeclarationSyntax Method, IMethodSymbol Symbol)> Methods)> _files = new();
    private readonly HashSet<IMethodSymbol> _reached = new(SymbolEqualityComparer.Default);

    private CpuPrinter(IMethodSymbol kernel, Compilation compilation, CancellationToken cancellation)
    {
        _kernel = BarrierCalls.Declared(kernel);
        _compilation = compilation;
        _barriers = new BarrierCalls(compilation, cancellation);
        _cancellation = cancellation;
    }

    /// <summary>The iterator form of a kernel that passed <see cref="BarrierChecks"/>.</summary>
    public static CpuForm Print(IMethodSymbol kernel, Compilation compilation, CancellationToken cancellation) =>
        new CpuPrinter(kernel, compilation, cancellation).Print();

    private CpuForm Print()
    {
        if (!_barriers.MeetIn(_kernel))
        {
            return CpuForm.None;
        }

        Reach(_kernel);
        List<CpuFile> files = new();
        for (int i = 0; i < _files.Count; i++)
        {
            // Printing a method may reach helpers in this file or in others.
            List<string> members = new();
            for (int j = 0; j < _files[i].Methods.Count; j++)
            {
                members.Add(Member(_files[i].Methods[j].Method, _files[i].Methods[j].Symbol));
            }

            string number = i == 0 ? string.Empty : i.ToString(CultureInfo.InvariantCulture);
            files.Add(new CpuFile($"{_kernel.ContainingType.ToDisplayString()}.{_kernel.Name}.Cpu{number}.g.cs", File(i, members)));
        }

        return new CpuForm(StepsName(_kernel), new EquatableArray<CpuFile>(files));
    }

    private string StepsName(IMethodSymbol method) => SymbolEqualityComparer.Default.Equals(method, _kernel)
        ? _kernel.Name + "_Steps"
        : _kernel.Name + "_" + method.Name + "_Steps";

    private string Reach(IMethodSymbol method)
    {
        if (_reached.Add(method) && BarrierCalls.Syntax(method, _cancellation) is MethodDeclarationSyntax syntax)
        {
            int file = _files.FindIndex(file => file.Tree == syntax.SyntaxTree);
            if (file < 0)
            {
                file = _files.Count;
                _files.Add((syntax.SyntaxTree, new List<(MethodDeclarationSyntax, IMethodSymbol)>()));
            }

            _files[file].Methods.Add((syntax, method));
        }

        return StepsName(method);
    }

    private string Member(MethodDeclarationSyntax method, IMethodSymbol symbol)
    {
        SyntaxNode body = BarrierCalls.Body(method)!; // barriers were found in it
        SemanticModel model = _compilation.ModelOf(method.SyntaxTree);
        string text = new CpuRewriter(model, _barriers, Reach, _cancellation).Rewrite(body);
        LinePosition start = method.SyntaxTree.GetText(_cancellation).Lines.GetLinePosition(body.SpanStart);
        bool isKernel = SymbolEqualityComparer.Default.Equals(symbol, _kernel);
        string access = isKernel || symbol.DeclaredAccessibility == Accessibility.Private ? "private" : "internal";
        string constraints = string.Concat(method.ConstraintClauses.Select(static clause => " " + clause));
        string header =
            $"{access} static {(isKernel ? KernelType : HelperType)} {StepsName(symbol)}{method.TypeParameterList}" +
            $"({string.Join(", ", method.ParameterList.Parameters)}){constraints}";
        return header + "\n" + Mapping(method.SyntaxTree, start.Line + 1) + new string(' ', start.Character) + text + "\n#line hidden";
    }

    // The path as the compiler writes it, so that it is the same on every machine where builds are deterministic.
    private string Mapping(SyntaxTree tree, int line)
    {
        string path = _compilation.Options.SourceReferenceResolver?.NormalizePath(tree.FilePath, baseFilePath: null) ?? tree.FilePath;
        return path.Length == 0 || path.Contains('"') ? string.Empty : $"#line {line.ToString(CultureInfo.InvariantCulture)} \"{path}\"\n";
    }

    private string File(int index, List<string> members)
    {
        SyntaxTree tree = _files[index].Tree;
        CompilationUnitSyntax unit = (CompilationUnitSyntax)tree.GetRoot(_cancellation);
        SourceWriter writer = new();
        writer.Line("// <auto-generated/>");
        writer.Line("// What the processor runs of a kernel with barriers: the kernel's own statements as an iterator that pauses at each.");
        foreach (SyntaxTrivia directive in unit.GetLeadingTrivia().Where(static trivia =>
            trivia.IsKind(SyntaxKind.DefineDirectiveTrivia) || trivia.IsKind(SyntaxKind.UndefDirectiveTrivia)))
        {
            writer.Directive(directive.ToString());
        }

        writer.Directive("#pragma warning disable");
        writer.Directive("#line hidden");
        Imports(writer, unit.Externs, unit.Usings);
        for (int i = 0; i < members.Count; i++)
        {
            writer.Line();
            Nest(writer, _files[index].Methods[i].Method, members[i]);
        }

        return writer.ToString();
    }

    private static void Nest(SourceWriter writer, MethodDeclarationSyntax method, string member)
    {
        List<SyntaxNode> around = method.Ancestors().Where(static node => node is BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax).Reverse().ToList();
        foreach (SyntaxNode node in around)
        {
            if (node is BaseNamespaceDeclarationSyntax space)
            {
                writer.Line($"namespace {space.Name}");
                writer.Open();
                Imports(writer, space.Externs, space.Usings);
            }
            else if (node is TypeDeclarationSyntax type)
            {
                string kind = type is RecordDeclarationSyntax { ClassOrStructKeyword.Text: { Length: > 0 } word } ? "record " + word : type.Keyword.Text;
                writer.Line($"partial {kind} {type.Identifier}{type.TypeParameterList}");
                writer.Open();
            }
        }

        int headerEnd = member.IndexOf('\n');
        writer.Line(member.Substring(0, headerEnd));
        writer.Directive(member.Substring(headerEnd + 1));
        for (int i = 0; i < around.Count; i++)
        {
            writer.Close();
        }
    }

    private static void Imports(SourceWriter writer, SyntaxList<ExternAliasDirectiveSyntax> aliases, SyntaxList<UsingDirectiveSyntax> usings)
    {
        foreach (ExternAliasDirectiveSyntax alias in aliases)
        {
            writer.Line(alias.ToString());
        }

        foreach (UsingDirectiveSyntax import in usings.Where(static import => import.GlobalKeyword.IsKind(SyntaxKind.None)))
        {
            writer.Line(import.ToString());
        }
    }
}
