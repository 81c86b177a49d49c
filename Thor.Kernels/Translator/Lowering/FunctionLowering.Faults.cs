using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Thor.Kernels.Translator.Lowering;

/// <content>What is not translated.</content>
internal sealed partial class FunctionLowering
{
    /// <summary>Says why an operation is not translated.</summary>
    private void Refuse(IOperation operation)
    {
        SyntaxNode node = operation.Syntax;
        string text = node.ToString().Split('\n')[0].Trim();
        switch (operation)
        {
            case { Syntax: StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax }:
                Diagnostics.Add(Rules.Allocation, node, text);
                break;
            case IInvalidOperation:
                _kernel.IsBroken = true;
                break;
            case ITryOperation:
                Diagnostics.Add(Rules.Exceptions, node, "try");
                break;
            case IUsingOperation or IUsingDeclarationOperation:
                Diagnostics.Add(Rules.Exceptions, node, "using");
                break;
            case ILockOperation:
                Diagnostics.Add(Rules.Exceptions, node, "lock");
                break;
            case IThrowOperation:
                Diagnostics.Add(Rules.Throw, node);
                break;
            case IForEachLoopOperation:
                Diagnostics.Add(Rules.ForEach, node);
                break;
            case IAnonymousFunctionOperation or IDelegateCreationOperation or IMethodReferenceOperation or IFunctionPointerInvocationOperation:
                Diagnostics.Add(Rules.Delegate, node);
                break;
            case IInterpolatedStringOperation:
                Diagnostics.Add(Rules.Text, node);
                break;
            case IArrayCreationOperation or ICollectionExpressionOperation or ITypeParameterObjectCreationOperation or IAnonymousObjectCreationOperation or IDynamicObjectCreationOperation:
                Diagnostics.Add(Rules.Allocation, node, text);
                break;
            case IArrayElementReferenceOperation or IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IInstanceReferenceOperation or ITypeOfOperation or IIsTypeOperation:
                Diagnostics.Add(Rules.ReferenceType, node, text);
                break;
            case IAwaitOperation:
                Diagnostics.Add(Rules.Async, node, "await");
                break;
            case IAssignmentOperation or IIncrementOrDecrementOperation:
                Diagnostics.Add(operation is IDeconstructionAssignmentOperation ? Rules.Tuple : Rules.AssignmentAsValue, node, text);
                break;
            case ILabeledOperation:
                Diagnostics.Add(Rules.Jump, node);
                break;
            case ITupleOperation or ITupleBinaryOperation:
                Diagnostics.Add(Rules.Tuple, node);
                break;
            case IAddressOfOperation:
                Diagnostics.Add(Rules.Pointer, node, text);
                break;
            case ICoalesceOperation or ICoalesceAssignmentOperation or IConditionalAccessOperation:
                Diagnostics.Add(Rules.Nullable, node, text);
                break;
            case IPropertyReferenceOperation property:
                Diagnostics.Add(Rules.Property, node, property.Property.ShortName());
                break;
            default:
                Diagnostics.Add(Rules.Unsupported, node, text, operation.Kind.ToString());
                break;
        }
    }
}
