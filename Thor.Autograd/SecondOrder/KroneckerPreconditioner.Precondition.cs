using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <content>From gradients to directions.</content>
public sealed partial class KroneckerPreconditioner
{
    private readonly PreconditioningPass _pass = new();
    private readonly StepShape? _shape;
    private Tensor? _clip;
    private long _stepCount;

    /// <inheritdoc/>
    public override long StepCount => _stepCount;

    /// <summary>
    /// What the last step's preconditioned gradients were multiplied by to stay within <see cref="KroneckerOptions.KlClip"/>. Waits for
    /// the device.
    /// </summary>
    public double LastClip => _clip?.Item() ?? 1;

    /// <inheritdoc/>
    internal override double Lambda => Options.Damping.At(StepCount) * DampingFactor;

    /// <inheritdoc/>
    public override void Transform(double learningRate, Func<Variable>? loss = null)
    {
        FinishRefresh();
        if (IsRefreshDue)
        {
            RequireModelFisher();
            Refresh();
        }
        else
        {
            PassOpportunity();
        }

        Precondition(learningRate);
    }

    /// <summary>
    /// Preconditions the gradients of all layers that have curvature, with fresh or stale inverses alike, and bounds the step. The gradients
    /// themselves stay; the first-order rule is given the directions in their place. Ends the step.
    /// </summary>
    /// <param name="learningRate">The rate at which the rule will follow them.</param>
    public void Precondition(double learningRate)
    {
        using PhaseClock.Lap? lap = Clock?.Measure(StepPhase.Preconditioning);
        _pass.Begin(Lambda, MayLeaveProducts && Options.KlClip is null && _shape is null && Clock is null);
        foreach (LayerCurvature curvature in _ordered)
        {
            if (curvature.Refreshes > 0)
            {
                curvature.Precondition(_pass);
            }
        }

        _clip?.Dispose();
        _clip = null;
        if (_backend is not null)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor? innerProducts = _pass.Run(_backend, innerProducts: Options.KlClip is not null && _shape is null);
            if (_shape is not null)
            {
                _clip = _shape.Measure(_pass.Directions, StepCount, Options.KlClip, learningRate)?.Persist();
            }
            else if (innerProducts is not null && Options.KlClip is double bound)
            {
                _clip = KlClip.Factor(bound, learningRate, innerProducts).Persist();
            }
        }

        _stepCount++;
    }

    /// <inheritdoc/>
    public override Tensor? Direction(Parameter parameter) =>
        _pass.LeftOf(parameter) is not null ? Make(parameter)
            : !_pass.Directions.TryGetValue(parameter, out Tensor? direction) ? null
            : FactorOf(parameter) is Tensor factor ? direction * factor.Reshape(1).BroadcastTo(direction.Shape)
            : direction.Clone();

    /// <inheritdoc/>
    private protected override void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale)
    {
        if (_pass.Directions.TryGetValue(parameter, out Tensor? direction))
        {
            gradient = direction;
            deviceScale = FactorOf(parameter);
        }
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<TileProduct>? ProductsOf(Parameter parameter) => _pass.LeftOf(parameter);

    /// <summary>A direction whose products were left to the rule.</summary>
    private Tensor Make(Parameter parameter)
    {
        using TensorScope scope = TensorScope.Begin();
        PreconditioningPass pass = new();
        pass.Begin(_pass.Lambda, leavesProducts: false);
        LayerCurvature curvature = Array.Find(_ordered, curvature => curvature.Layer.Weight == parameter)!; // its products were left
        curvature.Precondition(pass);
        pass.Run(parameter.Device.Backend, innerProducts: false);
        return pass.Directions.TryGetValue(parameter, out Tensor? direction)
            ? scope.Keep(direction.Clone())
            : throw new InvalidOperationException(
                $"The direction of '{curvature.Name}.weight' went into its update without being written, and its gradient is gone: ask before gradients are dropped.");
    }

    /// <summary>What a direction is multiplied by, one element; null for 1.</summary>
    private Tensor? FactorOf(Parameter parameter) => _shape is null ? _clip : _shape.Of(parameter);
}
