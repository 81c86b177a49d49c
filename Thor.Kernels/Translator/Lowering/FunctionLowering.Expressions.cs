using System.Collections.Generic;
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

    private Expression Field(IFieldReferenceOperation reference)
    {
        IFieldSymbol field = reference.Field;
        if (reference.Instance is null)
        {
            Diagnostics.Add(Rules.StaticState, reference.Syntax, field.ShortName());
            return Nothing();
        }

        Expression target = Value(reference.Instance);
        if (field.ContainingType.VectorLanes() > 0)
        {
            return new LaneValue(target, Lane(field.Name));
        }

        return target.Type is StructType && TypeOf(reference) is KernelType type
            ? new FieldValue(target, TypeMap.FieldName(field), type)
            : Nothing();
    }

    private static int Lane(string name) => name switch
    {
        "X" => 0,
        "Y" => 1,
        "Z" => 2,
        "W" => 3,
        _ => System.Convert.ToInt32(name.Substring(1), 16),
    };

    private Expression Property(IPropertyReferenceOperation reference)
    {
        IPropertySymbol property = reference.Property;
        INamedTypeSymbol container = property.ContainingType;
        if (container.IsView())
        {
            return ViewProperty(reference);
        }

        if (container.IsSpecialized())
        {
            return Value(reference.Instance!); // Value of a specialised value
        }

        if (reference.Instance is null)
        {
            return LaunchProperty(property) ?? RefusedProperty(reference);
        }

        if (container.IsInDialect() && property.Name == "Size")
        {
            return SizeOf(Value(reference.Instance));
        }

        Expression target = Value(reference.Instance);
        if (target.Type is StructType type)
        {
            for (int i = 0; i < type.Fields.Count; i++)
            {
                if (type.Fields[i].Name == property.Name)
                {
                    return target is StructValue value ? value.Fields[i] : new FieldValue(target, property.Name, type.Fields[i].Type);
                }
            }
        }

        return RefusedProperty(reference);
    }

    private Expression RefusedProperty(IPropertyReferenceOperation reference)
    {
        Refuse(reference);
        return Nothing();
    }

    private static Expression SizeOf(Expression index)
    {
        Expression? size = null;
        if (index.Type is StructType type)
        {
            for (int i = 0; i < type.Fields.Count; i++)
            {
                Expression field = index is StructValue value ? value.Fields[i] : new FieldValue(index, type.Fields[i].Name, KernelType.Int);
                size = size is null ? field : new Binary(BinaryOperator.Multiply, size, field, KernelType.Int);
            }
        }

        return size ?? Nothing();
    }

    private Expression? LaunchProperty(IPropertySymbol property)
    {
        string name = property.Name;
        int axis = name.Length > 0 ? name[name.Length - 1] - 'X' : -1;
        switch (property.FullName())
        {
            case "Thor.Kernels.Dialect.Grid.GlobalIndex":
                if (_kernel.Types.Value(property.Type, _method.DeclaringSyntaxReferences[0].GetSyntax()) is not StructType index)
                {
                    return null;
                }

                return new StructValue(new[] { GlobalIndex(0), GlobalIndex(1), GlobalIndex(2) }, index);
            case "Thor.Kernels.Dialect.Grid.IdxX" or "Thor.Kernels.Dialect.Grid.IdxY" or "Thor.Kernels.Dialect.Grid.IdxZ":
                return new LaunchIndex(LaunchValue.GroupIndex, axis);
            case "Thor.Kernels.Dialect.Grid.DimX" or "Thor.Kernels.Dialect.Grid.DimY" or "Thor.Kernels.Dialect.Grid.DimZ":
                return new LaunchIndex(LaunchValue.GroupCount, axis);
            case "Thor.Kernels.Dialect.Group.IdxX" or "Thor.Kernels.Dialect.Group.IdxY" or "Thor.Kernels.Dialect.Group.IdxZ":
                return new LaunchIndex(LaunchValue.ThreadIndex, axis);
            case "Thor.Kernels.Dialect.Group.DimX" or "Thor.Kernels.Dialect.Group.DimY" or "Thor.Kernels.Dialect.Group.DimZ":
                return new LaunchIndex(LaunchValue.ThreadCount, axis);
            case "Thor.Kernels.Dialect.Group.LinearIndex":
                return LinearIndex();
            case "Thor.Kernels.Dialect.Group.IsFirstThread":
                return new Binary(BinaryOperator.Equal, LinearIndex(), new Literal(KernelType.Int, 0), KernelType.Bool);
            case "Thor.Kernels.Dialect.Warp.LaneIdx":
                return new Binary(BinaryOperator.Remainder, LinearIndex(), new Literal(KernelType.Int, WarpSize), KernelType.Int);
            case "Thor.Kernels.Dialect.Warp.WarpIdx":
                return new Binary(BinaryOperator.Divide, LinearIndex(), new Literal(KernelType.Int, WarpSize), KernelType.Int);
            default:
                return null;
        }
    }

    private const int WarpSize = 32;

    private static Expression GlobalIndex(int axis) => new Binary(
        BinaryOperator.Add,
        new Binary(BinaryOperator.Multiply, new LaunchIndex(LaunchValue.GroupIndex, axis), new LaunchIndex(LaunchValue.ThreadCount, axis), KernelType.Int),
        new LaunchIndex(LaunchValue.ThreadIndex, axis),
        KernelType.Int);

    private static Expression LinearIndex() => new IntrinsicCall(Intrinsic.GroupLinearIndex, System.Array.Empty<Expression>(), KernelType.Int);

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

    private Expression Convert(IConversionOperation conversion)
    {
        if (conversion.OperatorMethod is IMethodSymbol method)
        {
            return ConvertByMethod(conversion, method);
        }

        if (conversion.IsChecked)
        {
            Diagnostics.Add(Rules.Checked, conversion.Syntax, conversion.Syntax.ToString());
        }

        if (conversion.Type is null || TypeOf(conversion) is not KernelType type)
        {
            return Nothing();
        }

        Expression operand = Value(conversion.Operand);
        return operand.Type == type ? operand : new Conversion(operand, type);
    }

    private Expression ConvertByMethod(IConversionOperation conversion, IMethodSymbol method)
    {
        INamedTypeSymbol container = method.ContainingType;
        if (container.IsSpecialized())
        {
            return Value(conversion.Operand);
        }

        if (container.IsInDialect() && TypeOf(conversion) is KernelType target)
        {
            Expression operand = Value(conversion.Operand);
            if (operand.Type is StructType { Fields.Count: 1 } index && target is ScalarType)
            {
                return new FieldValue(operand, index.Fields[0].Name, target);
            }

            if (operand.Type is ScalarType && target is StructType type)
            {
                List<Expression> fields = new() { operand };
                while (fields.Count < type.Fields.Count)
                {
                    fields.Add(new Literal(KernelType.Int, 1));
                }

                return new StructValue(fields, type);
            }
        }

        return CallHelper(method, new[] { conversion.Operand }, conversion.Syntax);
    }

    private Expression Creation(IObjectCreationOperation creation)
    {
        if (creation.Type?.IsValueType != true)
        {
            Diagnostics.Add(Rules.Allocation, creation.Syntax, creation.Syntax.ToString().Split('\n')[0].Trim());
            return Nothing();
        }

        if (TypeOf(creation) is not KernelType type)
        {
            return Nothing();
        }

        Expression value;
        if (creation.Arguments.Length == 0 || creation.Constructor is null)
        {
            value = new DefaultValue(type);
        }
        else if (type is VectorType vector)
        {
            _kernel.CountVector(vector);
            value = new VectorValue(Ordered(creation), vector);
        }
        else if (type is StructType index && creation.Type!.IsInDialect())
        {
            value = new StructValue(Ordered(creation), index);
        }
        else
        {
            value = CallHelper(creation.Constructor, Ordered(creation.Arguments), creation.Syntax);
        }

        return creation.Initializer is null ? value : Initialized(creation, value);
    }

    private List<Expression> Ordered(IObjectCreationOperation creation)
    {
        List<Expression> values = Values(creation.Arguments);
        RequireOrder(creation.Syntax, values.ToArray());
        return values;
    }

    private Expression Initialized(IObjectCreationOperation creation, Expression value)
    {
        if (_conditional > 0)
        {
            Diagnostics.Add(Rules.Unsupported, creation.Syntax, creation.Syntax.ToString().Split('\n')[0].Trim(), "initializer inside a condition");
            return value;
        }

        Variable temporary = Temporary(value.Type);
        _output.Add(new Declaration(temporary, value));
        foreach (IOperation member in creation.Initializer!.Initializers)
        {
            string? name = member is ISimpleAssignmentOperation assigned
                ? assigned.Target switch
                {
                    IFieldReferenceOperation field => TypeMap.FieldName(field.Field),
                    IPropertyReferenceOperation property => property.Property.Name,
                    _ => null,
                }
                : null;
            if (name is null)
            {
                Refuse(member);
                continue;
            }

            Expression part = Value(((ISimpleAssignmentOperation)member).Value);
            Expression target = value.Type is VectorType
                ? new LaneValue(new VariableValue(temporary), Lane(name))
                : new FieldValue(new VariableValue(temporary), name, part.Type);
            _output.Add(new Assignment(target, part));
        }

        return new VariableValue(temporary);
    }
}
