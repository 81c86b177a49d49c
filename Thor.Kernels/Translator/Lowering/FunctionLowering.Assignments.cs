using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Declarations, and statements that change variables.</content>
internal sealed partial class FunctionLowering
{
    private void Declare(IVariableDeclaratorOperation declarator, IVariableInitializerOperation? initializer)
    {
        ILocalSymbol symbol = declarator.Symbol;
        if (symbol.IsConst)
        {
            if (symbol.Type.SpecialType is SpecialType.System_String or SpecialType.System_Char)
            {
                Diagnostics.Add(Rules.Text, declarator.Syntax);
            }

            return;
        }

        if (symbol.IsRef)
        {
            Diagnostics.Add(Rules.Pointer, declarator.Syntax, symbol.Name);
            return;
        }

        if (symbol.Type.IsView())
        {
            DeclareView(symbol, initializer?.Value, declarator.Syntax);
            return;
        }

        if (_kernel.Types.Value(Resolve(symbol.Type), declarator.Syntax) is not KernelType type)
        {
            return;
        }

        _kernel.CountVector(type);
        Variable variable = new(symbol.Name, type, VariableRole.Local);
        _variables[symbol] = variable;
        Expression? value = initializer is null ? null : AssignedValue(initializer.Value);
        if (value is not null && !_written.Contains(symbol) && IsKnown(value))
        {
            _initial[variable] = value;
        }

        _output.Add(new Declaration(variable, value));
    }

    private void ExpressionStatement(IOperation operation)
    {
        switch (operation)
        {
            case ISimpleAssignmentOperation assignment:
                Assign(assignment);
                break;
            case ICompoundAssignmentOperation assignment:
                AssignCompound(assignment);
                break;
            case IIncrementOrDecrementOperation step:
                if (step.IsChecked)
                {
                    Diagnostics.Add(Rules.Checked, step.Syntax, step.Syntax.ToString());
                }

                if (Target(step.Target) is Expression changed)
                {
                    _output.Add(new Increment(changed, step.Kind == OperationKind.Decrement));
                }

                break;
            case IInvocationOperation invocation:
                CallStatement(invocation);
                break;
            case IThrowOperation:
                Diagnostics.Add(Rules.Throw, operation.Syntax);
                break;
            default:
                Refuse(operation);
                break;
        }
    }

    private void Assign(ISimpleAssignmentOperation assignment)
    {
        if (assignment.IsRef)
        {
            Diagnostics.Add(Rules.Pointer, assignment.Syntax, assignment.Target.Syntax.ToString());
            return;
        }

        if (assignment.Target is IDiscardOperation)
        {
            _output.Add(new CallStatement(Value(assignment.Value)));
            return;
        }

        if (assignment.Target.Type?.IsView() == true)
        {
            Diagnostics.Add(Rules.ViewAssignment, assignment.Syntax, assignment.Target.Syntax.ToString());
            return;
        }

        Expression? target = Target(assignment.Target);
        Expression value = AssignedValue(assignment.Value);
        if (target is not null)
        {
            RequireOrder(assignment.Syntax, target is Element element ? element.Index : target, value);
            _output.Add(new Assignment(target, value));
        }
    }

    // Writes to an array of its own are no effect of a function.
    private void NoteWrite(Element element)
    {
        bool isOwn = ((ViewType)element.View.Type).Space == MemorySpace.Private
            && !_function.Parameters.Exists(p => p.Type is ViewType { Space: MemorySpace.Private });
        _function.HasEffects |= !isOwn;
    }

    private void AssignCompound(ICompoundAssignmentOperation assignment)
    {
        if (assignment.IsChecked)
        {
            Diagnostics.Add(Rules.Checked, assignment.Syntax, assignment.Syntax.ToString());
        }

        Expression? target = Target(assignment.Target);
        Expression value = Value(assignment.Value);
        if (target is null)
        {
            return;
        }

        RequireOrder(assignment.Syntax, target, value);
        if (assignment.OperatorMethod is IMethodSymbol method)
        {
            Expression result = Operator(method, assignment.OperatorKind, target, value, assignment.Syntax);
            _output.Add(new Assignment(target, result));
        }
        else if (Operation(assignment.OperatorKind, assignment.Syntax) is BinaryOperator kind)
        {
            bool isShift = kind is BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight or BinaryOperator.ShiftRightLogical;
            value = isShift ? ShiftCount(value, target.Type) : value;
            bool needsFunction = kind == BinaryOperator.ShiftRightLogical || (kind == BinaryOperator.Remainder && target.Type is ScalarType { IsFloat: true });
            _output.Add(needsFunction
                ? new Assignment(target, new Binary(kind, target, value, target.Type))
                : new CompoundAssignment(kind, target, value));
        }
    }

    /// <summary>What an assignment may change; null after a diagnostic.</summary>
    private Expression? Target(IOperation operation)
    {
        Expression target = Value(operation);
        switch (target)
        {
            case VariableValue:
                return target;
            case Element element:
                NoteWrite(element);
                return target;
            case FieldValue field:
                return Root(field.Target) is null ? null : target;
            case LaneValue lane:
                return Root(lane.Target) is null ? null : target;
            case Literal:
                return null; // a diagnostic has been given
            default:
                Refuse(operation);
                return null;
        }

        Expression? Root(Expression expression)
        {
            while (expression is FieldValue or LaneValue)
            {
                expression = expression is FieldValue inner ? inner.Target : ((LaneValue)expression).Target;
            }

            if (expression is Element element)
            {
                NoteWrite(element);
            }
            else if (expression is not VariableValue)
            {
                Refuse(operation);
                return null;
            }

            return expression;
        }
    }
}
