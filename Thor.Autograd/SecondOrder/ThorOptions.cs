using Thor.Autograd.Optimizers;

namespace Thor.Autograd.SecondOrder;

/// <summary>Settings of <see cref="ThorOptimizer"/>: those of the curvature, and of the momentum that follows it.</summary>
public sealed record ThorOptions : KroneckerOptions
{
    /// <summary>The learning rate, by step.</summary>
    public Schedule LearningRate { get; init; } = 0.03;

    /// <summary>mu, in [0, 1), by step.</summary>
    public Schedule Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, added after preconditioning; a plain number is coupled.</summary>
    public WeightDecay WeightDecay { get; init; }

    /// <summary>Adapts damping to how well the quadratic model of the loss predicts it; null: damping is as scheduled. Needs the loss at every step.</summary>
    public LevenbergMarquardtOptions? Adaptation { get; init; }

    /// <summary>Learning rate and momentum are those that minimise the quadratic model; <see cref="LearningRate"/> and <see cref="Momentum"/> are not used. Needs the loss at every step.</summary>
    public bool QuadraticModel { get; init; }

    /// <inheritdoc cref="Preconditioned.MaximumSkippedSteps"/>
    public int? MaximumSkippedSteps { get; init; } = Preconditioned.DefaultMaximumSkippedSteps;
}
