using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;

namespace Thor.Autograd.SecondOrder;

/// <summary>The parts that settings make of an optimizer with Kronecker factors.</summary>
internal static class KroneckerSteps
{
    /// <summary>What makes directions: the curvature, or behind it the choice of rate and momentum.</summary>
    public static Preconditioner Directions(Module model, ThorOptions options)
    {
        Layer? layer = options.QuadraticModel ? AsLayer(model) : null;
        KroneckerPreconditioner curvature = new(model, options);
        return layer is null ? curvature : new QuadraticModelPreconditioner(layer, curvature);
    }

    /// <summary>What follows them.</summary>
    public static FirstOrderOptimizer Rule(IReadOnlyList<ParameterGroup> groups, ThorOptions options) => options.QuadraticModel
        ? new Sgd(groups, 1, options.WeightDecay)
        : new Momentum(groups, options.LearningRate, options.Momentum, options.Nesterov, options.WeightDecay);

    /// <summary>What adapts the damping, if anything does.</summary>
    public static LevenbergMarquardt? Adaptation(Module model, ThorOptions options) =>
        options.Adaptation is LevenbergMarquardtOptions adaptation ? new LevenbergMarquardt(AsLayer(model), adaptation) : null;

    /// <summary>The curvature among what <see cref="Directions"/> made.</summary>
    public static KroneckerPreconditioner Curvature(Preconditioner preconditioner) =>
        (KroneckerPreconditioner)(preconditioner is QuadraticModelPreconditioner chosen ? chosen.Inner : preconditioner);

    private static Layer AsLayer(Module model) => model as Layer
        ?? throw new ArgumentException($"A quadratic model of the loss needs a model with one input and one output, which {model.GetType().Name} is not.", nameof(model));
}
