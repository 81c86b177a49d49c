using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017, algorithm 1).</summary>
/// <remarks>r = trust |w| / (|g| + decay |w|), 1 where a norm is 0; v = mu v + lr r (g + decay w); w = w - v.</remarks>
public sealed class Lars : FirstOrderOptimizer
{
    private readonly double _momentum;
    private readonly double _trust;
    private readonly double _epsilon;

    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps.</param>
    /// <param name="momentum">mu, in [0, 1).</param>
    /// <param name="trust">How far a layer may move, as a share of its norm.</param>
    /// <param name="weightDecay">Of groups that have none of their own; coupled.</param>
    /// <param name="epsilon">Added to the denominator of r.</param>
    public Lars(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        double momentum = 0.9,
        double trust = 0.001,
        double weightDecay = 0,
        double epsilon = 0)
        : this(ParameterGroup.Of(parameters), learningRate, momentum, trust, weightDecay, epsilon)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="Lars(IEnumerable{Parameter}, Schedule, double, double, double, double)"/>
    public Lars(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double momentum = 0.9,
        double trust = 0.001,
        double weightDecay = 0,
        double epsilon = 0)
        : base(groups, learningRate, weightDecay, "velocity")
    {
        _momentum = momentum;
        _trust = trust;
        _epsilon = epsilon;
        Require.Fraction(momentum);
        Require.NotNegative(trust);
        Require.NotNegative(epsilon);
    }

    /// <inheritdoc/>
    private protected override bool IsFused => false;

    private protected override void Update(in ParameterUpdate update)
    {
        Tensor value = update.Value;
        Tensor gradient = update.Gradient * update.GradientScale;
        if (update.DeviceScale is Tensor factor)
        {
            gradient.MapInPlace(BinaryOperation.Multiply, factor);
        }

        Tensor weightNorm = TensorNorm.Of(value);
        Tensor gradientNorm = TensorNorm.Of(gradient);
        Tensor ratio = TensorNorm.Ratio(weightNorm, gradientNorm, weightNorm * _trust / (gradientNorm + (weightNorm * update.WeightDecay) + _epsilon));
        if (update.WeightDecay != 0)
        {
            gradient.AddInPlace(value, update.WeightDecay);
        }

        // The learning rate belongs inside the velocity: what enters is scaled, the step itself is 1.
        UpdateStep step = new(LearningRate: 1, Beta1: _momentum, Count: update.Count, GradientScale: update.LearningRate);
        value.Device.Backend.Update(UpdateRule.Momentum, step, value, gradient, update.Moments[0], null, ratio);
    }
}
