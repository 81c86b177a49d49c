using System.Linq;
using Microsoft.CodeAnalysis;

namespace Thor.Kernels.Translator.Lowering;

/// <summary>Recognises what the translator knows by name.</summary>
internal static class Symbols
{
    private const string DialectNamespace = "Thor.Kernels.Dialect";

    public static bool IsArrayView(this ITypeSymbol type) => type.IsDialect("ArrayView");

    public static bool IsReadOnlyView(this ITypeSymbol type) => type.IsDialect("ReadOnlyView");

    public static bool IsView(this ITypeSymbol type) => type.IsArrayView() || type.IsReadOnlyView();

    public static bool IsSpecialized(this ITypeSymbol type) => type is INamedTypeSymbol { IsGenericType: true } && type.IsDialect("SpecializedValue");

    /// <summary>Lanes of a vector type of the dialect; 0 for other types.</summary>
    public static int VectorLanes(this ITypeSymbol type) => !IsInDialect(type) ? 0 : type.Name switch
    {
        "FloatX2" => 2,
        "FloatX4" => 4,
        "FloatX8" => 8,
        "FloatX16" => 16,
        _ => 0,
    };

    public static bool IsDialect(this ITypeSymbol type, string name) => type.Name == name && IsInDialect(type);

    public static bool IsInDialect(this ITypeSymbol type) =>
        type.ContainingType is null && type.ContainingNamespace?.ToDisplayString() == DialectNamespace;

    /// <summary>Namespace, type and member: "System.MathF.Abs".</summary>
    public static string FullName(this ISymbol member) => $"{member.ContainingType?.ContainingNamespace?.ToDisplayString()}.{member.ContainingType?.Name}.{member.Name}";

    public static AttributeData? FindAttribute(this ISymbol symbol, string name) => symbol.GetAttributes()
        .FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == name);

    /// <summary>The classes around a member, outermost first, and the member, joined by '_'.</summary>
    public static string ChainName(this ISymbol symbol)
    {
        string name = symbol.Name;
        for (INamedTypeSymbol? type = symbol.ContainingType; type is not null; type = type.ContainingType)
        {
            name = type.Name + "_" + name;
        }

        return name;
    }

    /// <summary>"Class.Method", as a reader says it.</summary>
    public static string ShortName(this ISymbol symbol) => symbol.ContainingType is null ? symbol.Name : symbol.ContainingType.Name + "." + symbol.Name;

    /// <summary>Number of elements of a tuple type; 0 for other types.</summary>
    public static int TupleElementsOrEmpty(this ITypeSymbol type) => type is INamedTypeSymbol { IsTupleType: true } tuple ? tuple.TupleElements.Length : 0;

    /// <summary>The value of a named argument of an attribute.</summary>
    public static T Argument<T>(this AttributeData attribute, string name, T otherwise)
    {
        foreach (System.Collections.Generic.KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            if (argument.Key == name && argument.Value.Value is T value)
            {
                return value;
            }
        }

        return otherwise;
    }
}
