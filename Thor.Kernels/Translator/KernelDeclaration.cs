using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Thor.Kernels.Translator.Lowering;

namespace Thor.Kernels.Translator;

/// <summary>What the head of a kernel says.</summary>
internal sealed class KernelDeclaration
{
    private const int MaxGroupThreads = 1024;

    private KernelDeclaration(IMethodSymbol method)
    {
        Method = method;
    }

    public IMethodSymbol Method { get; }

    public int MaxGroupSize { get; private set; }

    public int MinGroupsPerMultiprocessor { get; private set; }

    /// <summary>Values of the specialised parameters that are compiled ahead of time.</summary>
    public List<int[]> Variants { get; } = new();

    /// <summary>Name of the C# file, and the line of the method from 1.</summary>
    public string FileName { get; private set; } = string.Empty;

    public int Line { get; private set; }

    /// <summary>The summary of the method, in one line.</summary>
    public string Summary { get; private set; } = string.Empty;

    /// <summary>Reads the head of a kernel and reports what is wrong with it.</summary>
    public static KernelDeclaration Check(IMethodSymbol method, MethodDeclarationSyntax syntax, DiagnosticBag diagnostics)
    {
        KernelDeclaration declaration = new(method);
        Location name = syntax.Identifier.GetLocation();
        CheckMethod(method, syntax, diagnostics);
        CheckContainers(method, name, diagnostics);
        CheckParameters(method, diagnostics);
        declaration.ReadAttributes(method, name, diagnostics);
        FileLinePositionSpan span = name.GetLineSpan();
        declaration.FileName = span.Path.Split('/', '\\').Last();
        declaration.Line = span.StartLinePosition.Line + 1;
        declaration.Summary = ReadSummary(method);
        return declaration;
    }

    private static void CheckMethod(IMethodSymbol method, MethodDeclarationSyntax syntax, DiagnosticBag diagnostics)
    {
        Location name = syntax.Identifier.GetLocation();
        if (!method.IsStatic)
        {
            diagnostics.Add(Rules.NotStatic, name, method.Name);
        }

        bool isGeneric = method.IsGenericMethod;
        for (INamedTypeSymbol? type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            isGeneric |= type.IsGenericType;
        }

        if (isGeneric)
        {
            diagnostics.Add(Rules.GenericKernel, name, method.Name);
        }

        if (!method.ReturnsVoid)
        {
            diagnostics.Add(Rules.KernelReturns, syntax.ReturnType, method.Name, syntax.ReturnType.ToString());
        }

        bool hasBody = syntax.Body is not null || syntax.ExpressionBody is not null || method.PartialImplementationPart is not null;
        if (!hasBody || method.IsAsync || method.IsExtern)
        {
            diagnostics.Add(Rules.KernelBody, name, method.Name);
        }
    }

