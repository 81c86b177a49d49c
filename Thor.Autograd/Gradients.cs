using Thor.Engine;

namespace Thor.Autograd;

/// <summary>Recording on and off, and gradients as values.</summary>
public static class Gradients
{
    [ThreadStatic]
    private static int t_disabled;

    /// <summary>True while operations on this thread are recorded.</summary>
    public static bool Enabled => t_disabled == 0;

    /// <summary>Turns recording off on this thread until the result is disposed. Regions nest.</summary>
    public static NoGradient Disabled() => NoGradient.Enter();

    /// <summary>d(output)/d(inputs) without touching any <see cref="Variable.Gradient"/>; zero where the output does not depend on an input.</summary>
    /// <param name="output">What to differentiate.</param>
    /// <param name="inputs">With respect to what: leaves or intermediate results, each requiring a gradient. Nothing is computed that does not lead to one of them.</param>
    /// <param name="seed">Gradient of the output; may be left out for a scalar.</param>
    /// <param name="createGraph">Record the gradients themselves, so that they can be differentiated again.</param>
    /// <returns>One gradient per input, of its shape.</returns>
    /// <exception cref="ArgumentException">An input does not require a gradient, so its uses were not recorded.</exception>
    /// <exception cref="ShapeException">No seed was given and the output is not a scalar, or the seed has another shape.</exception>
    public static Variable[] Of(Variable output, IReadOnlyList<Variable> inputs, Variable? seed = null, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Of([output], inputs, [Seed(output, seed, "Gradients.Of")], createGraph);
    }

    /// <summary>The sum over outputs of <see cref="Of(Variable, IReadOnlyList{Variable}, Variable?, bool)"/> in one pass.</summary>
    internal static Variable[] Of(Variable[] outputs, IReadOnlyList<Variable> inputs, Variable[] seeds, bool createGraph)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        for (int i = 0; i < inputs.Count; i++)
        {
            if (!inputs[i].RequiresGradient)
            {
                throw new ArgumentException(
                    $"Gradients.Of: input {i}, {inputs[i].Value}, does not require a gradient, so nothing computed from it was recorded.", nameof(inputs));
            }
        }

        GradientScale scale = new(outputs.Length == 1 ? outputs[0].Origin?.Divisor : null, 1);
        BackwardPass pass = new(outputs, inputs, scale);
        int outer = t_disabled;
        t_disabled = createGraph ? 0 : outer + 1;
        try
        {
            return createGraph ? pass.Recorded(outputs, seeds, inputs) : pass.Values(outputs, seeds, inputs);
        }
        finally
        {
            t_disabled = outer;
        }
    }

    /// <summary>
    /// Shows gradients to the observers of some variables and to nobody else: no <see cref="Variable.Gradient"/> is touched and nothing is computed
    /// that does not lead to one of them.
    /// </summary>
    /// <param name="output">What to differentiate; its graph stays usable.</param>
    /// <param name="seed">Gradient of the output.</param>
    /// <param name="observed">Whose observers are to be called.</param>
    /// <param name="scale">What the observers are told.</param>
    internal static void Show(Variable output, Tensor seed, IReadOnlyList<Variable> observed, GradientScale scale)
    {
        Variable start = Seed(output, new Variable(seed), "Gradients.Show");
        BackwardPass pass = new([output], observed, scale);
        using (Disabled())
        {
            pass.Show(output, start);
        }
    }

    internal static void Backward(Variable output, Tensor? seed, double scale)
    {
        if (!output.RequiresGradient)
        {
            throw new InvalidOperationException(
                $"Backward: nothing that this variable, {output.Value}, was computed from requires a gradient, or it was computed while recording was off.");
        }

        Variable start = Seed(output, seed is null ? null : new Variable(seed), "Backward", scale);
        BackwardPass pass = new([output], null, new GradientScale(output.Origin?.Divisor, scale));
        using (Disabled())
        {
            pass.Accumulate(output, start);
        }

        if (seed is null)
        {
            start.Value.Dispose();
        }
    }

    private static Variable Seed(Variable output, Variable? seed, string operation, double scale = 1)
    {
        if (seed is null)
        {
            if (output.Value.Length != 1)
            {
                throw new ShapeException($"{operation}: {output.Shape} is not a scalar, so the gradient to start from must be given");
            }

            return new Variable(Tensor.Full(output.Shape, scale, output.DType, output.Device));
        }

        if (seed.Shape != output.Shape || seed.DType != output.DType || seed.Device != output.Device)
        {
            throw new ShapeException($"{operation}: the gradient to start from must be like the output, {seed.Value} is not like {output.Value}");
        }

        return seed;
    }

    /// <summary>A region without recording.</summary>
    public readonly struct NoGradient : IDisposable
    {
        /// <summary>Recording resumes when the outermost region ends.</summary>
        public void Dispose() => t_disabled--;

        internal static NoGradient Enter()
        {
            t_disabled++;
            return default;
        }
    }
}
