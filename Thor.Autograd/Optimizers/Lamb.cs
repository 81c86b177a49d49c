using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Layer-wise adaptive moments (You et al. 2020, algorithm 2).</summary>
/// <remarks>u = m / (1 - b1^t) / (sqrt(s / (1 - b2^t)) + epsilon) + decay w with the moments of <see cref="Adam"/>; r = |w| / |u|, 1 where a norm is 0; w = w - lr r u.</remarks>
public sealed class Lamb : FirstOrderOptimizer
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
    /// <param name="weightDecay">Of groups that have none of their own; part of u.</param>
    public Lamb(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-6,
        double weightDecay = 0)
        : this(ParameterGroup.Of(parameters), learningRate, beta1, beta2, epsilon, weightDecay)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="Lamb(IEnumerable{Parameter}, Schedule, double, double, double, double)"/>
    public Lamb(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-6,
        double weightDecay = 0)
        : base(groups, learningRate, weightDecay, "mean", "mean_square")
    {
        _beta1 = beta1;
        _beta2 = beta2;
        _epsilon = epsilon;
        Require.Fraction(beta1);
        Require.Fraction(beta2);
        Require.NotNegative(epsilon);
    }

    /// <inheritdoc/>
    private protected override bool IsFused => false;

    private protected override void Update(in ParameterUpdate update)
    {
        // Adam's step of rate 1 from the origin is -u, before decay.
        Tensor value = update.Value;
        Tensor descent = Tensor.Zeros(value.Shape, value.DType, value.Device);
        UpdateStep step = new(
            LearningRate: 1,
            Beta1: _beta1,
            Beta2: _beta2,
            Epsilon: _epsilon,
            Count: update.Count,
            GradientScale: update.GradientScale);
        value.Device.Backend.Update(UpdateRule.Adam, step, descent, update.Gradient, update.Moments[0], update.Moments[1], update.DeviceScale);
        if (update.WeightDecay != 0)
        {
            value.Device.Backend.AddScaled(-update.WeightDecay, value, descent);
        }

        Tensor weightNorm = TensorNorm.Of(value);
        Tensor descentNorm = TensorNorm.Of(descent);
        Tensor ratio = TensorNorm.Ratio(weightNorm, descentNorm, weightNorm / descentNorm);
        value.Device.Backend.AddScaled(update.LearningRate, descent.MapInPlace(BinaryOperation.Multiply, ratio), value);
    }
}
