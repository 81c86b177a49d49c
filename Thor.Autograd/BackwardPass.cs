using System.Diagnostics;
using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd;

/// <summary>
/// One walk from outputs back to what they were computed from. Every variable's gradient is complete before it travels on,
/// every backward function runs once, and only where its work leads to a gradient that somebody asked for.
/// </summary>
/// <remarks>
/// While nothing is recorded, gradients are tensors that this pass owns: each waiting gradient is a tensor object of its own, so it can
/// be disposed as soon as it was used, and the count of views of its memory tells whether it may be added to in place. What
/// a backward function creates on the way goes back to the pool when it returns.
/// </remarks>
internal sealed class BackwardPass
{
    private readonly List<Variable> _order = [];
    private readonly Dictionary<Variable, int> _index = [];
    private readonly bool[] _needed;
    private readonly bool[] _isInput;
    private readonly Tensor?[] _arrived;
    private readonly bool _accumulates;
    private readonly GradientScale _scale;
    private bool[] _operandsNeeded = new bool[4];

    /// <summary>Finds the order of work.</summary>
    /// <param name="outputs">Where to start.</param>
    /// <param name="inputs">Where to arrive; null for every leaf.</param>
    /// <param name="scale">What observers are told of the gradients.</param>
    public BackwardPass(ReadOnlySpan<Variable> outputs, IReadOnlyList<Variable>? inputs, GradientScale scale)
    {
        _scale = scale;
        foreach (Variable output in outputs)
        {
            Visit(output);
        }

        _accumulates = inputs is null;
        _needed = new bool[_order.Count];
        _isInput = new bool[_order.Count];
        _arrived = new Tensor?[_order.Count];
        if (inputs is null)
        {
            Array.Fill(_needed, true);
        }
        else
        {
            MarkNeeded(inputs);
        }
    }

    /// <summary>Adds the gradients of all leaves to <see cref="Variable.Gradient"/>.</summary>
    public void Accumulate(Variable output, Variable seed) => Walk([output], [seed]);

    /// <summary>Shows gradients to the observers of the inputs and keeps none.</summary>
    public void Show(Variable output, Variable seed)
    {
        Array.Clear(_isInput);
        Walk([output], [seed]);
    }

    /// <summary>Gradients of the inputs as constants, each with memory of its own.</summary>
    public Variable[] Values(Variable[] outputs, Variable[] seeds, IReadOnlyList<Variable> inputs)
    {
        Walk(outputs, seeds);

        Variable[] results = new Variable[inputs.Count];
        for (int k = 0; k < results.Length; k++)
        {
            Variable input = inputs[k];
            Tensor? gradient = _index.TryGetValue(input, out int i) ? _arrived[i] : null;
            if (gradient is not null && !Writable(gradient))
            {
                Tensor copy = gradient.Clone();
                gradient.Dispose();
                gradient = copy;
                _arrived[i] = copy;
            }

            results[k] = new Variable(gradient ?? Tensor.Zeros(input.Shape, input.DType, input.Device));
        }

        return results;
    }

    /// <summary>Gradients of the inputs as functions of everything they were computed from.</summary>
    public Variable[] Recorded(Variable[] outputs, Variable[] seeds, IReadOnlyList<Variable> inputs)
    {
        Variable?[] gradients = new Variable?[_order.Count];
        for (int k = 0; k < outputs.Length; k++)
        {
            Add(gradients, outputs[k], seeds[k]);
        }

        for (int i = _order.Count - 1; i >= 0; i--)
        {
            Variable variable = _order[i];
            if (gradients[i] is not Variable gradient)
            {
                continue;
            }

            if (variable.IsObserved)
            {
                variable.Publish(gradient.Value.Contiguous(), _scale);
            }

            if (variable.Node is not Node node || !OperandsNeeded(node, out ReadOnlySpan<bool> needed))
            {
                continue;
            }

            Variable?[] results = node.Backward(gradient, needed);
            for (int k = 0; k < results.Length; k++)
            {
                if (needed[k] && results[k] is Variable result)
                {
                    Add(gradients, node.Inputs[k], result);
                }
            }
        }

        Variable[] found = new Variable[inputs.Count];
        for (int k = 0; k < found.Length; k++)
        {
            Variable input = inputs[k];
            Variable? gradient = _index.TryGetValue(input, out int i) ? gradients[i] : null;
            found[k] = gradient ?? new Variable(Tensor.Zeros(input.Shape, input.DType, input.Device));
        }

        return found;
    }

    /// <summary>Appends a variable after everything it was computed from. Its own stack, because chains are long.</summary>
    private void Visit(Variable root)
    {
        if (!root.RequiresGradient || !_index.TryAdd(root, -1))
        {
            return;
        }

        Stack<(Variable Variable, int Next)> path = [];
        path.Push((root, 0));
        while (path.TryPop(out (Variable Variable, int Next) step))
        {
            ReadOnlySpan<Variable> operands = step.Variable.Node is Node node ? node.Inputs : [];
            int next = step.Next;
            while (next < operands.Length && !(operands[next].RequiresGradient && _index.TryAdd(operands[next], -1)))
            {
                next++;
            }

            if (next < operands.Length)
            {
                path.Push((step.Variable, next + 1));
                path.Push((operands[next], 0));
            }
            else
            {
                _index[step.Variable] = _order.Count;
                _order.Add(step.Variable);
            }
        }
    }

    private void MarkNeeded(IReadOnlyList<Variable> inputs)
    {
        foreach (Variable input in inputs)
        {
            if (_index.TryGetValue(input, out int i))
            {
                _needed[i] = true;
                _isInput[i] = true;
            }
        }

        for (int i = 0; i < _order.Count; i++)
        {
            if (!_needed[i] && _order[i].Node is Node node)
            {
                _needed[i] = OperandsNeeded(node, out _);
            }
        }
    }