    private static void CheckContainers(IMethodSymbol method, Location name, DiagnosticBag diagnostics)
    {
        INamedTypeSymbol container = method.ContainingType;
        for (INamedTypeSymbol? type = container; type is not null; type = type.ContainingType)
        {
            bool isPartial = type.DeclaringSyntaxReferences.All(r => r.GetSyntax() is TypeDeclarationSyntax t && t.Modifiers.Any(SyntaxKind.PartialKeyword));
            if (!isPartial || (ReferenceEquals(type, container) && !type.IsStatic))
            {
                diagnostics.Add(Rules.NotPartial, name, type.Name, method.Name);
            }

            if (type.IsFileLocal || type.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
            {
                diagnostics.Add(Rules.KernelAccess, name, type.Name, method.Name);
            }
        }

        string launcher = Printing.DescriptorPrinter.LauncherName(method);
        bool isTaken = container.GetMembers(launcher).Length > 0
            || container.GetMembers().Count(m => string.Equals(m.Name, method.Name, System.StringComparison.OrdinalIgnoreCase) && m.FindAttribute("Thor.Kernels.KernelAttribute") is not null) > 1;
        if (isTaken)
        {
            diagnostics.Add(Rules.KernelName, name, method.Name, launcher, container.Name);
        }
    }

    private static void CheckParameters(IMethodSymbol method, DiagnosticBag diagnostics)
    {
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            SyntaxNode node = parameter.DeclaringSyntaxReferences[0].GetSyntax();
            ITypeSymbol type = parameter.Type;
            if (parameter.RefKind != RefKind.None || parameter.IsParams)
            {
                diagnostics.Add(Rules.KernelParameterReference, node, parameter.Name);
            }
            else if (!type.IsView() && type.TypeKind != TypeKind.Error && !IsScalar(type) && !(type.IsUnmanagedType && type.TypeKind == TypeKind.Struct && type.SpecialType == SpecialType.None && type.VectorLanes() == 0 && type.TupleElementsOrEmpty() == 0))
            {
                diagnostics.Add(Rules.KernelParameterType, node, parameter.Name, type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
            }
        }
    }

    private static bool IsScalar(ITypeSymbol type) => type.IsSpecialized()
        ? ((INamedTypeSymbol)type).TypeArguments[0].SpecialType == SpecialType.System_Int32
        : TypeMap.Scalar(type) is not null;

    private void ReadAttributes(IMethodSymbol method, Location name, DiagnosticBag diagnostics)
    {
        if (method.FindAttribute("Thor.Kernels.KernelAttribute") is AttributeData kernel)
        {
            MaxGroupSize = kernel.Argument("MaxGroupSize", 0);
            MinGroupsPerMultiprocessor = kernel.Argument("MinGroupsPerMultiprocessor", 0);
        }

        string? fault = MaxGroupSize is < 0 or > MaxGroupThreads ? "MaxGroupSize is " + MaxGroupSize.ToString(CultureInfo.InvariantCulture)
            : MinGroupsPerMultiprocessor < 0 ? "MinGroupsPerMultiprocessor is " + MinGroupsPerMultiprocessor.ToString(CultureInfo.InvariantCulture)
            : MinGroupsPerMultiprocessor > 0 && MaxGroupSize == 0 ? "MinGroupsPerMultiprocessor stands alone"
            : null;
        if (fault is not null)
        {
            diagnostics.Add(Rules.GroupSize, name, method.Name, fault);
        }

        int specialized = method.Parameters.Count(p => p.Type.IsSpecialized());
        foreach (AttributeData attribute in method.GetAttributes())
        {
            if (attribute.AttributeClass?.ToDisplayString() != "Thor.Kernels.KernelVariantsAttribute" || attribute.ConstructorArguments.Length != 1)
            {
                continue;
            }

            TypedConstant argument = attribute.ConstructorArguments[0];
            int[] values = argument.Kind == TypedConstantKind.Array && !argument.IsNull
                ? argument.Values.Select(v => v.Value is int value ? value : 0).ToArray()
                : System.Array.Empty<int>();
            if (values.Length != specialized)
            {
                diagnostics.Add(
                    Rules.Variants, name, method.Name, values.Length.ToString(CultureInfo.InvariantCulture), specialized.ToString(CultureInfo.InvariantCulture));
            }

            Variants.Add(values);
        }
    }

    private static string ReadSummary(IMethodSymbol method)
    {
        string? xml = method.GetDocumentationCommentXml();
        if (string.IsNullOrWhiteSpace(xml))
        {
            return string.Empty;
        }

        XElement? summary = XElement.Parse(xml).Descendants("summary").FirstOrDefault();
        if (summary is null)
        {
            return string.Empty;
        }

        foreach (XElement reference in summary.Descendants().Where(e => e.IsEmpty).ToList())
        {
            string target = reference.Attributes().FirstOrDefault()?.Value ?? string.Empty;
            string shown = target.Split('(')[0].Split('.').Last();
            reference.ReplaceWith(new XText(shown.Contains(":") ? shown.Split(':').Last() : shown));
        }

        return Regex.Replace(summary.Value, "\\s+", " ").Trim();
    }
}
