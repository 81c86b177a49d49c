using Thor.Engine;

namespace Thor.Autograd;

/// <summary>
/// One recorded operation: its operands and how the gradient of its result becomes gradients of them. The backward function
/// is written with operations on variables, so that it can be differentiated again; while gradients are not being recorded
/// it may take a fused primitive instead.
/// </summary>
internal sealed class Node
{
    private readonly Func<Variable, Variable?[]> _backward;

    private Node(string operation, Variable[] inputs, Func<Variable, Variable?[]> backward)
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

        return new Variable(value, new Node(operation, [input], g => [adjoint(g)]));
    }

    /// <summary>Result of an operation of two operands, each with its own adjoint; an adjoint runs only if its operand requires a gradient.</summary>
    public static Variable Record(
        string operation, Tensor value, Variable a, Variable b, Func<Variable, Variable> adjointA, Func<Variable, Variable> adjointB)
    {
        if (!Gradients.Enabled || !(a.RequiresGradient || b.RequiresGradient))
        {
            return new Variable(value);
        }

        return new Variable(value, new Node(operation, [a, b], g => [a.RequiresGradient ? adjointA(g) : null, b.RequiresGradient ? adjointB(g) : null]));
    }

    /// <summary>Result of an operation whose gradients are computed together; null where an operand needs none.</summary>
    public static Variable Record(string operation, Tensor value, Variable[] inputs, Func<Variable, Variable?[]> backward)
    {
        if (!Gradients.Enabled || !Array.Exists(inputs, static v => v.RequiresGradient))
        {
            return new Variable(value);
        }

        return new Variable(value, new Node(operation, inputs, backward));
    }

    /// <summary>Gradients of the operands for a gradient of the result.</summary>
    public Variable?[] Backward(Variable gradient) => _backward(gradient);
}
