using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Loops and switch statements.</content>
internal sealed partial class FunctionLowering
{
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
}
