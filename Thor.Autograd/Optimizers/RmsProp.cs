using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>RMSprop (Tieleman and Hinton 2012).</summary>
/// <remarks>s = alpha s + (1 - alpha) g^2; u = g / (sqrt(s) + epsilon); v = mu v + u; w = w - lr v.</remarks>
public sealed class RmsProp : FirstOrderOptimizer
{
    private readonly double _alpha;
    private readonly double _epsilon;
    private readonly double _momentum;

    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps.</param>
    /// <param name="alpha">Decay of the mean square, in [0, 1).</param>
    /// <param name="epsilon">Keeps the denominator from zero.</param>
    /// <param name="momentum">mu, in [0, 1).</param>
    /// <param name="weightDecay">Of groups that have none of their own; a plain number is coupled, see <see cref="WeightDecay"/>.</param>
    public RmsProp(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        double alpha = 0.99,
        double epsilon = 1e-8,
        double momentum = 0,
        WeightDecay weightDecay = default)
        : this(ParameterGroup.Of(parameters), learningRate, alpha, epsilon, momentum, weightDecay)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="RmsProp(IEnumerable{Parameter}, Schedule, double, double, double, WeightDecay)"/>
    public RmsProp(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double alpha = 0.99,
        double epsilon = 1e-8,
        double momentum = 0,
        WeightDecay weightDecay = default)
        : base(groups, learningRate, weightDecay, "mean_square", "velocity")
    {
        _alpha = alpha;
        _epsilon = epsilon;
        _momentum = momentum;
        Require.Fraction(alpha);
        Require.NotNegative(epsilon);
        Require.Fraction(momentum);
    }

    private protected override void Update(in ParameterUpdate update)
    {
        UpdateStep step = new(
            update.LearningRate,
            Beta1: _momentum,
            Beta2: _alpha,
            Epsilon: _epsilon,
            WeightDecay: update.WeightDecay,
            DecoupledDecay: Decay.IsDecoupled,
            Count: update.Count,
            GradientScale: update.GradientScale);
        update.Value.Device.Backend.Update(UpdateRule.RmsProp, step, update.Value, update.Gradient, update.Moments[0], update.Moments[1], update.DeviceScale);
    }
}
