namespace Thor.Autograd.Optimizers;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
/// <remarks>w = (1 - lr decay) w, then the step of <see cref="Adam"/>.</remarks>
public sealed class AdamW : Adam
{
    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps.</param>
    /// <param name="beta1">Decay of the mean, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean square, in [0, 1).</param>
    /// <param name="epsilon">Keeps the denominator from zero.</param>
    /// <param name="weightDecay">Of groups that have none of their own.</param>
    public AdamW(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0.01)
        : this(ParameterGroup.Of(parameters), learningRate, beta1, beta2, epsilon, weightDecay)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="AdamW(IEnumerable{Parameter}, Schedule, double, double, double, double)"/>
    public AdamW(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0.01)
        : base(groups, learningRate, beta1, beta2, epsilon, WeightDecay.Decoupled(weightDecay))
    {
    }
}
