using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Heavy ball (Polyak 1964) or Nesterov momentum (Sutskever et al. 2013, in torch's form).</summary>
/// <remarks>v = mu v + (1 - dampening) g, v = g at the first update; w = w - lr v, or w - lr (g + mu v) with Nesterov. Coupled decay is part of g.</remarks>
public sealed class Momentum : FirstOrderOptimizer
{
    private readonly Schedule _momentum;
    private readonly bool _nesterov;
    private readonly double _dampening;

    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps.</param>
    /// <param name="momentum">mu, in [0, 1): a number, or a schedule over steps; 0.9 if left out.</param>
    /// <param name="nesterov">Step along the velocity that the next update would have.</param>
    /// <param name="weightDecay">Of groups that have none of their own; a plain number is coupled, see <see cref="WeightDecay"/>.</param>
    /// <param name="dampening">Share of the gradient that does not enter the velocity; 0 with Nesterov.</param>
    public Momentum(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        Schedule? momentum = null,
        bool nesterov = false,
        WeightDecay weightDecay = default,
        double dampening = 0)
        : this(ParameterGroup.Of(parameters), learningRate, momentum, nesterov, weightDecay, dampening)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="Momentum(IEnumerable{Parameter}, Schedule, Schedule?, bool, WeightDecay, double)"/>
    public Momentum(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        Schedule? momentum = null,
        bool nesterov = false,
        WeightDecay weightDecay = default,
        double dampening = 0)
        : base(groups, learningRate, weightDecay, "velocity")
    {
        _momentum = momentum ?? 0.9;
        _nesterov = nesterov;
        _dampening = dampening;
        double first = _momentum.At(0);
        Require.Fraction(first, nameof(momentum));
        Require.Fraction(dampening);
        if (nesterov && (first == 0 || dampening != 0))
        {
            throw new ArgumentException($"Nesterov momentum needs a momentum above 0 and no dampening, got {first} and {dampening}.", nameof(nesterov));
        }
    }

    /// <inheritdoc/>
    internal override bool TakesProducts => true;

    private protected override void Update(in ParameterUpdate update)
    {
        double momentum = _momentum.At(StepCount);
        Require.Fraction(momentum);
        UpdateStep step = new(
            update.LearningRate,
            Beta1: momentum,
            Dampening: _dampening,
            Nesterov: _nesterov,
            WeightDecay: update.WeightDecay,
            DecoupledDecay: Decay.IsDecoupled,
            Count: update.Count,
            GradientScale: update.GradientScale);
        if (update.Products is { } products)
        {
            UpdateWith(update, products, step);
            return;
        }

        update.Value.Device.Backend.Update(UpdateRule.Momentum, step, update.Value, update.Gradient, update.Moments[0], null, update.DeviceScale);
    }
}
