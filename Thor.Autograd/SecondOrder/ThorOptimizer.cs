using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// THOR, trace-based hardware-driven layer-oriented natural gradient descent (Chen, Gao, Liu, Wang et al., AAAI 2021): natural gradient with
/// Kronecker factors that are cut into tiles and refreshed at growing intervals, followed by momentum.
/// </summary>
/// <remarks>
/// One step, for each layer with weight W and gradient dW:
/// <code>
/// if a refresh is offered,                                                KroneckerOptions.Refresh
///    and |tr F - tr F_held| / tr F_held, both with lambda I, is above w1:   TraceRule
///     A = mean a a^T,  G = mean g g^T,  diagonal tiles of 128 only        LayerCurvature
///     A_j^-1 = (A_j + sqrt(lambda) I)^-1,  G_i^-1 likewise                KroneckerPreconditioner.Refresh
///    (below w2 the layer is never refreshed again)
/// v[i, j] = G_i^-1 dW[i, j] A_j^-1                                        KroneckerPreconditioner.Precondition
/// v = nu v,  nu = min(1, sqrt(k / (lr^2 v . dW)))                         KlClip
/// m = mu m + v + decay W,  W = W - lr m                                   Momentum
/// </code>
/// </remarks>
public sealed class ThorOptimizer : Preconditioned
{
    /// <summary>Optimizes all parameters of a model; those without curvature by momentum alone.</summary>
    /// <param name="model">The model, on the device where it will be trained.</param>
    /// <param name="options">Settings; by default those of <see cref="ThorOptions"/>.</param>
    public ThorOptimizer(Module model, ThorOptions? options = null)
        : this(model, ParameterGroup.Of(model), options ?? new ThorOptions())
    {
    }

    /// <summary>Optimizes groups of a model's parameters.</summary>
    /// <inheritdoc cref="ThorOptimizer(Module, ThorOptions?)"/>
    /// <param name="model">The model, on the device where it will be trained.</param>
    /// <param name="groups">Parameters of the model, and how each group is treated.</param>
    /// <param name="options">Settings.</param>
    public ThorOptimizer(Module model, IReadOnlyList<ParameterGroup> groups, ThorOptions options)
        : base(KroneckerSteps.Directions(model, options), KroneckerSteps.Rule(groups, options))
    {
        Adaptation = KroneckerSteps.Adaptation(model, options);
        MaximumSkippedSteps = options.MaximumSkippedSteps;
    }

    /// <summary>The curvature.</summary>
    public KroneckerPreconditioner Curvature => KroneckerSteps.Curvature(Preconditioner);
}
