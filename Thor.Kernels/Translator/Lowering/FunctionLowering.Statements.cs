using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Statements.</content>
internal sealed partial class FunctionLowering
{
    private void Statement(IOperation operation)
    {
        switch (operation)
        {
            case IBlockOperation block:
                _output.Add(Nested(block));
                break;
            case IVariableDeclarationGroupOperation group:
                foreach (IVariableDeclarationOperation declaration in group.Declarations)
                {
                    foreach (IVariableDeclaratorOperation declarator in declaration.Declarators)
                    {
                        Declare(declarator, declarator.Initializer ?? declaration.Initializer);
                    }
                }

                break;
            case IExpressionStatementOperation expression:
                ExpressionStatement(expression.Operation);
                break;
            case IConditionalOperation choice:
                Expression condition = Value(choice.Condition);
                Block then = Nested(choice.WhenTrue);
                Block? otherwise = choice.WhenFalse is null ? null : Nested(choice.WhenFalse);
                _output.Add(new If(condition, then, otherwise));
                break;
            case IForLoopOperation loop:
                ForLoop(loop);
                break;
            case IWhileLoopOperation loop:
                WhileLoop(loop);
                break;
            case IBranchOperation branch:
                Branch(branch);
                break;
            case IReturnOperation { Kind: OperationKind.YieldReturn or OperationKind.YieldBreak }:
                Diagnostics.Add(Rules.Async, operation.Syntax, "yield");
                break;
            case IReturnOperation result:
                Expression? value = result.ReturnedValue is null ? _self is null ? null : new VariableValue(_self) : Value(result.ReturnedValue);
                _output.Add(new Return(value));
                break;
            case ISwitchOperation choice:
                SwitchStatement(choice);
                break;
            case IEmptyOperation:
                break;
            case ILocalFunctionOperation local:
                if (!local.Symbol.IsStatic)
                {
                    Diagnostics.Add(Rules.LocalFunction, operation.Syntax, local.Symbol.Name);
                }

                break;
            default:
                Refuse(operation);
                break;
        }
    }

    private Block Nested(IOperation body)
    {
        List<Statement> outer = _output;
        _output = new List<Statement>();
        _depth++;
        if (body is IBlockOperation block)
        {
            foreach (IOperation statement in block.Operations)
            {
                Statement(statement);
            }
        }
        else
        {
            Statement(body);
        }

        Block result = new(_output);
        _depth--;
        _output = outer;
        return result;
    }

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

    private void ForLoop(IForLoopOperation loop)
    {
        List<Statement> outer = _output;
        _output = new List<Statement>();
        _depth++;
        foreach (IOperation before in loop.Before)
        {
            Statement(before);
        }

        List<Statement> start = _output;
        _conditional++;
        _independent = false;
        Expression? condition = loop.Condition is null ? null : Value(loop.Condition);
        bool independent = _independent;
        _conditional--;
        _output = new List<Statement>();
        _conditional++;
        foreach (IOperation step in loop.AtLoopBottom)
        {
            Statement(step);
        }

        _conditional--;
        List<Statement> steps = _output;
        bool unroll = UnrollVariable(start, condition, steps) is Variable counter && _unrolled.Add(counter);
        bool outerBarriers = _function.HasBarriers;
        _function.HasBarriers = false;
        Block body = Nested(loop.Body);
        bool hasBarrier = _function.HasBarriers;
        _function.HasBarriers |= outerBarriers;
        _depth--;
        _output = outer;
        _output.Add(new For(start, condition, steps, body, unroll, hasBarrier, independent));
    }

    private void WhileLoop(IWhileLoopOperation loop)
    {
        _conditional++;
        Expression condition = loop.Condition is null ? Nothing() : Value(loop.Condition);
        _conditional--;
        _output.Add(new While(condition, Nested(loop.Body), !loop.ConditionIsTop));
    }

    private void Branch(IBranchOperation branch)
    {
        switch (branch.BranchKind)
        {
            case BranchKind.Break:
                _output.Add(new Break());
                break;
            case BranchKind.Continue:
                _output.Add(new Continue());
                break;
            default:
                Diagnostics.Add(Rules.Jump, branch.Syntax);
                break;
        }
    }

    private void SwitchStatement(ISwitchOperation operation)
    {
        Expression subject = Value(operation.Value);
        if (subject.Type is not ScalarType { IsFloat: false })
        {
            Diagnostics.Add(Rules.Pattern, operation.Value.Syntax, operation.Value.Syntax.ToString());
        }

        List<SwitchSection> sections = new();
        foreach (ISwitchCaseOperation section in operation.Cases)
        {
            List<Expression?> labels = new();
            foreach (ICaseClauseOperation clause in section.Clauses)
            {
                switch (clause)
                {
                    case IDefaultCaseClauseOperation:
                        labels.Add(null);
                        break;
                    case ISingleValueCaseClauseOperation single:
                        labels.Add(Value(single.Value));
                        break;
                    case IPatternCaseClauseOperation { Guard: null } pattern:
                        Labels(pattern.Pattern, labels);
                        break;
                    default:
                        Diagnostics.Add(Rules.Pattern, clause.Syntax, clause.Syntax.ToString());
                        break;
                }
            }

            List<Statement> outer = _output;
            _output = new List<Statement>();
            _depth++;
            foreach (IOperation statement in section.Body)
            {
                Statement(statement);
            }

            foreach (Declaration own in _output.OfType<Declaration>())
            {
                // C# lets other sections use it, but in C it ends with the braces of this one.
                Forget(own.Variable);
            }

            sections.Add(new SwitchSection(labels, _output));
            _depth--;
            _output = outer;
        }

        _output.Add(new Switch(subject, sections));
    }

    private void Forget(Variable variable)
    {
        foreach (ISymbol symbol in _variables.Where(pair => pair.Value == variable).Select(pair => pair.Key).ToList())
        {
            _variables.Remove(symbol);
        }
    }

    private void Labels(IPatternOperation pattern, List<Expression?> labels)
    {
        switch (pattern)
        {
            case IConstantPatternOperation constant:
                labels.Add(Value(constant.Value));
                break;
            case IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.Or } either:
                Labels(either.LeftPattern, labels);
                Labels(either.RightPattern, labels);
                break;
            case IDiscardPatternOperation:
                labels.Add(null);
                break;
            default:
                Diagnostics.Add(Rules.Pattern, pattern.Syntax, pattern.Syntax.ToString());
                break;
        }
    }

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
