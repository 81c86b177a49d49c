using System.Collections.Generic;

namespace Thor.Kernels.Translator.Tree;

/// <summary>A statement. Knows no dialect.</summary>
internal abstract record Statement;

internal sealed record Block(IReadOnlyList<Statement> Statements) : Statement;

/// <summary>Declares a variable of numbers or structs.</summary>
internal sealed record Declaration(Variable Variable, Expression? Value) : Statement;

/// <summary>Declares a view; it never changes.</summary>
internal sealed record ViewDeclaration(Variable Variable, Expression View) : Statement;

/// <summary>Declares an array of the thread, or of the group, which printers hoist.</summary>
internal sealed record ArrayDeclaration(Variable Variable, Expression Length) : Statement;

internal sealed record Assignment(Expression Target, Expression Value) : Statement;

/// <summary>target = target op value.</summary>
internal sealed record CompoundAssignment(BinaryOperator Operator, Expression Target, Expression Value) : Statement;

/// <summary>target++ or target--.</summary>
internal sealed record Increment(Expression Target, bool Down) : Statement;

/// <summary>A call for its effects.</summary>
internal sealed record CallStatement(Expression Call) : Statement;

internal sealed record If(Expression Condition, Statement Then, Statement? Else) : Statement;

/// <summary>A for loop. Unroll: its trip count is known when the kernel is compiled. Independent: iterations may run side by side.</summary>
internal sealed record For(
    IReadOnlyList<Statement> Before, Expression? Condition, IReadOnlyList<Statement> Steps, Statement Body, bool Unroll, bool HasBarrier, bool Independent) : Statement;

internal sealed record While(Expression Condition, Statement Body, bool ConditionLast) : Statement;

internal sealed record Break : Statement;

internal sealed record Continue : Statement;

internal sealed record Return(Expression? Value) : Statement;

/// <summary>A section of a switch: its labels (null is the default) and what it does.</summary>
internal sealed record SwitchSection(IReadOnlyList<Expression?> Labels, IReadOnlyList<Statement> Body);

internal sealed record Switch(Expression Subject, IReadOnlyList<SwitchSection> Sections) : Statement;

internal sealed record Barrier : Statement;

internal enum FenceScope
{
    Group,
    Device,
}

internal sealed record Fence(FenceScope Scope) : Statement;

internal sealed record Prefetch(Expression Element) : Statement;
