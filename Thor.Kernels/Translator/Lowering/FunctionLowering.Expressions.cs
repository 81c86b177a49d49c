using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Expressions that have a value.</content>
internal sealed partial class FunctionLowering
{
    /// <summary>A value that a variable takes: the one place where a shuffle may stand.</summary>
    private Expression AssignedValue(IOperation operation) =>
        operation is IInvocationOperation invocation && IntrinsicTable.Find(invocation.TargetMethod) is Intrinsic intrinsic && IntrinsicTable.IsShuffle(intrinsic)
            ? Shuffle(invocation, intrinsic)
            : Value(operation);

    /// <summary>A value. After a diagnostic it is some literal, so that lowering can go on and find more.</summary>
    private Expression Value(IOperation operation)
    {
        if (operation.ConstantValue is { HasValue: true, Value: object constant } && operation is not IDefaultValueOperation)
        {
            return Constant(operation, constant);
        }

        switch (operation)
        {
            case IParenthesizedOperation parenthesized:
                return Value(parenthesized.Operand);
            case ILocalReferenceOperation local:
                return _variables.TryGetValue(local.Local, out Variable variable) ? new VariableValue(variable) : Unknown(operation);
            case IParameterReferenceOperation parameter:
                return Parameter(parameter);
            case IInstanceReferenceOperation when _self is not null:
                return new VariableValue(_self);
            case IFieldReferenceOperation field:
                return Field(field);
            case IPropertyReferenceOperation property:
                return Property(property);
            case IInvocationOperation invocation:
                return Invocation(invocation);
            case IUnaryOperation unary:
                return UnaryValue(unary);
            case IBinaryOperation binary:
                return BinaryValue(binary);
            case IConditionalOperation choice when choice.WhenFalse is not null:
                return Choice(choice);
            case IConversionOperation conversion:
                return Convert(conversion);
            case IObjectCreationOperation creation:
                return Creation(creation);
            case IDefaultValueOperation:
                return TypeOf(operation) is KernelType type ? new DefaultValue(type) : Nothing();
            case ISwitchExpressionOperation choice:
                return SwitchValue(choice);
            case IIsPatternOperation test:
                return Matches(Simple(test.Value), test.Pattern);
            case IThrowOperation:
                Refuse(operation);
                return Nothing();
            default:
                Refuse(operation);
                return Nothing();
        }
    }

    // A variable without a known declaration: its declaration was refused, or it is captured.
    private Expression Unknown(IOperation operation)
    {
        if (Diagnostics.IsEmpty && !_kernel.IsBroken)
        {
            Diagnostics.Add(Rules.Unsupported, operation.Syntax, operation.Syntax.ToString(), "a variable that is declared elsewhere: in another section of the switch, or outside the function");
        }

        return Nothing();
    }

    private Expression Constant(IOperation operation, object value)
    {
        if (value is string or char)
        {
            Diagnostics.Add(Rules.Text, operation.Syntax);
            return Nothing();
        }

        if (value is double or decimal)
        {
            Diagnostics.Add(Rules.Double, operation.Syntax, operation.Syntax.ToString());
            return Nothing(KernelType.Float);
        }

        return TypeOf(operation) is KernelType type ? new Literal(type, value) : Nothing();
    }

    private Expression Parameter(IParameterReferenceOperation reference)
    {
        if (!_variables.TryGetValue(reference.Parameter, out Variable variable))
        {
            return Unknown(reference);
        }

        return variable.IsSpecialized ? new SpecializedConstant(variable.Name) : new VariableValue(variable);
    }

    private Expression UnaryValue(IUnaryOperation unary)
    {
        if (unary.IsChecked)
        {
            Diagnostics.Add(Rules.Checked, unary.Syntax, unary.Syntax.ToString());
        }

        if (unary.IsLifted)
        {
            Diagnostics.Add(Rules.Nullable, unary.Syntax, unary.Syntax.ToString());
            return Nothing();
        }

        Expression operand = Value(unary.Operand);
        if (unary.OperatorMethod is IMethodSymbol method)
        {
            return CallHelper(method, new[] { unary.Operand }, unary.Syntax);
        }

        switch (unary.OperatorKind)
        {
            case UnaryOperatorKind.Plus:
                return operand;
            case UnaryOperatorKind.Minus:
                return new Unary(UnaryOperator.Negate, operand);
            case UnaryOperatorKind.BitwiseNegation:
                return new Unary(UnaryOperator.Complement, operand);
            case UnaryOperatorKind.Not:
                return new Unary(UnaryOperator.Not, operand);
            default:
                Refuse(unary);
                return Nothing();
        }
    }

