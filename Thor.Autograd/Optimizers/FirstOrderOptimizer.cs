using System.Runtime.InteropServices;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>
/// An optimizer that updates each parameter from its own gradient and up to two tensors of the parameter's shape. State: "step", "updates"
/// (how often each parameter was updated) and, for each parameter, its moments, "NAME.MOMENT".
/// </summary>
public abstract class FirstOrderOptimizer : Optimizer
{
    private readonly Slot[] _slots;
    private readonly List<TileProduct> _products = [];
    private readonly Tensor _step = Tensor.Zeros([], DType.Int32).Persist();
    private readonly Tensor _updates;
    private Schedule _schedule;
    private long _stepCount;

    /// <summary>Allocates the moments, filled with zeros, on the parameters' devices.</summary>
    /// <param name="groups">What to optimize.</param>
    /// <param name="learningRate">The learning rate of every step.</param>
    /// <param name="decay">Weight decay of the groups that have none of their own.</param>
    /// <param name="moments">Names of the tensors kept for each parameter, at most two.</param>
    private protected FirstOrderOptimizer(
        IReadOnlyList<ParameterGroup> groups, Schedule learningRate, WeightDecay decay, params string[] moments)
        : this(groups, learningRate, decay, (_, _) => moments)
    {
    }

    /// <summary>Allocates moments that differ from parameter to parameter.</summary>
    /// <inheritdoc cref="FirstOrderOptimizer(IReadOnlyList{ParameterGroup}, Schedule, WeightDecay, string[])"/>
    private protected FirstOrderOptimizer(
        IReadOnlyList<ParameterGroup> groups, Schedule learningRate, WeightDecay decay, Func<string, Parameter, string[]> moments)
        : base(groups)
    {
        ArgumentNullException.ThrowIfNull(learningRate);
        Require.NotNegative(decay.Coefficient, "weightDecay");
        if (decay.IsDecoupled && decay.IsEarly)
        {
            throw new ArgumentException("Weight decay is either decoupled or early: what enters the gradient is not apart from it.", nameof(decay));
        }

        _schedule = learningRate;
        Decay = decay;

        List<Slot> slots = [];
        foreach (ParameterGroup group in groups)
        {
            foreach ((string name, Parameter parameter) in group.Parameters)
            {
                slots.Add(new Slot(group, name, parameter, moments(name, parameter)));
            }
        }

        _slots = [.. slots];
        _updates = Tensor.Zeros([_slots.Length], DType.Int32).Persist();
    }

    /// <inheritdoc/>
    public sealed override Schedule Schedule
    {
        get => _schedule;
        set => _schedule = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <inheritdoc/>
    public sealed override long StepCount => _stepCount;

    /// <summary>Weight decay of the groups that have none of their own.</summary>
    public WeightDecay Decay { get; }

    /// <inheritdoc/>
    public sealed override void Step() => Step(null);

    /// <inheritdoc/>
    public sealed override StateDict StateDict()
    {
        _step.Fill(_stepCount);
        Span<int> updates = _updates.AsSpan<int>();
        StateDict state = new();
        state.Add("step", _step);
        state.Add("updates", _updates);
        for (int i = 0; i < _slots.Length; i++)
        {
            updates[i] = (int)_slots[i].Updates;
            for (int m = 0; m < _slots[i].Moments.Length; m++)
            {
                state.Add($"{_slots[i].Name}.{_slots[i].MomentNames[m]}", _slots[i].Moments[m]);
            }
        }

        return state;
    }

    /// <inheritdoc/>
    public sealed override void Load(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.CopyTo(StateDict(), GetType().Name, strict: true);
        _stepCount = (long)_step.Item();
        ReadOnlySpan<int> updates = _updates.AsSpan<int>();
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Updates = updates[i];
        }
    }

    /// <summary>
    /// Whether the rule is one fused update, which a factor that is not a number leaves out. Else what it changes is put back.
    /// </summary>
    private protected virtual bool IsFused => true;

    /// <summary>Whether the rule can be the end of the products that make its directions, see <see cref="IGradientTransform.ProductsOf"/>.</summary>
    internal virtual bool TakesProducts => false;

