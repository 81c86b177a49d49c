using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>Exact curvature of a loss, by differentiating twice.</summary>
public static class Curvature
{
    /// <summary>The Hessian of a loss times a direction, by reverse mode over reverse mode; the Hessian itself is never formed.</summary>
    /// <param name="loss">Computes the scalar loss from the parameters, with recording on.</param>
    /// <param name="parameters">What the Hessian is taken in.</param>
    /// <param name="direction">One tensor per parameter, of its shape and element type.</param>
    /// <returns>One tensor per parameter, of its shape. No <see cref="Variable.Gradient"/> is touched.</returns>
    /// <exception cref="ShapeException">The direction does not fit the parameters, or the loss is not a scalar.</exception>
    public static Tensor[] HessianVector(Func<Variable> loss, IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> direction)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(direction);
        if (direction.Count != parameters.Count)
        {
            throw new ShapeException($"HessianVector: {parameters.Count} parameters need as many directions, got {direction.Count}");
        }

        for (int i = 0; i < direction.Count; i++)
        {
            if (direction[i].Shape != parameters[i].Shape || direction[i].DType != parameters[i].DType || direction[i].Device != parameters[i].Device)
            {
                throw new ShapeException($"HessianVector: direction {i} must be like its parameter, {direction[i]} is not like {parameters[i].Value}");
            }
        }

        using TensorScope scope = TensorScope.Begin();
        Variable[] gradients = Gradients.Of(loss(), parameters, createGraph: true);
        Variable[] seeds = [.. direction.Select(static d => new Variable(d))];
        Variable[] products = Gradients.Of(gradients, parameters, seeds, createGraph: false);
        return Array.ConvertAll(products, p => scope.Keep(p.Value));
    }
}
