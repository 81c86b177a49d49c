using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Thor.Kernels.Translator.Lowering;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>Tells calls at which threads of a group meet, directly or somewhere inside a helper.</summary>
internal sealed class BarrierCalls
{
    private const string Dialect = "Thor.Kernels.Dialect";

    private readonly Compilation _compilation;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<IMethodSymbol, bool> _known = new(SymbolEqualityComparer.Default);

    public BarrierCalls(Compilation compilation, CancellationToken cancellation)
    {
        _compilation = compilation;
        _cancellation = cancellation;
    }

    public static bool IsBarrier(IMethodSymbol method) => method.Name == "Barrier" && IsDialect(method, "Group");

    public static bool IsShuffle(IMethodSymbol method) => method.Name.StartsWith("Shuffle", System.StringComparison.Ordinal) && IsDialect(method, "Warp");

    public static bool IsUniform(IMethodSymbol method) => method.Name == "Uniform" && IsDialect(method, "Group");

    /// <summary>True for PTX that all lanes of a warp execute together.</summary>
    public static bool IsWarpInstruction(IMethodSymbol method) => method.FindAttribute("Thor.Kernels.PtxAttribute")?.Argument("NeedsWarp", false) ?? false;

    /// <summary>True for members of a class of the dialect.</summary>
    public static bool IsDialect(ISymbol member, string type) =>
        member.ContainingType is { } container && container.Name == type && container.ContainingNamespace.ToDisplayString() == Dialect;

    /// <summary>The method as it is declared with a body: not an instance of a generic one, nor the short form of an extension.</summary>
    public static IMethodSymbol Declared(IMethodSymbol method)
    {
        IMethodSymbol declared = (method.ReducedFrom ?? method).OriginalDefinition;
        return declared.PartialImplementationPart ?? declared;
    }

    /// <summary>The declaration of a method that is declared in this compilation.</summary>
    public static SyntaxNode? Syntax(IMethodSymbol method, CancellationToken cancellation) =>
        Declared(method).DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation);

    /// <summary>The block or expression of a method or local function; null where there is none.</summary>
    public static SyntaxNode? Body(SyntaxNode declaration) => declaration switch
    {
        BaseMethodDeclarationSyntax method => (SyntaxNode?)method.Body ?? method.ExpressionBody?.Expression,
        LocalFunctionStatementSyntax local => (SyntaxNode?)local.Body ?? local.ExpressionBody?.Expression,
        _ => null,
    };

    /// <summary>Whether threads meet in a method, or in one that it calls.</summary>
    public bool MeetIn(IMethodSymbol method)
    {
        IMethodSymbol declared = Declared(method);
        if (_known.TryGetValue(declared, out bool known))
        {
            return known;
        }

        // Methods that call one another in a circle are refused elsewhere; here they only must not run forever.
        _known[declared] = false;
        bool result = IsWarpInstruction(declared) || Syntax(declared, _cancellation) is { } syntax && Body(syntax) is { } body && MeetIn(body);
        _known[declared] = result;
        return result;
    }

    /// <summary>Whether threads meet at a call: a barrier, a shuffle, an instruction of a warp, or a helper that holds one.</summary>
    public bool MeetAt(IMethodSymbol method) => IsBarrier(method) || IsShuffle(method) || MeetIn(method);

    private bool MeetIn(SyntaxNode body)
    {
        SemanticModel model = _compilation.ModelOf(body.SyntaxTree);
        return body.DescendantNodesAndSelf(static node => node is not LocalFunctionStatementSyntax)
            .OfType<InvocationExpressionSyntax>()
            .Any(call => model.GetSymbolInfo(call, _cancellation).Symbol is IMethodSymbol method && MeetAt(method));
    }
}
