using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Thor.Kernels.Translator;

/// <summary>A diagnostic as plain data: nothing in it keeps a compilation alive, and equal ones compare equal.</summary>
internal sealed record DiagnosticInfo(string Id, string Path, TextSpan Span, LinePositionSpan Lines, EquatableArray<string> Arguments)
{
    public static DiagnosticInfo Create(DiagnosticDescriptor rule, Location? location, params string[] arguments)
    {
        FileLinePositionSpan lines = location?.GetLineSpan() ?? default;
        return new DiagnosticInfo(
            rule.Id, lines.Path ?? string.Empty, location?.SourceSpan ?? default, lines.Span, new EquatableArray<string>(arguments));
    }

    /// <summary>The diagnostic for the compiler.</summary>
    public Diagnostic ToDiagnostic()
    {
        Location location = Path.Length == 0 ? Location.None : Location.Create(Path, Span, Lines);
        object[] arguments = new object[Arguments.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Arguments[i];
        }

        return Diagnostic.Create(Rules.Find(Id), location, arguments);
    }
}
