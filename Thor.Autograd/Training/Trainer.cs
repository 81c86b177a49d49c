using System.Globalization;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.Training;

/// <summary>
/// A training run that can be advanced step by step, looked at, saved and resumed. One step: a batch, its loss, the
/// backward pass, clipping if asked for, the optimizer's update.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>Name of the checkpoint in the run's folder.</summary>
    public const string CheckpointName = "checkpoint.safetensors";

    private readonly TrainingTask _task;
    private readonly DataLoader _train;
    private readonly DataLoader _test;
    private readonly TrainerOptions _options;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly List<TrainingPoint> _curve = [];
    private readonly LossBuffer _losses = new();
    private readonly RecordedStep? _recorded;
    private readonly Telemetry? _telemetry;
    private IEnumerator<Batch>? _batches;
    private double _lossSum;
    private long _lossCount;
    private long? _savedStep;

    /// <summary>A run at its start. Nothing is computed or written yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">Steps are to be recorded, and the model draws random numbers.</exception>
    public Trainer(Layer model, Optimizer optimizer, TrainingTask task, DataLoader train, DataLoader test, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Steps, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.EvaluateEvery, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CheckpointEvery, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TelemetryEvery ?? 1, 1, nameof(options));
        if (options.TraceStep is null != options.TraceFile is null || options.TraceStep < 0 || options.TraceStep >= options.Steps)
        {
            throw new ArgumentException(
                $"A trace needs a step in [0, {options.Steps}) and a file, got step {options.TraceStep?.ToString(CultureInfo.InvariantCulture) ?? "none"} and file {options.TraceFile ?? "none"}.", nameof(options));
        }

        Model = model;
        Optimizer = optimizer;
        _task = task;
        _train = train;
        _test = test;
        _options = options;
        _parameters = model.Parameters();
        _telemetry = options.TelemetryEvery is int every ? new Telemetry(model, optimizer, every) : null;
        _recorded = options.RecordSteps && !_parameters[0].Device.IsHost ? new RecordedStep(model, task, optimizer) : null;
    }

    /// <summary>Called after every step.</summary>
    public event Action<Trainer>? Stepped;

    /// <summary>Called for every step that was measured (<see cref="TrainerOptions.TelemetryEvery"/>), some steps later: when its numbers are read.</summary>
    public event Action<Trainer, StepTelemetry>? Measured;

    /// <summary>Called after every evaluation.</summary>
    public event Action<Trainer, TrainingPoint>? Evaluated;

    /// <summary>What is trained.</summary>
    public Layer Model { get; }

    /// <summary>What trains it.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Updates done.</summary>
    public long Step { get; private set; }

    /// <summary>True when all steps are done.</summary>
    public bool Done => Step >= _options.Steps;

    /// <summary>Passes over the training data done, fractional.</summary>
    public double Epoch => (double)Step / _train.BatchesPerEpoch;

    /// <summary>The last loss that was read: that of the last step on the host, up to <see cref="LossBuffer.QueuedSteps"/> steps old elsewhere; NaN before the first.</summary>
    public double LastLoss { get; private set; } = double.NaN;

    /// <summary>Times of the steps.</summary>
    public StepClock Clock { get; } = new();

    /// <summary>All evaluations so far.</summary>
    public IReadOnlyList<TrainingPoint> Curve => _curve;

    /// <summary>The first evaluation at which the target was reached; null until then.</summary>
    public TrainingPoint? Target => _curve.Find(p =>
        (_options.TargetAccuracy is double accuracy && p.TestAccuracy >= accuracy) || (_options.TargetLoss is double loss && p.TestLoss <= loss));

    /// <summary>Where the checkpoint goes; null without a folder.</summary>
    public string? CheckpointPath => _options.Folder is null ? null : Path.Combine(_options.Folder, CheckpointName);

    /// <summary>Trains to the end, or until cancelled; cancellation ends between two steps, with a checkpoint.</summary>
    public void Run(CancellationToken cancellation = default) => Advance(long.MaxValue, cancellation);

    /// <summary>
    /// Does at most that many steps, evaluating and saving when due. Stops early at the end of the run and when cancelled
    /// (then with a checkpoint).
    /// </summary>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite. Found before the step's update on the host, when losses are next read elsewhere.</exception>
    /// <exception cref="DeviceException">The device failed; the last checkpoint is kept.</exception>
    public void Advance(long steps, CancellationToken cancellation = default)
    {
        if (Step == 0 && _savedStep is null)
        {
            Save();
        }

        for (long i = 0; i < steps && !Done; i++)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                return;
            }

            StepOrSayWhatIsKept();
            Stepped?.Invoke(this);
            if (Step % _options.EvaluateEvery == 0 || Done)
            {
                Evaluate();
            }

            if (Step % _options.CheckpointEvery == 0 || Done)
            {
                Save();
            }
        }
    }

    /// <summary>Scores the model on the test data now and adds a point to the curve.</summary>
    public TrainingPoint Evaluate()
    {
        Settle();
        Score score = Evaluation.Run(Model, _task, _test);
        TrainingPoint point = new(Step, Epoch, Clock.Seconds, _lossCount > 0 ? _lossSum / _lossCount : double.NaN, score.Loss, score.Accuracy);
        (_lossSum, _lossCount) = (0, 0);
        _curve.Add(point);
        Evaluated?.Invoke(this, point);
        return point;
    }

    /// <summary>Writes a checkpoint, if the run has a folder and this step is not saved yet.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save()
    {
        if (CheckpointPath is string path && _savedStep != Step)
        {
            Settle();
            TrainerState state = new(Step, _train.State.Epoch, _train.State.Batch, Clock.Seconds, _lossSum, _lossCount, [.. _curve]);
            Checkpoint.Save(path, Model, Optimizer, new Dictionary<string, string>([state.ToMetadata()]));
            _savedStep = Step;
        }
    }

    /// <summary>Takes up a run where a checkpoint left it. To be called before the first step.</summary>
    /// <exception cref="InvalidDataException">The file is not a checkpoint of such a run.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public void Resume(string path)
    {
        TrainerState state = TrainerState.FromMetadata(Checkpoint.Load(path, Model, Optimizer), path);
        Step = state.Step;
        Clock.Restore(state.Seconds);
        (_lossSum, _lossCount) = (state.LossSum, state.LossCount);
        _curve.Clear();
        _curve.AddRange(state.Curve);
        try
        {
            _train.State = new DataLoaderState(state.Epoch, state.Batch);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new InvalidDataException($"{path} was written with other data or another batch size: {exception.Message}", exception);
        }

        _savedStep = Path.GetFullPath(path) == (CheckpointPath is null ? null : Path.GetFullPath(CheckpointPath)) ? Step : null;
    }

    /// <summary>Stops the loader's background work. Model and optimizer stay the caller's.</summary>
    public void Dispose()
    {
        _batches?.Dispose();
        _losses.Dispose();
        _recorded?.Dispose();
        _telemetry?.Dispose();
    }

    /// <summary>A device that fails ends the run; what was saved before stays, and the message says where.</summary>
    private void StepOrSayWhatIsKept()
    {
        try
        {
            TrainStep();
        }
        catch (DeviceException exception) when (_savedStep is not null)
        {
            throw new DeviceException($"Step {Step + 1}: {exception.Message} The state after step {_savedStep} is in {CheckpointPath}.", exception);
        }
    }

    private void TrainStep()
    {
        DataLoaderState before = _train.State;
        if (_losses.Count == 0)
        {
            Clock.Start();
        }

        Batch batch = NextBatch();
        using TensorScope scope = TensorScope.Begin();
        Optimizer.ZeroGrad();
        int read = 0;
        using StepTrace? trace = Step == _options.TraceStep ? new StepTrace(Model, batch) : null;
        PhaseClock? clock = _telemetry?.Begin(Step);
        double learningRate = Optimizer.LearningRate;
        Tensor value;
        using (clock?.Measure(StepPhase.Pass))
        {
            if (_recorded is not null && trace is null)
            {
                value = _recorded.Run(batch);
                _losses.Add(value);
            }
            else
            {
                Variable loss = trace is null ? _task.Loss(Model, batch) : trace.Watch(() => _task.Loss(Model, batch));
                value = loss.Value;
                _losses.Add(value);
                read = value.Device.IsHost ? ReadLosses(batch, before) : 0;
                Optimizer.ObserveLoss(loss);
                loss.Backward();
            }
        }

        if (_options.ClipNorm is double clip)
        {
            GradientClipping.ByGlobalNorm(_parameters, clip);
        }

        using (clock?.Measure(StepPhase.Update))
        {
            if (trace is null)
            {
                Update(batch);
            }
            else
            {
                trace.Save(_options.TraceFile!, Step, Optimizer, () => Update(batch)); // a step is traced to a file
            }
        }

        if (clock is not null)
        {
            _telemetry!.End(Step, learningRate, value); // the clock is its own
        }

        Step++;
        if (_losses.IsFull)
        {
            read = ReadLosses(batch, before);
            _telemetry?.Read(Report);
        }
        else if (_telemetry?.IsFull == true)
        {
            _telemetry.Read(Report);
        }

        if (read > 0)
        {
            Clock.Stop(read);
        }
    }

    private void Update(Batch batch) => Optimizer.Step(() => _task.Loss(Model, batch));

    /// <summary>Waits for the steps that a device still works on.</summary>
    private void Settle()
    {
        int read = ReadLosses(null, _train.State);
        if (read > 0)
        {
            Clock.Stop(read);
        }

        _telemetry?.Read(Report);
    }

    private void Report(StepTelemetry measured) => Measured?.Invoke(this, measured);

    /// <summary>Reads the losses that wait.</summary>
    /// <returns>How many there were.</returns>
    private int ReadLosses(Batch? batch, DataLoaderState before)
    {
        double[] losses = _losses.Read();
        for (int i = 0; i < losses.Length; i++)
        {
            LastLoss = losses[i];
            if (!double.IsFinite(LastLoss))
            {
                throw NonFinite(batch, before, behind: losses.Length - 1 - i);
            }

            _lossSum += LastLoss;
            _lossCount++;
        }

        return losses.Length;
    }

    private Batch NextBatch()
    {
        _batches ??= _train.GetEnumerator();
        while (!_batches.MoveNext())
        {
            _batches.Dispose();
            _batches = _train.GetEnumerator();
        }

        return _batches.Current;
    }

    /// <param name="batch">The batch of the step at hand, where the loss was found while it is alive.</param>
    /// <param name="before">Where the loader stood before that step.</param>
    /// <param name="behind">Steps that were done after the one whose loss it is.</param>
    private NonFiniteLossException NonFinite(Batch? batch, DataLoaderState before, int behind)
    {
        bool usable = _parameters.All(static p => NonFiniteTracer.IsFinite(p.Value));
        string where = batch is not null
            ? NonFiniteTracer.Describe(Model, _task, batch)
            : usable ? "the parameters are still finite" : "the parameters are not finite any more";
        _batches?.Dispose();
        _batches = null;
        _train.State = before;
        long failed = Optimizer.StepCount == Step ? Step + 1 - behind : Step - behind;
        if (usable && behind == 0 && Model.Parameters()[0].Device.IsHost)
        {
            Save();
        }

        string kept = _savedStep is long step ? $" The state after step {step} is in {CheckpointPath}." : string.Empty;
        return new NonFiniteLossException($"Step {failed}: the loss is {LastLoss}; {where}.{kept}");
    }
}
