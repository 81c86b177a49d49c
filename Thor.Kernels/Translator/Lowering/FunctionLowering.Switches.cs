using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Switch expressions and patterns.</content>
internal sealed partial class FunctionLowering
{
    private Expression SwitchValue(ISwitchExpressionOperation choice)
    {
        if (choice.Arms.Length == 0 || choice.Arms.Last() is not { Pattern: IDiscardPatternOperation, Guard: null })
        {
            Diagnostics.Add(Rules.SwitchValue, choice.Syntax, "may have no arm that fits");
            return Nothing();
        }

        if (TypeOf(choice) is not KernelType type)
        {
            return Nothing();
        }

        Expression subject = Simple(choice.Value);
        _conditional++;
        Expression result = Value(choice.Arms[choice.Arms.Length - 1].Value);
        for (int i = choice.Arms.Length - 2; i >= 0; i--)
        {
            ISwitchExpressionArmOperation arm = choice.Arms[i];
            if (arm.Guard is not null)
            {
                Diagnostics.Add(Rules.Pattern, arm.Syntax, arm.Syntax.ToString());
            }

            result = new Conditional(Matches(subject, arm.Pattern), Value(arm.Value), result, type);
        }

        _conditional--;
        return result;
    }

    /// <summary>A value that may be repeated: a variable or constant, or a new variable that holds it.</summary>
    private Expression Simple(IOperation operation)
    {
        Expression value = Value(operation);
        if (value is VariableValue or Literal or SpecializedConstant)
        {
            return value;
        }

        if (_conditional > 0)
        {
            Diagnostics.Add(Rules.SwitchValue, operation.Syntax, "repeats a value that may not be computed in advance");
            return value;
        }

        Variable temporary = Temporary(value.Type);
        _output.Add(new Declaration(temporary, value));
        return new VariableValue(temporary);
    }

    private Expression Matches(Expression subject, IPatternOperation pattern)
    {
        switch (pattern)
        {
            case IConstantPatternOperation constant:
                return new Binary(BinaryOperator.Equal, subject, Value(constant.Value), KernelType.Bool);
            case IRelationalPatternOperation relation when Operation(relation.OperatorKind, relation.Syntax) is BinaryOperator kind:
                return new Binary(kind, subject, Value(relation.Value), KernelType.Bool);
            case INegatedPatternOperation negated:
                return new Unary(UnaryOperator.Not, Matches(subject, negated.Pattern));
            case IBinaryPatternOperation both:
                BinaryOperator joined = both.OperatorKind == BinaryOperatorKind.Or ? BinaryOperator.OrElse : BinaryOperator.AndAlso;
                return new Binary(joined, Matches(subject, both.LeftPattern), Matches(subject, both.RightPattern), KernelType.Bool);
            case IDiscardPatternOperation:
                return new Literal(KernelType.Bool, true);
            default:
                Diagnostics.Add(Rules.Pattern, pattern.Syntax, pattern.Syntax.ToString());
                return new Literal(KernelType.Bool, false);
        }
    }
}
