using Thor.Autograd.Layers;
using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>The natural gradient (Amari 1998): (F + lambda I)^-1 g with F the Fisher information of the model's predictions on the batch, with nothing left out.</summary>
/// <remarks>
/// F is computed as the generalised Gauss-Newton matrix J^T H J, with J the derivative of the model's output by the parameters and H the
/// Hessian of the loss by the output: for losses whose outputs are natural parameters, as cross-entropy of logits, the two are the same (Martens 2020,
/// section 9). It is positive semidefinite where the loss is convex in the output.
/// </remarks>
public sealed class NaturalGradientPreconditioner : ExactPreconditioner
{
    private readonly Layer _model;

    /// <summary>Natural gradients for all parameters of a model.</summary>
    /// <param name="model">The model, whose output the loss is computed from; on the device where it will be trained.</param>
    /// <param name="options">Settings; by default those of <see cref="ExactOptions"/>.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or parameters differ in device or element type.</exception>
    public NaturalGradientPreconditioner(Layer model, ExactOptions? options = null)
        : base(model, options)
    {
        _model = model;
    }

    private protected override Func<IReadOnlyList<Tensor>, Tensor[]> Linearize(Func<Variable> loss) =>
        Curvature.GaussNewtonProduct(_model, Parameters, loss).Product;
}
