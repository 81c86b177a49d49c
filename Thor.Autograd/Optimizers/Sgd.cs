using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Gradient descent.</summary>
/// <remarks>w = w - lr (g + decay w). Coupled and decoupled decay are the same.</remarks>
public sealed class Sgd : FirstOrderOptimizer
{
    /// <summary>Optimizes parameters, named by their index.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">A number, or a schedule over steps.</param>
    /// <param name="weightDecay">Of groups that have none of their own; a plain number is coupled, see <see cref="WeightDecay"/>.</param>
    public Sgd(
        IEnumerable<Parameter> parameters,
        Schedule learningRate,
        WeightDecay weightDecay = default)
        : this(ParameterGroup.Of(parameters), learningRate, weightDecay)
    {
    }

    /// <summary>Optimizes groups of parameters.</summary>
    /// <inheritdoc cref="Sgd(IEnumerable{Parameter}, Schedule, WeightDecay)"/>
    public Sgd(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        WeightDecay weightDecay = default)
        : base(groups, learningRate, weightDecay)
    {
    }

    /// <inheritdoc/>
    private protected override bool IsFused => false;

    private protected override void Update(in ParameterUpdate update)
    {
        Tensor value = update.Value;
        if (update.WeightDecay != 0)
        {
            value.Device.Backend.Map(BinaryOperation.Multiply, value, 1 - (update.LearningRate * update.WeightDecay), value);
        }

        Tensor gradient = update.DeviceScale is Tensor factor ? update.Gradient * factor : update.Gradient;
        value.Device.Backend.AddScaled(-update.LearningRate * update.GradientScale, gradient, value);
    }
}