    /// <summary>One step along directions that a preconditioner made of the gradients.</summary>
    /// <param name="transform">Makes the directions; null for the gradients themselves.</param>
    /// <param name="guard">One element on the device of the parameters: 1, or NaN to leave parameters and moments as they are. Null is 1.</param>
    internal void Step(IGradientTransform? transform, Tensor? guard = null)
    {
        Tensor? lastScale = null;
        Tensor? guardedScale = guard;
        using TensorScope scope = TensorScope.Begin();
        double learningRate = LearningRate;
        foreach (Slot slot in _slots)
        {
            Tensor? gradient = slot.Parameter.Gradient;
            if (gradient is null)
            {
                continue;
            }

            double scale = 1;
            Tensor? deviceScale = null;
            transform?.Apply(slot.Parameter, ref gradient, ref scale, ref deviceScale);
            if (guard is not null)
            {
                // Parameters mostly share one factor.
                if (!ReferenceEquals(deviceScale, lastScale))
                {
                    guardedScale = deviceScale is null ? guard : deviceScale.Reshape(1) * guard;
                    lastScale = deviceScale;
                }

                deviceScale = guardedScale;
            }

            Tensor[] changed = guard is null || IsFused ? [] : [slot.Parameter.Value, .. slot.Moments];
            Tensor[] before = Array.ConvertAll(changed, static tensor => tensor.Clone());
            slot.Updates++;
            Update(new ParameterUpdate(
                slot.Parameter.Value,
                gradient.Contiguous(),
                scale,
                deviceScale,
                learningRate * slot.Group.LearningRateFactor,
                Decay.IsEarly && transform is not null ? 0 : slot.Group.WeightDecay ?? Decay.Coefficient,
                slot.Updates,
                slot.Moments,
                TakesProducts ? transform?.ProductsOf(slot.Parameter) : null));
            for (int i = 0; i < changed.Length; i++)
            {
                Tensor finite = guard!.Map(UnaryOperation.IsFinite).BroadcastTo(changed[i].Shape); // nothing is kept without a guard
                changed[i].CopyFrom(Tensor.Where(finite, changed[i], before[i]));
            }
        }

        if (_products.Count > 0)
        {
            _products[0].Gradient.Device.Backend.TilePrecondition(CollectionsMarshal.AsSpan(_products)); // all are of one device
            _products.Clear();
        }

        _stepCount++;
    }

    /// <summary>Adds early decay to the gradients, which are about to be preconditioned.</summary>
    internal void AddEarlyDecay()
    {
        foreach (Slot slot in Decay.IsEarly ? _slots : [])
        {
            slot.Parameter.Gradient?.AddInPlace(slot.Parameter.Value, slot.Group.WeightDecay ?? Decay.Coefficient);
        }
    }

    /// <summary>Applies the rule to one parameter.</summary>
    private protected abstract void Update(in ParameterUpdate update);

    /// <summary>Lets the products that take a gradient's place end in an update by momentum, all of them in one launch after the last parameter.</summary>
    /// <param name="update">The update, with products.</param>
    /// <param name="products">Its products.</param>
    /// <param name="step">Its numbers.</param>
    private protected void UpdateWith(in ParameterUpdate update, IReadOnlyList<TileProduct> products, in UpdateStep step)
    {
        int rows = products[0].Gradient.Shape[0];
        Tensor velocity = update.Moments[0].Reshape(products.Count * rows, -1);
        for (int i = 0; i < products.Count; i++)
        {
            _products.Add(products[i] with { Update = new TileUpdate(velocity.Slice(0, i * rows, rows), step, update.DeviceScale) });
        }
    }

    /// <summary>Fills a moment of every parameter, for rules that do not start at zero.</summary>
    private protected void FillMoment(int moment, double value)
    {
        foreach (Slot slot in _slots)
        {
            slot.Moments[moment].Fill(value);
        }
    }

    /// <inheritdoc/>
    protected sealed override void Dispose(bool disposing)
    {
        _step.Dispose();
        _updates.Dispose();
        foreach (Slot slot in _slots)
        {
            foreach (Tensor moment in slot.Moments)
            {
                moment.Dispose();
            }
        }
    }

    /// <summary>A parameter with what the rule remembers of it.</summary>
    private sealed class Slot
    {
        public Slot(ParameterGroup group, string name, Parameter parameter, string[] moments)
        {
            Group = group;
            Name = name;
            Parameter = parameter;
            Tensor value = parameter.Value;
            MomentNames = moments;
            Moments = new Tensor[moments.Length];
            for (int i = 0; i < moments.Length; i++)
            {
                Moments[i] = Tensor.Zeros(value.Shape, value.DType, value.Device).Persist();
            }
        }

        public ParameterGroup Group { get; }

        public string Name { get; }

        public Parameter Parameter { get; }

        public string[] MomentNames { get; }

        public Tensor[] Moments { get; }

        public long Updates { get; set; }
    }
}
