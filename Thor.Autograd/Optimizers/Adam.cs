using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Adam (Kingma and Ba 2015, algorithm 1).</summary>
/// <remarks>m = b1 m + (1 - b1) g; s = b2 s + (1 - b2) g^2; w = w - lr m / (1 - b1^t) / (sqrt(s / (1 - b2^t)) + epsilon).</remarks>
public class Adam : FirstOrderOptimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;

    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps.</param>
    /// <param name="beta1">Decay of the mean, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean square, in [0, 1).</param>
    /// <param name="epsilon">Keeps the denominator from zero.</param>
    /// <param name="weightDecay">Of groups that have none of their own; a plain number is coupled, see <see cref="WeightDecay"/>.</param>
    public Adam(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        WeightDecay weightDecay = default)
        : this(ParameterGroup.Of(parameters), learningRate, beta1, beta2, epsilon, weightDecay)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="Adam(IEnumerable{Parameter}, Schedule, double, double, double, WeightDecay)"/>
    public Adam(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        WeightDecay weightDecay = default)
        : base(groups, learningRate, weightDecay, "mean", "mean_square")
    {
        _beta1 = beta1;
        _beta2 = beta2;
        _epsilon = epsilon;
        Require.Fraction(beta1);
        Require.Fraction(beta2);
        Require.NotNegative(epsilon);
    }

    private protected override void Update(in ParameterUpdate update)
    {
        UpdateStep step = new(
            update.LearningRate,
            Beta1: _beta1,
            Beta2: _beta2,
            Epsilon: _epsilon,
            WeightDecay: update.WeightDecay,
            DecoupledDecay: Decay.IsDecoupled,
            Count: update.Count,
            GradientScale: update.GradientScale);
        update.Value.Device.Backend.Update(UpdateRule.Adam, step, update.Value, update.Gradient, update.Moments[0], update.Moments[1], update.DeviceScale);
    }
}
