using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Thor.Kernels.Translator.Lowering;

namespace Thor.Kernels.Translator;

/// <summary>Prints the form of a kernel with barriers that the processor runs: an iterator that pauses where threads meet.</summary>
internal static class CpuPrinter
{
    /// <summary>
    /// Members of the launcher, among them a static <c>Walk</c> that takes the kernel's parameters and returns the enumerator of its steps.
    /// </summary>
    public static string Print(
        IMethodSymbol method,
        MethodDeclarationSyntax syntax,
        Compilation compilation,
        IReadOnlyList<LoweredBody> bodies,
        DiagnosticBag diagnostics,
        CancellationToken cancellation)
    {
        string parameters = string.Join(", ", method.Parameters.Select(p => $"{p.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)} @{p.Name}"));
        return $"private static global::System.Collections.Generic.IEnumerator<int> Walk({parameters}) => "
            + $"throw new global::System.NotSupportedException(\"Kernel {method.ShortName()} waits at barriers, and the form that the processor runs is not written yet.\");";
    }
}
