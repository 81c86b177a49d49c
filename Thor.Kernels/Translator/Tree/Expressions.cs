using System.Collections.Generic;

namespace Thor.Kernels.Translator.Tree;

/// <summary>An expression without side effects, but those of the functions that it calls. Knows no dialect.</summary>
internal abstract record Expression(KernelType Type);

/// <summary>A number or truth value: bool, int, uint, long, ulong or float, by type.</summary>
internal sealed record Literal(KernelType Type, object Value) : Expression(Type);

/// <summary>The value of a variable.</summary>
internal sealed record VariableValue(Variable Variable) : Expression(Variable.Type);

/// <summary>A constant that is known when a variant of the kernel is compiled.</summary>
internal sealed record SpecializedConstant(string Name) : Expression(KernelType.Int);

/// <summary>Index or size of group or grid along an axis (0, 1, 2).</summary>
internal sealed record LaunchIndex(LaunchValue Value, int Axis) : Expression(KernelType.Int);

internal enum LaunchValue
{
    GroupIndex,
    GroupCount,
    ThreadIndex,
    ThreadCount,
}

internal enum UnaryOperator
{
    Negate,
    Complement,
    Not,
}

internal sealed record Unary(UnaryOperator Operator, Expression Operand) : Expression(Operand.Type);

internal enum BinaryOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    ShiftRightLogical,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    AndAlso,
    OrElse,
}

internal sealed record Binary(BinaryOperator Operator, Expression Left, Expression Right, KernelType Type) : Expression(Type);

internal sealed record Conditional(Expression Condition, Expression WhenTrue, Expression WhenFalse, KernelType Type) : Expression(Type);

/// <summary>A number as another type, by C#'s rules: integers wrap, float to integer saturates, NaN becomes 0.</summary>
internal sealed record Conversion(Expression Operand, KernelType Type) : Expression(Type);

internal sealed record FieldValue(Expression Target, string Field, KernelType Type) : Expression(Type);

internal sealed record LaneValue(Expression Target, int Lane) : Expression(KernelType.Float);

/// <summary>An element of a view.</summary>
internal sealed record Element(Expression View, Expression Index, KernelType Type) : Expression(Type);

/// <summary>The same float in every lane.</summary>
internal sealed record Splat(Expression Value, VectorType Vector) : Expression(Vector);

/// <summary>A vector of lanes.</summary>
internal sealed record VectorValue(IReadOnlyList<Expression> Lanes, VectorType Vector) : Expression(Vector);

/// <summary>A struct of given fields, in their order.</summary>
internal sealed record StructValue(IReadOnlyList<Expression> Fields, StructType Struct) : Expression(Struct);

/// <summary>All bits zero.</summary>
internal sealed record DefaultValue(KernelType Type) : Expression(Type);

/// <summary>A call of another function. Behind a view whose length the function reads follows the length.</summary>
internal sealed record Call(Function Function, IReadOnlyList<Expression> Arguments) : Expression(Function.ReturnType);

/// <summary>The address of something that a function changes.</summary>
internal sealed record Reference(Expression Target, MemorySpace Space) : Expression(Target.Type);

/// <summary>A function of the dialect that targets have or a few lines replace.</summary>
internal sealed record IntrinsicCall(Intrinsic Intrinsic, IReadOnlyList<Expression> Arguments, KernelType Type) : Expression(Type);

/// <summary>A view that a variable holds.</summary>
internal sealed record ViewValue(Variable Variable) : Expression(Variable.Type);

/// <summary>A view from an element on.</summary>
internal sealed record ViewOffset(Expression View, Expression Index, Expression? Length, KernelType Type) : Expression(Type);

/// <summary>A view as elements of another type.</summary>
internal sealed record ViewCast(Expression View, KernelType Type) : Expression(Type);

/// <summary>The dynamic shared memory of the group.</summary>
internal sealed record DynamicShared(KernelType Type) : Expression(Type);

/// <summary>Number of elements of the view in a variable.</summary>
internal sealed record LengthValue(Variable Variable) : Expression(KernelType.Long);
