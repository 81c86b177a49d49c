using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Thor.Kernels.Translator.Cpu;

/// <content>Statements: they move the state on.</content>
internal sealed partial class MethodFlow
{
    private static bool IsTrue(IOperation? condition) => condition is null or { ConstantValue: { HasValue: true, Value: true } };

    private void Statements(IEnumerable<IOperation> statements)
    {
        foreach (IOperation statement in statements)
        {
            Statement(statement);
        }
    }

    private void Statement(IOperation? statement)
    {
        _checks.Cancellation.ThrowIfCancellationRequested();
        switch (statement)
        {
            case null:
                break;
            case IConditionalOperation conditional:
                If(conditional);
                break;
            case IWhileLoopOperation loop:
                While(loop);
                break;
            case IForLoopOperation loop:
                Statements(loop.Before);
                Loop(loop, loop.Condition, loop.Body, loop.AtLoopBottom);
                break;
            case ISwitchOperation choice:
                Switch(choice);
                break;
            case IBranchOperation jump:
                Jump(jump.Target);
                break;
            case IReturnOperation end:
                string? value = end.ReturnedValue is null ? null : Value(end.ReturnedValue);
                if (_state.Reachable)
                {
                    _result ??= value ?? Control?.Source;
                }

                Jump(FlowState.Return);
                break;
            case ILocalFunctionOperation:
                // Followed where it is called.
                break;
            case IBlockOperation or IVariableDeclarationGroupOperation or IVariableDeclarationOperation or ILabeledOperation:
                Statements(statement.ChildOperations);
                break;
            case IVariableDeclaratorOperation variable:
                if (variable.GetVariableInitializer() is { } initializer)
                {
                    string? source = Value(initializer.Value);
                    _state = _state.With(variable.Symbol, source ?? Control?.Source);
                }

                break;
            default:
                Value(statement);
                break;
        }
    }

    private void If(IConditionalOperation conditional)
    {
        bool pushed = Push(conditional.Condition, Value(conditional.Condition));
        FlowState before = _state;
        Statement(conditional.WhenTrue);
        FlowState afterTrue = _state;
        _state = before;
        Statement(conditional.WhenFalse);
        _state = FlowState.Join(_state, afterTrue);
        Pop(pushed);
    }

    private void While(IWhileLoopOperation loop)
    {
        if (loop.ConditionIsTop)
        {
            Loop(loop, loop.Condition, loop.Body, Enumerable.Empty<IOperation>());
            return;
        }

        FlowState start;
        do
        {
            start = _state;
            Statement(loop.Body);
            Land(loop.ContinueLabel);
            Leave(loop, loop.Condition);
            _state = FlowState.Join(_state, start);
        }
        while (!_state.Says(start));

        // The way past the condition counts as a jump out.
        _state = _state with { Reachable = false };
        Land(loop.ExitLabel);
    }

    private void Loop(ILoopOperation loop, IOperation? condition, IOperation body, IEnumerable<IOperation> bottom)
    {
        FlowState start;
        do
        {
            start = _state;
            Leave(loop, condition);
            Statement(body);
            Land(loop.ContinueLabel);
            Statements(bottom);
            _state = FlowState.Join(_state, start);
        }
        while (!_state.Says(start));

        _state = _state with { Reachable = false };
        Land(loop.ExitLabel);
    }

    /// <summary>Tests the condition of a loop: where threads may see it differently, some leave while others go round again.</summary>
    private void Leave(ILoopOperation loop, IOperation? condition)
    {
        if (condition is not null && Value(condition) is { } source)
        {
            _state = _state.WithLeft(loop.ExitLabel, Describe(condition, source));
        }

        if (_state.Reachable && !IsTrue(condition))
        {
            _arrivals[loop.ExitLabel] = FlowState.Join(_state, Arrival(loop.ExitLabel));
        }
    }

    private void Switch(ISwitchOperation choice)
    {
        bool pushed = Push(choice.Value, Value(choice.Value));
        FlowState before = _state;
        bool hasDefault = false;
        FlowState? after = null;
        foreach (ISwitchCaseOperation section in choice.Cases)
        {
            _state = before;
            hasDefault |= section.Clauses.Any(static clause => clause.CaseKind == CaseKind.Default);
            Statements(section.Body);
            after = FlowState.Join(_state, after);
        }

        _state = hasDefault && after is not null ? after : FlowState.Join(before, after);
        Pop(pushed);
        Land(choice.ExitLabel);
    }

    private bool Push(IOperation condition, string? source)
    {
        if (source is not null && _conditions.Count == 0)
        {
            _conditions.Push(Describe(condition, source));
            return true;
        }

        return false;
    }

    private void Pop(bool pushed)
    {
        if (pushed)
        {
            _conditions.Pop();
        }
    }
}