    /// <summary>Which operands wait for a gradient; false if none does. The span is valid until the next call.</summary>
    private bool OperandsNeeded(Node node, out ReadOnlySpan<bool> needed)
    {
        Variable[] operands = node.Inputs;
        if (_operandsNeeded.Length < operands.Length)
        {
            _operandsNeeded = new bool[operands.Length];
        }

        bool any = false;
        for (int k = 0; k < operands.Length; k++)
        {
            bool wanted = operands[k].RequiresGradient && _needed[_index[operands[k]]];
            _operandsNeeded[k] = wanted;
            any |= wanted;
        }

        needed = _operandsNeeded.AsSpan(0, operands.Length);
        return any;
    }

    /// <summary>Gradients as values; the seeds are left as they are.</summary>
    private void Walk(ReadOnlySpan<Variable> outputs, ReadOnlySpan<Variable> seeds)
    {
        Tensor?[] waiting = new Tensor?[_order.Count];
        for (int k = 0; k < outputs.Length; k++)
        {
            Collect(waiting, outputs[k], seeds[k].Value.Alias());
        }

        for (int i = _order.Count - 1; i >= 0; i--)
        {
            if (waiting[i] is not Tensor gradient)
            {
                continue;
            }

            waiting[i] = null;
            Variable variable = _order[i];
            if (variable.IsObserved)
            {
                gradient = Show(variable, gradient, _scale);
            }

            if (_isInput[i])
            {
                _arrived[i] = gradient.Alias();
            }

            if (variable.Node is Node node)
            {
                Propagate(node, gradient, waiting);
            }
            else if (_accumulates)
            {
                Deposit(variable, gradient);
            }
            else
            {
                gradient.Dispose();
            }
        }
    }

    /// <summary>Leaves a gradient to the observers of its variable and goes on with a view, which keeps everybody from writing into it.</summary>
    private static Tensor Show(Variable variable, Tensor gradient, GradientScale scale)
    {
        Tensor shown = gradient;
        if (!gradient.IsContiguous)
        {
            shown = gradient.Clone();
            gradient.Dispose();
        }

        variable.Publish(shown, scale);
        return shown.Alias();
    }

    /// <summary>Turns the gradient of a result, which is given up, into contributions to its operands.</summary>
    private void Propagate(Node node, Tensor gradient, Tensor?[] waiting)
    {
        if (!OperandsNeeded(node, out ReadOnlySpan<bool> needed))
        {
            gradient.Dispose();
            return;
        }

        Variable?[] results;
        using (TensorScope scope = TensorScope.Begin())
        {
            results = node.Backward(new Variable(gradient), needed);
            for (int k = 0; k < results.Length; k++)
            {
                if (needed[k] && results[k] is Variable result)
                {
                    Debug.Assert(result.Shape == node.Inputs[k].Shape, $"{node.Operation}: gradient {result.Value} of operand {k}, {node.Inputs[k].Value}");
                    bool alone = !ReferenceEquals(result.Value, gradient) && !Occurs(result.Value, results.AsSpan(0, k));
                    results[k] = new Variable(scope.Keep(alone ? result.Value : result.Value.Alias()));
                }
            }
        }

        gradient.Dispose();
        for (int k = 0; k < results.Length; k++)
        {
            if (needed[k] && results[k] is Variable result)
            {
                Collect(waiting, node.Inputs[k], result.Value);
            }
        }
    }

    private static bool Occurs(Tensor tensor, ReadOnlySpan<Variable?> among)
    {
        foreach (Variable? variable in among)
        {
            if (variable is not null && ReferenceEquals(variable.Value, tensor))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds a contribution, which is given up, to what waits for a variable.</summary>
    private void Collect(Tensor?[] waiting, Variable variable, Tensor contribution)
    {
        if (!variable.RequiresGradient)
        {
            contribution.Dispose();
            return;
        }

        ref Tensor? sum = ref waiting[_index[variable]];
        if (sum is null)
        {
            sum = contribution;
            return;
        }

        Tensor other = contribution;
        if (!Writable(sum))
        {
            (sum, other) = (other, sum);
        }

        if (Writable(sum))
        {
            AddInPlace(sum, other);
        }
        else
        {
            Tensor total = sum + other;
            sum.Dispose();
            sum = total;
        }

        other.Dispose();
    }

    /// <summary>Dense, with no other view of its memory. (Nothing is dense in a tensor without elements.)</summary>
    private static bool Writable(Tensor tensor) => tensor.IsContiguous && tensor.OwnsMemory && tensor.Length > 0;

    /// <summary>Adds in place; what that takes on the way goes back to the pool at once.</summary>
    private static void AddInPlace(Tensor sum, Tensor other)
    {
        using TensorScope scope = TensorScope.Begin();
        sum.AddInPlace(other);
    }

    /// <summary>Adds a gradient, which is given up, to what a leaf has accumulated.</summary>
    private static void Deposit(Variable leaf, Tensor gradient)
    {
        if (leaf.Gradient is Tensor accumulated)
        {
            AddInPlace(accumulated, gradient);
            gradient.Dispose();
        }
        else if (Writable(gradient))
        {
            leaf.Gradient = gradient.Persist();
        }
        else
        {
            leaf.Gradient = gradient.Clone().Persist();
            gradient.Dispose();
        }
    }

    private void Add(Variable?[] gradients, Variable variable, Variable contribution)
    {
        if (variable.RequiresGradient)
        {
            ref Variable? sum = ref gradients[_index[variable]];
            sum = sum is null ? contribution : sum + contribution;
        }
    }
}
