using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// K-FAC, Kronecker-factored approximate curvature (Martens and Grosse 2015; Grosse and Martens 2016 for convolutions), followed by momentum:
/// natural gradient with the whole factors of every layer, their moving average, damping split by pi and biases as one more input.
/// </summary>
/// <remarks>
/// One step, for each layer with weight W, its bias the last column, and gradient dW:
/// <code>
/// if a refresh is due:                                                    KroneckerOptions.Refresh
///     A = decay A + (1 - decay) mean a a^T,  G likewise of g g^T          LayerCurvature
///     A^-1 = (A + pi sqrt(lambda) I)^-1,  G^-1 = (G + sqrt(lambda) / pi I)^-1
/// v = G^-1 dW A^-1                                                        KroneckerPreconditioner.Precondition
/// v = nu v,  nu = min(1, sqrt(k / (lr^2 v . dW)))                         KlClip
/// m = mu m + v + decay W,  W = W - lr m                                   Momentum
/// </code>
/// It is <see cref="ThorOptimizer"/> without tiles: factors larger than the tile kernels take are inverted by halves, on any device.
/// </remarks>
public sealed class KFacOptimizer : Preconditioned
{
    /// <summary>Optimizes all parameters of a model; those without curvature by momentum alone.</summary>
    /// <param name="model">The model, on the device where it will be trained.</param>
    /// <param name="options">Settings; by default <see cref="DefaultOptions"/>.</param>
    public KFacOptimizer(Module model, ThorOptions? options = null)
        : this(model, ParameterGroup.Of(model), options ?? DefaultOptions)
    {
    }

    /// <summary>Optimizes groups of a model's parameters.</summary>
    /// <inheritdoc cref="KFacOptimizer(Module, ThorOptions?)"/>
    /// <param name="model">The model, on the device where it will be trained.</param>
    /// <param name="groups">Parameters of the model, and how each group is treated.</param>
    /// <param name="options">Settings.</param>
    public KFacOptimizer(Module model, IReadOnlyList<ParameterGroup> groups, ThorOptions options)
        : base(KroneckerSteps.Directions(model, options), KroneckerSteps.Rule(groups, options))
    {
        MaximumSkippedSteps = options.MaximumSkippedSteps;
        Adaptation = KroneckerSteps.Adaptation(model, options);
    }

    /// <summary>THOR's settings, but whole factors, a moving average, damping split by pi, and biases in the matrix.</summary>
    public static ThorOptions DefaultOptions { get; } = new()
    {
        TileSize = KroneckerOptions.Whole,
        StatisticsDecay = 0.95,
        DampingSplit = DampingSplit.Pi,
        Bias = BiasRule.Homogeneous,
    };

    /// <summary>The curvature.</summary>
    public KroneckerPreconditioner Curvature => KroneckerSteps.Curvature(Preconditioner);
}
