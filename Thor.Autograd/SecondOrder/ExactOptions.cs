using Thor.Autograd.Optimizers;

namespace Thor.Autograd.SecondOrder;

/// <summary>Settings of an <see cref="ExactPreconditioner"/>.</summary>
public sealed record ExactOptions
{
    /// <summary>lambda, added to the diagonal of the curvature, by step.</summary>
    public Schedule Damping { get; init; } = 0.1;

    /// <summary>Models of up to that many parameters form their matrix and invert it; larger ones solve by conjugate gradients.</summary>
    public int MatrixLimit { get; init; } = 512;

    /// <summary>Most conjugate gradient iterations of a step, each with one product of the curvature.</summary>
    public int Iterations { get; init; } = 50;

    /// <summary>Conjugate gradients end once the residual is this share of the gradient.</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Bound k on lr^2 times the inner product of direction and gradient, see <see cref="SecondOrder.KlClip"/>; a step beyond it is shortened. Null: no bound.</summary>
    public double? KlClip { get; init; } = 0.1;
}
