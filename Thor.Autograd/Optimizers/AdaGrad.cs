using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>AdaGrad (Duchi et al. 2011).</summary>
/// <remarks>s = s + g^2; w = w - lr g / (sqrt(s) + epsilon).</remarks>
public sealed class AdaGrad : FirstOrderOptimizer
{
    private readonly double _epsilon;

    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps.</param>
    /// <param name="epsilon">Keeps the denominator from zero.</param>
    /// <param name="weightDecay">Of groups that have none of their own; a plain number is coupled, see <see cref="WeightDecay"/>.</param>
    /// <param name="initialSum">s before the first update.</param>
    public AdaGrad(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        double epsilon = 1e-10,
        WeightDecay weightDecay = default,
        double initialSum = 0)
        : this(ParameterGroup.Of(parameters), learningRate, epsilon, weightDecay, initialSum)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="AdaGrad(IEnumerable{Parameter}, Schedule, double, WeightDecay, double)"/>
    public AdaGrad(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double epsilon = 1e-10,
        WeightDecay weightDecay = default,
        double initialSum = 0)
        : base(groups, learningRate, weightDecay, "sum")
    {
        _epsilon = epsilon;
        Require.NotNegative(epsilon);
        Require.NotNegative(initialSum);
        FillMoment(0, initialSum);
    }

    private protected override void Update(in ParameterUpdate update)
    {
        UpdateStep step = new(
            update.LearningRate,
            Epsilon: _epsilon,
            WeightDecay: update.WeightDecay,
            DecoupledDecay: Decay.IsDecoupled,
            Count: update.Count,
            GradientScale: update.GradientScale);
        update.Value.Device.Backend.Update(UpdateRule.AdaGrad, step, update.Value, update.Gradient, update.Moments[0], null, update.DeviceScale);
    }
}
