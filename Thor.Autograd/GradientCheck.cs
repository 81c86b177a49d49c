using System.Globalization;
using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd;

/// <summary>Compares derivatives by reverse mode with central differences, in float64.</summary>
/// <remarks>
/// The step is h = cbrt(2^-52) max(1, |x|), about 6e-6. The difference then errs by h^2 |f'''| / 6, about 6e-12 |f'''|, from truncation and by
/// 2^-52 |f| / h, about 4e-11 |f|, from rounding. Derivatives agree when they differ by at most 1e-6 max(1, |derivative|): room for functions whose
/// value and third derivative reach ten thousand. Functions must be smooth within h of the given point: keep away from kinks and ties.
/// Results that are not scalars are multiplied by a fixed vector without structure, so that one pass checks all of them.
/// </remarks>
public static class GradientCheck
{
    private const double Tolerance = 1e-6;

    /// <summary>Checks the gradient of a function in every element of every input.</summary>
    /// <param name="function">Computes the same result from the same numbers every time.</param>
    /// <param name="inputs">Float64 tensors on the host. They are copied.</param>
    /// <exception cref="GradientCheckException">A derivative is wrong: names the worst element.</exception>
    /// <exception cref="ArgumentException">An input is not float64 on the host.</exception>
    public static void Run(Func<Variable[], Variable> function, params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(function);
        Compare("first", inputs, Project, Project);

        Variable Project(Variable[] variables)
        {
            Variable result = function(variables);
            return (result * Weights(result.Shape, 1)).Sum();
        }
    }

    /// <summary>
    /// Checks second derivatives: differentiates the inner product of the gradient with a fixed direction by reverse mode over reverse mode, and compares
    /// with central differences of the gradient. As the latter come from the ordinary backward pass, this also holds fused and composed
    /// backward functions against each other.
    /// </summary>
    /// <param name="function">Computes the same result from the same numbers every time.</param>
    /// <param name="inputs">Float64 tensors on the host. They are copied.</param>
    /// <exception cref="GradientCheckException">A second derivative is wrong: names the worst element.</exception>
    /// <exception cref="ArgumentException">An input is not float64 on the host.</exception>
    public static void RunSecondOrder(Func<Variable[], Variable> function, params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(function);
        Compare("second", inputs, v => Slope(v, createGraph: true), v => Slope(v, createGraph: false));

        Variable Slope(Variable[] variables, bool createGraph)
        {
            Variable result = function(variables);
            Variable[] gradients = Gradients.Of(result, variables, Weights(result.Shape, 1), createGraph);
            Variable slope = Tensor.Scalar(0, DType.Float64);
            for (int i = 0; i < gradients.Length; i++)
            {
                slope += (gradients[i] * Weights(gradients[i].Shape, 2 + i)).Sum();
            }

            return slope;
        }
    }

    private static void Compare(string order, Tensor[] inputs, Func<Variable[], Variable> differentiated, Func<Variable[], Variable> probed)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].DType != DType.Float64 || !inputs[i].Device.IsHost)
            {
                throw new ArgumentException($"GradientCheck needs float64 tensors on the host, input {i} is {inputs[i]}.", nameof(inputs));
            }
        }

        using TensorScope scope = TensorScope.Begin();
        Variable[] variables = Array.ConvertAll(inputs, static t => new Variable(t.Clone(), requiresGradient: true));
        double[][] reverse = Array.ConvertAll(Reverse(differentiated, variables), static g => g.Value.ToArray<double>());
        double worst = 0;
        GradientCheckException? failure = null;
        for (int i = 0; i < variables.Length; i++)
        {
            for (int e = 0; e < reverse[i].Length; e++)
            {
                double difference = Difference(probed, variables, i, e);
                double error = Math.Abs(difference - reverse[i][e]) / Math.Max(1, Math.Max(Math.Abs(difference), Math.Abs(reverse[i][e])));

                // Not "greater": NaN must fail too.
                if (!(error <= Tolerance) && !(error <= worst))
                {
                    worst = error;
                    failure = new GradientCheckException(Message(order, i, e, variables[i], reverse[i][e], difference), i, e, reverse[i][e], difference);
                }
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static Variable[] Reverse(Func<Variable[], Variable> function, Variable[] variables) => Gradients.Of(function(variables), variables);

    private static double Difference(Func<Variable[], Variable> function, Variable[] variables, int input, int element)
    {
        Span<double> values = variables[input].Value.AsSpan<double>();
        double x = values[element];
        double h = Math.Cbrt(Math.ScaleB(1, -52)) * Math.Max(1, Math.Abs(x));

        // What was really added, after rounding, divides the difference.
        double above = x + h;
        double below = x - h;
        values[element] = above;
        double valueAbove = Evaluate(function, variables);
        values[element] = below;
        double valueBelow = Evaluate(function, variables);
        values[element] = x;
        return (valueAbove - valueBelow) / (above - below);
    }

    private static double Evaluate(Func<Variable[], Variable> function, Variable[] variables)
    {
        using TensorScope scope = TensorScope.Begin();
        return function(variables).Value.Item();
    }

    private static string Message(string order, int input, int element, Variable variable, double reverse, double difference) => string.Create(
        CultureInfo.InvariantCulture,
        $"The {order} derivative is wrong in element {element} of input {input}, {variable.Shape}: {reverse:R} by reverse mode, {difference:R} by central differences.");

    /// <summary>Numbers of both signs and magnitude between 0.5 and 1.5, without structure: a golden-ratio sequence.</summary>
    private static Tensor Weights(Shape shape, int which)
    {
        double[] weights = new double[shape.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            double fraction = (((i + 1) * 0.6180339887498949) + (which * 0.4142135623730951)) % 1;
            weights[i] = fraction < 0.5 ? fraction - 1 : fraction + 0.5;
        }

        return Tensor.From(weights, shape);
    }
}
