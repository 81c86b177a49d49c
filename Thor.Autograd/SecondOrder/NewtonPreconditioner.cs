using Thor.Autograd.Layers;
using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>Newton's method: (H + lambda I)^-1 g with H the Hessian of the batch's loss. In front of gradient descent with a rate of 1 it steps to the minimum of the loss's quadratic model.</summary>
/// <remarks>Away from a minimum H need not be positive definite; then the direction is still one of descent, see <see cref="ExactPreconditioner"/>.</remarks>
public sealed class NewtonPreconditioner : ExactPreconditioner
{
    /// <summary>Newton directions for all parameters of a model.</summary>
    /// <param name="model">The model, on the device where it will be trained.</param>
    /// <param name="options">Settings; by default those of <see cref="ExactOptions"/>.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or parameters differ in device or element type.</exception>
    public NewtonPreconditioner(Module model, ExactOptions? options = null)
        : base(model, options)
    {
    }

    private protected override Func<IReadOnlyList<Tensor>, Tensor[]> Linearize(Func<Variable> loss) =>
        Curvature.HessianProduct(loss(), Parameters);
}
