using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>Where barriers and shuffles may stand: in statements at which an iterator can pause, in methods that can become one.</summary>
internal static class BarrierPlaces
{
    /// <summary>Adds the faults of one method that threads meet in.</summary>
    public static void Check(BarrierChecks checks, IMethodSymbol method, SyntaxNode declaration, SemanticModel model)
    {
        SyntaxNode body = BarrierCalls.Body(declaration)!; // barriers were found in it
        string? unfit = Unfit(method, declaration);
        foreach (InvocationExpressionSyntax call in body
            .DescendantNodesAndSelf(static node => node is not LocalFunctionStatementSyntax)
            .OfType<InvocationExpressionSyntax>())
        {
            if (model.GetSymbolInfo(call, checks.Cancellation).Symbol is not IMethodSymbol called || !checks.Barriers.MeetAt(called))
            {
                continue;
            }

            if (unfit is not null)
            {
                checks.Faults.Add(Rules.BarrierPlace, call, Name(called), method.Name, unfit);
            }

            if (BarrierCalls.IsShuffle(called))
            {
                if (!IsWholeRight(call, model))
                {
                    checks.Faults.Add(Rules.ShufflePlace, call, Name(called));
                }
            }
            else if (called.ReturnsVoid && !IsWholeStatement(call, body))
            {
                checks.Faults.Add(Rules.BarrierStatement, call, Name(called));
            }
        }
    }

    private static string Name(IMethodSymbol method) => BarrierCalls.IsShuffle(method) ? "Warp." + method.Name
        : BarrierCalls.IsBarrier(method) ? "Group.Barrier"
        : method.Name;

    private static string? Unfit(IMethodSymbol method, SyntaxNode declaration)
    {
        if (!method.ReturnsVoid)
        {
            return "returns a value";
        }

        if (method.Parameters.Any(static parameter => parameter.RefKind != RefKind.None))
        {
            return "has ref, in or out parameters";
        }

        return declaration is MethodDeclarationSyntax && declaration.Ancestors().OfType<TypeDeclarationSyntax>().Any(static type => !type.Modifiers.Any(SyntaxKind.PartialKeyword))
            ? "is in a type that is not partial"
            : null;
    }

    private static bool IsWholeStatement(InvocationExpressionSyntax call, SyntaxNode body) =>
        call == body || call.Parent is ExpressionStatementSyntax;

    private static bool IsWholeRight(InvocationExpressionSyntax call, SemanticModel model)
    {
        if (call.Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ExpressionStatementSyntax } assignment)
        {
            return assignment.Right == call && model.GetSymbolInfo(assignment.Left).Symbol is ILocalSymbol { IsRef: false } or IParameterSymbol { RefKind: RefKind.None };
        }

        return call.Parent is EqualsValueClauseSyntax
        {
            Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax } },
        };
    }
}
