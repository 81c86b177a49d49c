using System.Runtime.CompilerServices;
using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>Exact curvature of a loss, times a direction, by differentiating twice; no matrix is ever formed.</summary>
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
        return Keep(scope, HessianVector(loss(), parameters, [.. direction.Select(static d => new Variable(d))]));
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
        Variable moved = JacobianVector(predicted, parameters, direction);
        Variable leaf = new(predicted.Value, requiresGradient: true);
        Variable bent = HessianVector(loss(leaf), [leaf], [moved])[0];
        return Keep(scope, Gradients.Of(predicted, parameters, bent));
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

        Variable moved = JacobianVector(samples, parameters, direction);
        return Keep(scope, Gradients.Of(samples, parameters, new Variable(moved.Value * (1.0 / samples.Value.Length))));
    }

    private static Variable[] HessianVector(Variable loss, IReadOnlyList<Variable> variables, Variable[] direction)
    {
        Variable[] gradients = Gradients.Of(loss, variables, createGraph: true);
        return Gradients.Of(gradients, variables, direction, createGraph: false);
    }

    /// <summary>J v: u -> J^T u is linear, and its derivative in direction v is J v whatever u is.</summary>
    private static Variable JacobianVector(Variable outputs, IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> direction)
    {
        Variable u = new(Tensor.Zeros(outputs.Shape, outputs.DType, outputs.Device), requiresGradient: true);
        Variable[] gradients = Gradients.Of(outputs, parameters, u, createGraph: true);
        return Gradients.Of(gradients, [u], [.. direction.Select(static d => new Variable(d))], createGraph: false)[0];
    }

    private static Tensor[] Keep(TensorScope scope, Variable[] products) => Array.ConvertAll(products, p => scope.Keep(p.Value));

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
