using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <summary>Types of C# as types of the tree.</summary>
internal sealed class TypeMap
{
    private readonly DiagnosticBag _diagnostics;
    private readonly List<StructType> _structs;
    private readonly Func<string, string> _uniqueName;
    private readonly Dictionary<ITypeSymbol, StructType?> _known = new(SymbolEqualityComparer.Default);

    public TypeMap(DiagnosticBag diagnostics, List<StructType> structs, Func<string, string> uniqueName)
    {
        _uniqueName = uniqueName;
        _diagnostics = diagnostics;
        _structs = structs;
    }

    /// <summary>The number type of a C# type, or null.</summary>
    public static ScalarType? Scalar(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum } named)
        {
            type = named.EnumUnderlyingType!;
        }

        return type.SpecialType switch
        {
            SpecialType.System_Boolean => new ScalarType(ScalarKind.Bool),
            SpecialType.System_SByte => new ScalarType(ScalarKind.SByte),
            SpecialType.System_Byte => new ScalarType(ScalarKind.Byte),
            SpecialType.System_Int16 => new ScalarType(ScalarKind.Int16),
            SpecialType.System_UInt16 => new ScalarType(ScalarKind.UInt16),
            SpecialType.System_Int32 => new ScalarType(ScalarKind.Int32),
            SpecialType.System_UInt32 => new ScalarType(ScalarKind.UInt32),
            SpecialType.System_Int64 => new ScalarType(ScalarKind.Int64),
            SpecialType.System_UInt64 => new ScalarType(ScalarKind.UInt64),
            SpecialType.System_Single => new ScalarType(ScalarKind.Single),
            _ => type.IsSpecialized() ? KernelType.Int : null,
        };
    }

    /// <summary>The type of a value, or null after a diagnostic.</summary>
    public KernelType? Value(ITypeSymbol type, SyntaxNode node)
    {
        if (Scalar(type) is ScalarType scalar)
        {
            return scalar;
        }

        int lanes = type.VectorLanes();
        if (lanes > 0)
        {
            return new VectorType(lanes);
        }

        switch (type.SpecialType)
        {
            case SpecialType.System_Void:
                return KernelType.Void;
            case SpecialType.System_Double or SpecialType.System_Decimal:
                _diagnostics.Add(Rules.Double, node, node.ToString());
                return null;
            case SpecialType.System_String or SpecialType.System_Char:
                _diagnostics.Add(Rules.Text, node);
                return null;
        }

        if (type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
        {
            _diagnostics.Add(Rules.Nullable, node, node.ToString());
        }
        else if (type.IsTupleType)
        {
            _diagnostics.Add(Rules.Tuple, node);
        }
        else if (type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer || type.IsRefLikeType)
        {
            _diagnostics.Add(Rules.Pointer, node, node.ToString());
        }
        else if (type.TypeKind == TypeKind.Delegate)
        {
            _diagnostics.Add(Rules.Delegate, node);
        }
        else if (type.IsReferenceType)
        {
            _diagnostics.Add(Rules.ReferenceType, node, node.ToString());
        }
        else if (type.TypeKind == TypeKind.Struct && type.SpecialType == SpecialType.None)
        {
            return Struct(type, node);
        }
        else
        {
            _diagnostics.Add(Rules.UnsupportedType, node, type.ToDisplayString());
        }

        return null;
    }

    /// <summary>The type of elements of views, or null after a diagnostic.</summary>
    public KernelType? Element(ITypeSymbol type, SyntaxNode node)
    {
        if (type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Double or SpecialType.System_Char || type.IsSpecialized())
        {
            _diagnostics.Add(Rules.ElementType, node, type.ToDisplayString());
            return null;
        }

        return Value(type, node);
    }

    private StructType? Struct(ITypeSymbol type, SyntaxNode node)
    {
        if (_known.TryGetValue(type, out StructType? known))
        {
            return known;
        }

        StructType? result = null;
        string? fault = Fault(type);
        List<StructField> fields = new();
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic))
        {
            if (fault is not null)
            {
                break;
            }

            KernelType? inner = Scalar(field.Type) is { Kind: not ScalarKind.Bool } scalar && !field.Type.IsSpecialized() ? scalar
                : field.Type.TypeKind == TypeKind.Struct && field.Type.SpecialType == SpecialType.None && !field.Type.IsView() && field.Type.VectorLanes() == 0 && !field.Type.IsSpecialized()
                    ? Struct(field.Type, node)
                    : null;
            if (inner is null)
            {
                fault = $"field '{FieldName(field)}' is of type '{field.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}'";
                break;
            }

            fields.Add(new StructField(FieldName(field), inner));
        }

        if (fault is null && fields.Count == 0)
        {
            fault = "it has no fields";
        }

        if (fault is not null)
        {
            _diagnostics.Add(Rules.StructLayout, node, type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), fault);
        }
        else
        {
            result = new StructType(_uniqueName(type.ChainName()), new EquatableArray<StructField>(fields));
            _structs.Add(result);
        }

        _known[type] = result;
        return result;
    }

    /// <summary>Name of a field, or of the property that it stands behind.</summary>
    public static string FieldName(IFieldSymbol field)
    {
        string name = field.AssociatedSymbol?.Name ?? field.Name;
        int end = name.IndexOf('>');
        return name.Length > 1 && name[0] == '<' && end > 1 ? name.Substring(1, end - 1) : name;
    }

    private static string? Fault(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { IsGenericType: true })
        {
            return "it is generic";
        }

        AttributeData? layout = type.FindAttribute("System.Runtime.InteropServices.StructLayoutAttribute");
        if (layout is null)
        {
            return null;
        }

        const int Sequential = 0;
        object? kind = layout.ConstructorArguments.Length > 0 ? layout.ConstructorArguments[0].Value : null;
        bool sequential = kind is not null && Convert.ToInt32(kind, System.Globalization.CultureInfo.InvariantCulture) == Sequential;
        return !sequential ? "its layout is not sequential"
            : layout.Argument("Pack", 0) != 0 ? "it is packed"
            : layout.Argument("Size", 0) != 0 ? "its size is set by hand"
            : null;
    }
}
