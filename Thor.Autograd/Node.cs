using Thor.Engine;

namespace Thor.Autograd;

/// <summary>Gradients of all operands at once, in their order; null where <paramref name="needed"/> is false.</summary>
/// <param name="gradient">Gradient of the result.</param>
/// <param name="needed">Per operand: whether its gradient will be used.</param>
internal delegate Variable?[] JointAdjoint(Variable gradient, ReadOnlySpan<bool> needed);

/// <summary>
/// One recorded operation: its operands and how the gradient of its result becomes gradients of them. The backward function
/// is written with operations on variables, so that it can be differentiated again; while gradients are not being recorded
/// it may take a fused primitive instead. It returns new tensors, the gradient it was given, or views of either: never a tensor
/// that something else holds. While nothing is recorded it may write into a gradient that owns its memory.
/// </summary>
internal sealed class Node
{
    private readonly JointAdjoint _backward;

    private Node(string operation, Variable[] inputs, JointAdjoint backward)
    {
        Operation = operation;
        Inputs = inputs;
        _backward = backward;
    }

    /// <summary>For messages.</summary>
    public string Operation { get; }

    /// <summary>Operands, in the order of the gradients that <see cref="Backward"/> returns.</summary>
    public Variable[] Inputs { get; }

    /// <summary>Result of an operation of one operand.</summary>
    public static Variable Record(string operation, Tensor value, Variable input, Func<Variable, Variable> adjoint)
    {
        if (!Gradients.Enabled || !input.RequiresGradient)
        {
            return new Variable(value);
        }

        return new Variable(value, new Node(operation, [input], (g, _) => [adjoint(g)]));
    }

    /// <summary>Result of an operation of one operand whose derivative is best written with the result: (result, gradient) to gradient.</summary>
    public static Variable RecordByResult(string operation, Tensor value, Variable input, Func<Variable, Variable, Variable> adjoint)
    {
        if (!Gradients.Enabled || !input.RequiresGradient)
        {
            return new Variable(value);
        }

        Variable? result = null;
        result = new Variable(value, new Node(operation, [input], (g, _) => [adjoint(result ?? throw new InvalidOperationException(operation), g)]));
        return result;
    }

    /// <summary>Result of an operation of two operands, each with its own adjoint; an adjoint runs only if its gradient is needed.</summary>
    public static Variable Record(
        string operation, Tensor value, Variable a, Variable b, Func<Variable, Variable> adjointA, Func<Variable, Variable> adjointB)
    {
        if (!Gradients.Enabled || !(a.RequiresGradient || b.RequiresGradient))
        {
            return new Variable(value);
        }

        return new Variable(
            value, new Node(operation, [a, b], (g, needed) => [needed[0] ? adjointA(g) : null, needed[1] ? adjointB(g) : null]));
    }

    /// <summary>Result of an operation whose gradients are computed together.</summary>
    public static Variable Record(string operation, Tensor value, Variable[] inputs, JointAdjoint backward)
    {
        if (!Gradients.Enabled || !Array.Exists(inputs, static v => v.RequiresGradient))
        {
            return new Variable(value);
        }

        return new Variable(value, new Node(operation, inputs, backward));
    }

    /// <summary>Gradients of the operands for a gradient of the result.</summary>
    public Variable?[] Backward(Variable gradient, ReadOnlySpan<bool> needed) => _backward(gradient, needed);
}
