using System.Runtime.CompilerServices;
using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>Exact curvature of a loss, by differentiating twice: times a direction, where no matrix is ever formed, or for small models the matrix itself.</summary>
/// <remarks>
/// Functions are called once per product, with recording on, in whatever mode their layers are in: layers that draw random numbers or keep
/// running statistics do so again. No <see cref="Variable.Gradient"/> is touched.
/// </remarks>
public static class Curvature
{
    /// <summary>The Hessian of a loss times a direction, by reverse mode over reverse mode.</summary>
    /// <param name="loss">Computes the scalar loss from the parameters.</param>
    /// <param name="parameters">What the Hessian is taken in.</param>
    /// <param name="direction">One tensor per parameter, of its shape and element type.</param>
    /// <returns>One tensor per parameter, of its shape.</returns>
    /// <exception cref="ShapeException">The direction does not fit the parameters, or the loss is not a scalar.</exception>
    public static Tensor[] HessianVector(Func<Variable> loss, IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> direction)
    {
        ArgumentNullException.ThrowIfNull(loss);
        Validate(parameters, direction);
        using TensorScope scope = TensorScope.Begin();
        return Keep(scope, HessianProduct(loss(), parameters)(direction));
    }

    /// <summary>
    /// The generalised Gauss-Newton matrix J^T H J times a direction, with J the derivative of a model's outputs by the parameters and H the
    /// Hessian of the loss by the outputs (Schraudolph 2002). Positive semidefinite where the loss is convex in the outputs.
    /// </summary>
    /// <remarks>
    /// For the losses whose outputs are natural parameters (cross-entropy of logits, mean squared error) it is the Fisher information of the model's own
    /// predictions, scaled as the loss is (Martens 2020, section 9). J times the direction is the derivative of J^T u by u, taken in reverse too.
    /// </remarks>
    /// <param name="outputs">Computes the outputs, of any shape, from the parameters.</param>
    /// <param name="loss">Computes the scalar loss from the outputs.</param>
    /// <param name="parameters">What the matrix is taken in.</param>
    /// <param name="direction">One tensor per parameter, of its shape and element type.</param>
    /// <returns>One tensor per parameter, of its shape.</returns>
    /// <exception cref="ShapeException">The direction does not fit the parameters, or the loss is not a scalar.</exception>
    public static Tensor[] GaussNewtonVector(
        Func<Variable> outputs, Func<Variable, Variable> loss, IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> direction)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(loss);
        Validate(parameters, direction);
        using TensorScope scope = TensorScope.Begin();
        Variable predicted = outputs();
        return Keep(scope, GaussNewtonProduct(predicted, loss(predicted), parameters)(direction));
    }

    /// <summary>The Fisher information that a batch estimates, 1/B sum over samples of g g^T, times a direction.</summary>
    /// <remarks>
    /// With the true labels it is the empirical Fisher; with labels drawn from the model's predictions an unbiased estimate of the Fisher itself, which
    /// <see cref="GaussNewtonVector"/> has without noise.
    /// </remarks>
    /// <param name="losses">Computes the losses of the samples, one element each, not averaged, from the parameters.</param>
    /// <param name="parameters">What the matrix is taken in.</param>
    /// <param name="direction">One tensor per parameter, of its shape and element type.</param>
    /// <returns>One tensor per parameter, of its shape.</returns>
    /// <exception cref="ShapeException">The direction does not fit the parameters, or there are no losses.</exception>
    public static Tensor[] FisherVector(Func<Variable> losses, IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> direction)
    {
        ArgumentNullException.ThrowIfNull(losses);
        Validate(parameters, direction);
        using TensorScope scope = TensorScope.Begin();
        Variable samples = losses();
        if (samples.Value.Length == 0)
        {
            throw new ShapeException($"FisherVector: there must be a loss for each sample, got {samples.Value}");
        }

        Tensor moved = JacobianProduct(samples, parameters)(direction);
        return Keep(scope, Values(Gradients.Of(samples, parameters, new Variable(moved * (1.0 / samples.Value.Length)))));
    }

    /// <summary>The Hessian of a loss as a matrix, column by column: for small models.</summary>
    /// <param name="loss">Computes the scalar loss from the parameters.</param>
    /// <param name="parameters">What the Hessian is taken in; its rows and columns are their elements, one parameter after the other.</param>
    /// <returns>(elements, elements), new and the caller's.</returns>
    public static Tensor Hessian(Func<Variable> loss, IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(parameters);
        using TensorScope scope = TensorScope.Begin();
        return scope.Keep(ParameterVector.Matrix(HessianProduct(loss(), parameters), parameters));
    }

    /// <summary>
    /// The Fisher information of a classifier's predictions as a matrix, the mean over inputs and the expectation over labels drawn from softmax(logits)
    /// of g g^T: for small models. What Kronecker factors approximate.
    /// </summary>
    /// <param name="model">Computes logits (..., classes).</param>
    /// <param name="x">Inputs.</param>
    /// <returns>(elements, elements) over the elements of all parameters in the model's order, new and the caller's.</returns>
    public static Tensor ExactFisher(Layer model, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(x);
        using TensorScope scope = TensorScope.Begin();
        Variable logits = model.Forward(x);

        // The Hessian of cross-entropy by the logits, diag p - p p^T, is the same for all labels, and so is the one of its mean.
        Tensor labels = Tensor.Zeros(new Shape(logits.Shape.Extents[..^1]), DType.Int32, x.Device);
        IReadOnlyList<Parameter> parameters = model.Parameters();
        return scope.Keep(ParameterVector.Matrix(GaussNewtonProduct(logits, Losses.Losses.CrossEntropy(logits, labels), parameters), parameters));
    }

    /// <summary>The Hessian at one point: a function that multiplies it by directions, as long as the scope around it lasts.</summary>
    internal static Func<IReadOnlyList<Tensor>, Tensor[]> HessianProduct(Variable loss, IReadOnlyList<Variable> variables)
    {
        Variable[] gradients = Gradients.Of(loss, variables, createGraph: true);
        return direction => Values(Gradients.Of(gradients, variables, Constants(direction), createGraph: false));
    }

    /// <summary>The generalised Gauss-Newton matrix at one point: a function that multiplies it by directions, as long as the scope around it lasts.</summary>
    internal static Func<IReadOnlyList<Tensor>, Tensor[]> GaussNewtonProduct(Variable outputs, Variable loss, IReadOnlyList<Parameter> parameters)
    {
        Func<IReadOnlyList<Tensor>, Tensor> moved = JacobianProduct(outputs, parameters);
        Func<IReadOnlyList<Tensor>, Tensor[]> bent = HessianProduct(loss, [outputs]);
        return direction => Values(Gradients.Of(outputs, parameters, new Variable(bent([moved(direction)])[0])));
    }

    /// <summary>The same where only a loss is at hand, by the output of the model that it runs.</summary>
    /// <returns>The product, and the loss at the parameters as they are.</returns>
    /// <exception cref="InvalidOperationException">The loss does not run the model.</exception>
    internal static (Func<IReadOnlyList<Tensor>, Tensor[]> Product, Variable Loss) GaussNewtonProduct(
        Layer model, IReadOnlyList<Parameter> parameters, Func<Variable> loss)
    {
        Variable? output = null;
        Variable? value = null;
        Layer.WithObserver((layer, _, result) => output = ReferenceEquals(layer, model) ? result : output, () => value = loss());
        return output is null || value is null
            ? throw new InvalidOperationException($"The loss did not run the model that the optimizer was made for, {model.GetType().Name}.")
            : (GaussNewtonProduct(output, value, parameters), value);
    }

    /// <summary>J v: u -> J^T u is linear, and its derivative in direction v is J v whatever u is.</summary>
    private static Func<IReadOnlyList<Tensor>, Tensor> JacobianProduct(Variable outputs, IReadOnlyList<Parameter> parameters)
    {
        Variable u = new(Tensor.Zeros(outputs.Shape, outputs.DType, outputs.Device), requiresGradient: true);
        Variable[] gradients = Gradients.Of(outputs, parameters, u, createGraph: true);
        return direction => Gradients.Of(gradients, [u], Constants(direction), createGraph: false)[0].Value;
    }

    private static Variable[] Constants(IReadOnlyList<Tensor> tensors) => [.. tensors.Select(static t => new Variable(t))];

    private static Tensor[] Values(Variable[] variables) => Array.ConvertAll(variables, static v => v.Value);

    private static Tensor[] Keep(TensorScope scope, Tensor[] products) => Array.ConvertAll(products, p => scope.Keep(p));

    private static void Validate(IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> direction, [CallerMemberName] string operation = "")
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(direction);
        if (direction.Count != parameters.Count)
        {
            throw new ShapeException($"{operation}: {parameters.Count} parameters need as many directions, got {direction.Count}");
        }

        for (int i = 0; i < direction.Count; i++)
        {
            if (direction[i].Shape != parameters[i].Shape || direction[i].DType != parameters[i].DType || direction[i].Device != parameters[i].Device)
            {
                throw new ShapeException($"{operation}: direction {i} must be like its parameter, {direction[i]} is not like {parameters[i].Value}");
            }
        }
    }
}
