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
    /// <param name="inputs">With respect to what.</param>
    /// <param name="seed">Gradient of the output; may be left out for a scalar.</param>
    /// <param name="createGraph">Record the gradients themselves, so that they can be differentiated again.</param>
    public static Variable[] Of(Variable output, IReadOnlyList<Variable> inputs, Variable? seed = null, bool createGraph = false) =>
        throw new NotImplementedException();

    internal static void Backward(Variable output, Tensor? seed) => throw new NotImplementedException();

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
