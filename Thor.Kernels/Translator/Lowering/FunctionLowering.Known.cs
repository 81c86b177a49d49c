using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>What is known when a kernel is compiled, and what C leaves open.</content>
internal sealed partial class FunctionLowering
{
    // Longer loops are not worth their code.
    private const int MaxUnrolledTrips = 256;

    /// <summary>True for constants, specialised values and what is computed from them.</summary>
    private bool IsKnown(Expression expression) => expression switch
    {
        Literal or SpecializedConstant => true,
        VariableValue { Variable: Variable variable } => _initial.ContainsKey(variable),
        Unary unary => IsKnown(unary.Operand),
        Binary binary => IsKnown(binary.Left) && IsKnown(binary.Right),
        Conditional choice => IsKnown(choice.Condition) && IsKnown(choice.WhenTrue) && IsKnown(choice.WhenFalse),
        Conversion { Type: ScalarType { IsFloat: false } } conversion => conversion.Operand.Type is ScalarType { IsFloat: false } && IsKnown(conversion.Operand),
        _ => false,
    };

    /// <summary>A known expression without variables: C wants sizes of arrays so.</summary>
    private Expression Substitute(Expression expression) => expression switch
    {
        VariableValue { Variable: Variable variable } when _initial.TryGetValue(variable, out Expression value) => Substitute(value),
        Unary unary => unary with { Operand = Substitute(unary.Operand) },
        Binary binary => binary with { Left = Substitute(binary.Left), Right = Substitute(binary.Right) },
        Conditional choice => choice with { Condition = Substitute(choice.Condition), WhenTrue = Substitute(choice.WhenTrue), WhenFalse = Substitute(choice.WhenFalse) },
        Conversion conversion => conversion with { Operand = Substitute(conversion.Operand) },
        _ => expression,
    };

    // A variable that counts from a known start by a known step to a known end.
    private Variable? UnrollVariable(IReadOnlyList<Statement> start, Expression? condition, IReadOnlyList<Statement> steps)
    {
        if (start.Count != 1 || start[0] is not Declaration { Value: Expression first, Variable: Variable counter } || steps.Count != 1
            || condition is not Binary { Operator: BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual or BinaryOperator.NotEqual } test
            || test.Left is not VariableValue { Variable: Variable tested } || tested != counter)
        {
            return null;
        }

        Expression? step = steps[0] switch
        {
            Increment { Target: VariableValue { Variable: Variable changed } } one when changed == counter => new Literal(KernelType.Int, one.Down ? -1 : 1),
            CompoundAssignment { Operator: BinaryOperator.Add or BinaryOperator.Subtract or BinaryOperator.Multiply or BinaryOperator.Divide or BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight } more
                when more.Target is VariableValue { Variable: Variable changed } && changed == counter => more.Value,
            _ => null,
        };
        if (step is null || !IsKnownInLoop(first) || !IsKnownInLoop(test.Right) || !IsKnownInLoop(step))
        {
            return null;
        }

        bool isLong = first is Literal { Value: int from } && test.Right is Literal { Value: int to } && step is Literal { Value: int by }
            && steps[0] is Increment or CompoundAssignment { Operator: BinaryOperator.Add or BinaryOperator.Subtract }
            && by != 0 && System.Math.Abs(((long)to - from) / by) > MaxUnrolledTrips;
        return isLong ? null : counter;
    }

    private bool IsKnownInLoop(Expression expression) => expression switch
    {
        VariableValue { Variable: Variable variable } when _unrolled.Contains(variable) => true,
        Binary binary => IsKnownInLoop(binary.Left) && IsKnownInLoop(binary.Right),
        _ => IsKnown(expression),
    };

    // C# evaluates from left to right; C in any order. That matters only where a call writes what a neighbour reads or writes.
    private void RequireOrder(SyntaxNode node, params Expression[] parts)
    {
        int writers = 0;
        int others = 0;
        foreach (Expression part in parts)
        {
            if (HasEffects(part))
            {
                writers++;
            }
            else if (ReadsMemory(part))
            {
                others++;
            }
        }

        if (writers > 0 && writers + others > 1)
        {
            Diagnostics.Add(Rules.AssignmentAsValue, node, node.ToString().Split('\n')[0].Trim());
        }
    }

    private static bool HasEffects(Expression expression)
    {
        foreach (Expression part in Parts(expression))
        {
            if (HasEffects(part))
            {
                return true;
            }
        }

        return (expression is Call call && (call.Function.HasEffects || call.Arguments.Any(a => a is Reference))) || (expression is IntrinsicCall intrinsic && IntrinsicTable.IsAtomic(intrinsic.Intrinsic));
    }

    private static bool ReadsMemory(Expression expression)
    {
        foreach (Expression part in Parts(expression))
        {
            if (ReadsMemory(part))
            {
                return true;
            }
        }

        return expression is Element { View.Type: ViewType { Space: not MemorySpace.ReadOnly } } or VariableValue { Variable.Role: VariableRole.Reference };
    }

    private static IEnumerable<Expression> Parts(Expression expression) => expression switch
    {
        Unary unary => new[] { unary.Operand },
        Binary binary => new[] { binary.Left, binary.Right },
        Conditional choice => new[] { choice.Condition, choice.WhenTrue, choice.WhenFalse },
        Conversion conversion => new[] { conversion.Operand },
        FieldValue field => new[] { field.Target },
        LaneValue lane => new[] { lane.Target },
        Element element => new[] { element.Index },
        Splat splat => new[] { splat.Value },
        VectorValue vector => vector.Lanes,
        StructValue structure => structure.Fields,
        Call call => call.Arguments,
        IntrinsicCall intrinsic => intrinsic.Arguments,
        _ => System.Array.Empty<Expression>(),
    };
}
