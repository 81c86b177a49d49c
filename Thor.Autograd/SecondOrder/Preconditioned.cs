using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// A first-order rule that follows preconditioned gradients: curvature changes the direction, the rule takes the step. Weight decay,
/// momentum and the learning rate are the rule's own and come after preconditioning.
/// </summary>
/// <remarks>
/// Where <see cref="Momentum"/> follows a <see cref="KroneckerPreconditioner"/> and nothing stands between them, which is without KL clip, tensor clip and grafting, and
/// without a subscriber of <see cref="Transformed"/> or a <see cref="SecondOrder.Preconditioner.Clock"/>, weights with both factors are preconditioned and updated in one pass:
/// their directions are never written. The weights are the same to the bit.
/// </remarks>
public class Preconditioned : Optimizer
{
    internal const int DefaultMaximumSkippedSteps = 10;

    private const string CurvaturePrefix = "curvature.";
    private const string RulePrefix = "rule.";
    private const string SkippedKey = "skipped";
    private const string FactorKey = "damping_factor";

    private readonly GradientGuard _guard;
    private readonly Tensor _factor = Tensor.Zeros([], DType.Float64).Persist();

    /// <summary>Puts a preconditioner in front of a rule. Both belong to the result and are disposed with it.</summary>
    /// <param name="preconditioner">Makes directions of gradients.</param>
    /// <param name="rule">Updates all parameters.</param>
    public Preconditioned(Preconditioner preconditioner, FirstOrderOptimizer rule)
        : base(rule?.Groups ?? throw new ArgumentNullException(nameof(rule)))
    {
        ArgumentNullException.ThrowIfNull(preconditioner);
        Preconditioner = preconditioner;
        Rule = rule;
        _guard = new GradientGuard(rule.Groups);
    }

    /// <summary>Between the two halves of a step: directions are made (<see cref="Preconditioner.Direction"/>), and the rule is about to follow them.</summary>
    public event EventHandler? Transformed;

    /// <summary>What changes the direction.</summary>
    public Preconditioner Preconditioner { get; }

    /// <summary>What takes the step.</summary>
    public FirstOrderOptimizer Rule { get; }

    /// <summary>Adapts the preconditioner's damping; null leaves it as it is scheduled.</summary>
    public LevenbergMarquardt? Adaptation { get; init; }

    /// <summary>
    /// A step whose gradients are NaN, infinite or so large that their squares are is left out: parameters and moments keep their bits, the step counts as taken. At most
    /// so many are left out in a row; one more ends the run with a <see cref="NonFiniteGradientException"/>, on devices with a queue up to ten
    /// steps late. Null: gradients are not looked at. Parameters must be of one device and element type otherwise.
    /// </summary>
    public int? MaximumSkippedSteps { get; init; } = DefaultMaximumSkippedSteps;

    /// <summary>Steps that were left out so far. Waits for the device.</summary>
    public long SkippedSteps => _guard.Skipped;

    /// <inheritdoc/>
    public sealed override Schedule Schedule
    {
        get => Rule.Schedule;
        set => Rule.Schedule = value;
    }

    /// <inheritdoc/>
    public sealed override long StepCount => Rule.StepCount;

    /// <inheritdoc/>
    public sealed override void Step() => Follow(null);

    /// <inheritdoc/>
    public sealed override void Step(Func<Variable> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        Follow(loss);
    }

    /// <inheritdoc/>
    public sealed override void ObserveLoss(Variable loss) => Preconditioner.ObserveLoss(loss);

    /// <inheritdoc/>
    public sealed override void ZeroGrad()
    {
        base.ZeroGrad();
        Preconditioner.Discard();
    }

    /// <summary>The entries of the preconditioner under "curvature." and those of the rule under "rule.", "skipped": steps left out in a row, and in all, and with adaptation "damping_factor".</summary>
    public sealed override StateDict StateDict()
    {
        StateDict state = new();
        foreach ((string name, Tensor tensor) in Preconditioner.StateDict())
        {
            state.Add(CurvaturePrefix + name, tensor);
        }

        foreach ((string name, Tensor tensor) in Rule.StateDict())
        {
            state.Add(RulePrefix + name, tensor);
        }

        state.Add(SkippedKey, _guard.State);
        if (Adaptation is not null)
        {
            _factor.Fill(Preconditioner.DampingFactor);
            state.Add(FactorKey, _factor);
        }

        return state;
    }

    /// <inheritdoc/>
    public sealed override void Load(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);

        // The whole is checked before either half is changed.
        state.CopyTo(StateDict(), GetType().Name, strict: true);
        Preconditioner.Load(Section(state, CurvaturePrefix));
        Rule.Load(Section(state, RulePrefix));
        Preconditioner.DampingFactor = Adaptation is null ? Preconditioner.DampingFactor : _factor.Item();
        _guard.Restore();
    }

    /// <inheritdoc/>
    protected sealed override void Dispose(bool disposing)
    {
        _guard.Dispose();
        Preconditioner.Dispose();
        Rule.Dispose();
        _factor.Dispose();
    }

    private void Follow(Func<Variable>? loss)
    {
        using TensorScope scope = TensorScope.Begin();
        if (Adaptation is null)
        {
            Move(loss);
        }
        else
        {
            Adaptation.Watch(Preconditioner, loss, () => Move(loss));
        }
    }

    private void Move(Func<Variable>? loss)
    {
        Rule.AddEarlyDecay();
        Tensor? guard = MaximumSkippedSteps is int maximum ? _guard.Look(StepCount, maximum) : null;
        Preconditioner.MayLeaveProducts = Rule.TakesProducts && Transformed is null;
        Preconditioner.Transform(LearningRate, loss);
        Transformed?.Invoke(this, EventArgs.Empty);
        Rule.Step(Preconditioner, guard is { Device.IsHost: true } && !double.IsNaN(guard.Item()) ? null : guard);
    }

    private static StateDict Section(StateDict state, string prefix) =>
        new(state.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create(entry.Key[prefix.Length..], entry.Value)));
}
