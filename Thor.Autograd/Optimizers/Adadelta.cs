using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Adadelta (Zeiler 2012).</summary>
/// <remarks>s = rho s + (1 - rho) g^2; u = sqrt(d + epsilon) / sqrt(s + epsilon) g; d = rho d + (1 - rho) u^2; w = w - lr u.</remarks>
public sealed class Adadelta : FirstOrderOptimizer
{
    private readonly double _rho;
    private readonly double _epsilon;

    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps; 1 in the paper.</param>
    /// <param name="rho">Decay of both mean squares, in [0, 1).</param>
    /// <param name="epsilon">Inside both square roots.</param>
    /// <param name="weightDecay">Of groups that have none of their own; a plain number is coupled, see <see cref="WeightDecay"/>.</param>
    public Adadelta(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        double rho = 0.9,
        double epsilon = 1e-6,
        WeightDecay weightDecay = default)
        : this(ParameterGroup.Of(parameters), learningRate, rho, epsilon, weightDecay)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="Adadelta(IEnumerable{Parameter}, Schedule, double, double, WeightDecay)"/>
    public Adadelta(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double rho = 0.9,
        double epsilon = 1e-6,
        WeightDecay weightDecay = default)
        : base(groups, learningRate, weightDecay, "mean_square", "mean_square_update")
    {
        _rho = rho;
        _epsilon = epsilon;
        Require.Fraction(rho);
        Require.NotNegative(epsilon);
    }

    private protected override void Update(in ParameterUpdate update)
    {
        UpdateStep step = new(
            update.LearningRate,
            Beta2: _rho,
            Epsilon: _epsilon,
            WeightDecay: update.WeightDecay,
            DecoupledDecay: Decay.IsDecoupled,
            Count: update.Count,
            GradientScale: update.GradientScale);
        update.Value.Device.Backend.Update(UpdateRule.Adadelta, step, update.Value, update.Gradient, update.Moments[0], update.Moments[1], update.DeviceScale);
    }
}