    private Expression BinaryValue(IBinaryOperation binary)
    {
        if (binary.IsChecked)
        {
            Diagnostics.Add(Rules.Checked, binary.Syntax, binary.Syntax.ToString());
        }

        if (binary.IsLifted)
        {
            Diagnostics.Add(Rules.Nullable, binary.Syntax, binary.Syntax.ToString());
            return Nothing();
        }

        bool isLazy = binary.OperatorKind is BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr;
        Expression left = Value(binary.LeftOperand);
        _conditional += isLazy ? 1 : 0;
        Expression right = Value(binary.RightOperand);
        _conditional -= isLazy ? 1 : 0;
        if (!isLazy)
        {
            RequireOrder(binary.Syntax, left, right);
        }

        if (binary.OperatorMethod is IMethodSymbol method)
        {
            return Operator(method, binary.OperatorKind, left, right, binary.Syntax);
        }

        if (Operation(binary.OperatorKind, binary.Syntax) is not BinaryOperator kind || TypeOf(binary) is not KernelType type)
        {
            return Nothing();
        }

        if (kind is BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight or BinaryOperator.ShiftRightLogical)
        {
            right = ShiftCount(right, type);
            kind = kind == BinaryOperator.ShiftRightLogical && type is ScalarType { IsUnsigned: true } ? BinaryOperator.ShiftRight : kind;
        }

        return new Binary(kind, left, right, type);
    }

    // C# takes the count modulo the width; C leaves larger counts undefined.
    private static Expression ShiftCount(Expression count, KernelType type)
    {
        int mask = type.Size == 8 ? 63 : 31;
        return count is Literal { Value: int value }
            ? new Literal(KernelType.Int, value & mask)
            : new Binary(BinaryOperator.And, count, new Literal(KernelType.Int, mask), KernelType.Int);
    }

    private Expression Operator(IMethodSymbol method, BinaryOperatorKind kind, Expression left, Expression right, SyntaxNode node)
    {
        if (method.ContainingType.VectorLanes() is > 0 and int lanes)
        {
            VectorType vector = new(lanes);
            Expression a = left.Type is VectorType ? left : new Splat(left, vector);
            Expression b = right.Type is VectorType ? right : new Splat(right, vector);
            return Operation(kind, node) is BinaryOperator vectorKind ? new Binary(vectorKind, a, b, vector) : Nothing(vector);
        }

        Function? function = _kernel.Helper(method, new KernelType?[] { left.Type, right.Type }, new[] { MemorySpace.Private, MemorySpace.Private }, node);
        return function is null ? Nothing() : new Call(function, new[] { left, right });
    }

    private BinaryOperator? Operation(BinaryOperatorKind kind, SyntaxNode node)
    {
        switch (kind)
        {
            case BinaryOperatorKind.Add:
                return BinaryOperator.Add;
            case BinaryOperatorKind.Subtract:
                return BinaryOperator.Subtract;
            case BinaryOperatorKind.Multiply:
                return BinaryOperator.Multiply;
            case BinaryOperatorKind.Divide:
                return BinaryOperator.Divide;
            case BinaryOperatorKind.Remainder:
                return BinaryOperator.Remainder;
            case BinaryOperatorKind.And:
                return BinaryOperator.And;
            case BinaryOperatorKind.Or:
                return BinaryOperator.Or;
            case BinaryOperatorKind.ExclusiveOr:
                return BinaryOperator.Xor;
            case BinaryOperatorKind.LeftShift:
                return BinaryOperator.ShiftLeft;
            case BinaryOperatorKind.RightShift:
                return BinaryOperator.ShiftRight;
            case BinaryOperatorKind.UnsignedRightShift:
                return BinaryOperator.ShiftRightLogical;
            case BinaryOperatorKind.Equals:
                return BinaryOperator.Equal;
            case BinaryOperatorKind.NotEquals:
                return BinaryOperator.NotEqual;
            case BinaryOperatorKind.LessThan:
                return BinaryOperator.Less;
            case BinaryOperatorKind.LessThanOrEqual:
                return BinaryOperator.LessOrEqual;
            case BinaryOperatorKind.GreaterThan:
                return BinaryOperator.Greater;
            case BinaryOperatorKind.GreaterThanOrEqual:
                return BinaryOperator.GreaterOrEqual;
            case BinaryOperatorKind.ConditionalAnd:
                return BinaryOperator.AndAlso;
            case BinaryOperatorKind.ConditionalOr:
                return BinaryOperator.OrElse;
            default:
                Diagnostics.Add(Rules.Unsupported, node, node.ToString(), kind.ToString());
                return null;
        }
    }

    private Expression Choice(IConditionalOperation choice)
    {
        Expression condition = Value(choice.Condition);
        _conditional++;
        Expression whenTrue = Value(choice.WhenTrue);
        Expression whenFalse = Value(choice.WhenFalse!); // an expression has both
        _conditional--;
        return TypeOf(choice) is KernelType type ? new Conditional(condition, whenTrue, whenFalse, type) : Nothing();
    }
}
