using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.Training;

/// <summary>
/// Measures some steps: every so many, and each that may refresh curvature. Nothing waits for a device while it measures; what it measured is
/// read where the losses are.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    // Of each layer: the gradient's square, the update's square, their product, and where curvature was refreshed its trace.
    private const int NumbersPerLayer = 4;

    private readonly Preconditioner? _preconditioner;
    private readonly long _every;
    private readonly (string Name, ICurvatureLayer Layer)[] _layers;
    private readonly Tensor?[] _before;
    private readonly Tensor _numbers;
    private readonly PhaseClock _clock;
    private readonly List<Waiting> _waiting = [];
    private bool _compares; // whether this step's update is held against its gradient, which reads every weight several times

    /// <summary>Measures every so many steps of a model and its optimizer.</summary>
    public Telemetry(Layer model, Optimizer optimizer, long every)
    {
        _preconditioner = (optimizer as Preconditioned)?.Preconditioner;
        _every = every;
        _layers = [.. model.Modules().Where(static m => m.Value is ICurvatureLayer).Select(static m => (m.Key.Length == 0 ? m.Value.GetType().Name : m.Key, (ICurvatureLayer)m.Value))];
        Tensor like = model.Parameters()[0].Value;
        _before = new Tensor?[_layers.Length];
        _numbers = Tensor.Zeros([LossBuffer.QueuedSteps, 1 + (NumbersPerLayer * _layers.Length)], like.DType, like.Device).Persist();
        _clock = new PhaseClock(like.Device);
    }

    /// <summary>No further step fits: read now.</summary>
    public bool IsFull => _waiting.Count == LossBuffer.QueuedSteps;

    private KroneckerPreconditioner? Kronecker => _preconditioner as KroneckerPreconditioner;

    /// <summary>Begins a step.</summary>
    /// <returns>The clock, if this step is measured.</returns>
    public PhaseClock? Begin(long step)
    {
        _compares = step % _every == 0;
        bool measured = !IsFull && (_compares || Kronecker?.IsRefreshDue == true);
        if (_preconditioner is not null)
        {
            _preconditioner.Clock = measured ? _clock : null;
        }

        if (!measured)
        {
            return null;
        }

        for (int i = 0; _compares && i < _layers.Length; i++)
        {
            _before[i] = _layers[i].Layer.Weight.Value.Clone().Persist();
        }

        return _clock;
    }

    /// <summary>Ends a step that is measured, after its update.</summary>
    public void End(long step, double learningRate, Tensor loss)
    {
        using TensorScope scope = TensorScope.Begin();
        RefreshReport? report = Kronecker?.LastRefresh is { } last && last.Step == step ? last : null;
        Tensor row = _numbers.Select(0, _waiting.Count);
        row.Slice(0, 0, 1).CopyFrom(loss.Reshape(1));
        for (int i = 0; i < _layers.Length; i++)
        {
            Parameter weight = _layers[i].Layer.Weight;
            Tensor numbers = row.Slice(0, 1 + (NumbersPerLayer * i), NumbersPerLayer);
            numbers.Fill(0);
            if (report is not null && Kronecker!.Options.TraceRule.IsOff && CurvatureOf(_layers[i].Layer) is LayerCurvature curvature) // it made the report
            {
                AddTrace(curvature, numbers.Slice(0, 3, 1));
            }

            if (_compares && weight.Gradient is Tensor gradient)
            {
                Tensor update = _before[i]!.AddInPlace(weight.Value, -1); // kept when the step began; before minus after is the way down
                numbers.Slice(0, 0, 1).CopyFrom(gradient.Reduce(ReduceOperation.SumOfSquares, []).Reshape(1));
                numbers.Slice(0, 1, 1).CopyFrom(update.Reduce(ReduceOperation.SumOfSquares, []).Reshape(1));
                update.Device.Backend.Map(BinaryOperation.Multiply, update, gradient, update);
                numbers.Slice(0, 2, 1).CopyFrom(update.Sum().Reshape(1));
            }

            _before[i]?.Dispose();
            _before[i] = null;
        }

        Damped[] damping = [.. _layers.Select(l => DampingOf(l.Layer))];
        MemoryStatistics memory = _numbers.Device.Backend.Statistics;
        _waiting.Add(new Waiting(step, _compares, learningRate, _clock.Take(), memory, damping, report?.Damping ?? 0, report?.Decisions ?? []));
    }

    /// <summary>Hands out what was measured since the last time. Waits for the device.</summary>
    public void Read(Action<StepTelemetry> use)
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        double[] numbers = _numbers.Slice(0, 0, _waiting.Count).To(Device.Host).Cast(DType.Float64).ToArray<double>();
        int width = numbers.Length / _waiting.Count;
        for (int i = 0; i < _waiting.Count; i++)
        {
            Waiting w = _waiting[i];
            using PhaseTimes times = w.Times;
            use(new StepTelemetry(
                w.Step,
                numbers[i * width],
                w.LearningRate,
                times[StepPhase.Pass],
                times[StepPhase.Statistics],
                times[StepPhase.Inversion],
                times[StepPhase.Preconditioning],
                times[StepPhase.Update],
                w.Memory.InUseBytes,
                w.Memory.PooledBytes,
                Layers(w, numbers.AsSpan((i * width) + 1, width - 1))));
        }

        _waiting.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_preconditioner is not null)
        {
            _preconditioner.Clock = null;
        }

        foreach (Waiting waiting in _waiting)
        {
            waiting.Times.Dispose();
        }

        foreach (Tensor? before in _before)
        {
            before?.Dispose();
        }

        _clock.Dispose();
        _numbers.Dispose();
    }

    private LayerTelemetry[] Layers(Waiting waiting, ReadOnlySpan<double> numbers)
    {
        LayerTelemetry[] layers = new LayerTelemetry[_layers.Length];
        for (int i = 0; i < layers.Length; i++)
        {
            string name = _layers[i].Name;
            ReadOnlySpan<double> own = numbers.Slice(NumbersPerLayer * i, NumbersPerLayer);
            LayerDecision? decision = waiting.Decisions.Any(d => d.Layer == name) ? waiting.Decisions.First(d => d.Layer == name) : null;
            if (decision is { Trace: null } untraced && own[3] > 0)
            {
                // No rule looked at traces; what was gathered has one all the same.
                decision = untraced with { Trace = own[3] + (waiting.Lambda * CurvatureOf(_layers[i].Layer)!.Dimension) }; // it had factors
            }

            layers[i] = new LayerTelemetry(
                name,
                waiting.Compared ? Math.Sqrt(own[0]) : null,
                waiting.Compared ? Math.Sqrt(own[1]) : null,
                waiting.Compared ? own[2] / Math.Sqrt(own[0] * own[1]) : null,
                decision,
                waiting.Damping[i].Input, waiting.Damping[i].Output);
        }

        return layers;
    }

    private LayerCurvature? CurvatureOf(ICurvatureLayer layer) => Kronecker?.Layers.FirstOrDefault(l => l.Layer == layer);

    /// <summary>sum = T sum over groups of tr A tr G, where there are both.</summary>
    private static void AddTrace(LayerCurvature curvature, Tensor sum)
    {
        IReadOnlyList<KroneckerFactor> factors = curvature.Factors;
        for (int i = 0; i + 1 < factors.Count && factors[i + 1].Side == FactorSide.Output; i += 2)
        {
            Tensor input = sum.EmptyLike(sum.Shape);
            Tensor output = sum.EmptyLike(sum.Shape);
            factors[i].MeanOfDiagonal(input);
            factors[i + 1].MeanOfDiagonal(output);
            sum.AddInPlace(input * output, (double)curvature.Positions * factors[i].Dimension * factors[i + 1].Dimension);
        }
    }

    private Damped DampingOf(ICurvatureLayer layer)
    {
        LayerCurvature? curvature = CurvatureOf(layer);
        return curvature is { Refreshes: > 0 } ? new Damped(Of(FactorSide.Input), Of(FactorSide.Output)) : new Damped(null, null);

        double? Of(FactorSide side) => curvature.Factors.FirstOrDefault(factor => factor.Side == side)?.Damping;
    }

    private readonly record struct Damped(double? Input, double? Output);

    /// <summary>A step whose numbers are still on the device.</summary>
    private sealed record Waiting(
        long Step, bool Compared, double LearningRate, PhaseTimes Times, MemoryStatistics Memory, Damped[] Damping, double Lambda, IReadOnlyList<LayerDecision> Decisions);
}
