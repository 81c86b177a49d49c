using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Kernels.Accelerators;

namespace Thor.Autograd.Training;

/// <summary>
/// The forward and backward pass of a training step, recorded once on a device that can replay its queue (CUDA graphs) and then submitted as one
/// unit, which saves the processor's work on hundreds of launches. The update is not part of it: its numbers change from step to step.
/// </summary>
/// <remarks>
/// A replay does exactly what was recorded, so a pass is run anew wherever it would differ: for a batch of another shape, and on a step whose
/// curvature is observed. A model that draws random numbers (dropout) cannot be replayed.
/// </remarks>
public sealed class RecordedStep : IDisposable
{
    // Passes that run before one is recorded: kernels are compiled and memory is in the pool by then.
    private const int WarmUpPasses = 2;

    private readonly Layer _model;
    private readonly TrainingTask _task;
    private readonly Optimizer? _optimizer;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly List<(Parameter Parameter, Tensor Gradient)> _gradients = [];
    private AcceleratorGraph? _graph;
    private Tensor? _inputs;
    private Tensor? _labels;
    private Tensor? _loss;
    private int _passes;

    /// <summary>A step that records itself when it has run a few times.</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="task">Makes the loss.</param>
    /// <param name="optimizer">Is shown the loss before its backward pass, on steps whose curvature is observed; null for none.</param>
    /// <exception cref="NotSupportedException">The model draws random numbers.</exception>
    public RecordedStep(Layer model, TrainingTask task, Optimizer? optimizer = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(task);
        if (model.Modules().Any(static m => m.Value is Dropout { P: > 0 }))
        {
            throw new NotSupportedException("A model with dropout cannot be replayed: every step draws other numbers.");
        }

        _model = model;
        _task = task;
        _optimizer = optimizer;
        _parameters = model.Parameters();
    }

    /// <summary>True once replays take the place of passes.</summary>
    public bool IsRecorded => _graph is not null;

    /// <summary>Computes loss and gradients of a batch. Gradients must have been dropped before.</summary>
    /// <returns>The loss, one element on the device; valid until the next call.</returns>
    public Tensor Run(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        bool alike = _inputs is null || (_inputs.Shape == batch.Inputs.Shape && _labels!.Shape == batch.Labels.Shape); // both are set together
        if (!alike || IsObserved())
        {
            return Pass(batch.Inputs, batch.Labels);
        }

        if (_graph is null)
        {
            // Recording runs the pass, once, as a replay would.
            if (_passes++ < WarmUpPasses || !Record(batch))
            {
                return Pass(batch.Inputs, batch.Labels);
            }
        }
        else
        {
            _inputs!.CopyFrom(batch.Inputs); // recorded, so they are there
            _labels!.CopyFrom(batch.Labels);
            _graph.Launch();
        }

        foreach ((Parameter parameter, Tensor gradient) in _gradients)
        {
            parameter.Gradient = gradient.Alias().Persist();
        }

        return _loss!;
    }

    /// <summary>Gives the recording and its memory back.</summary>
    public void Dispose()
    {
        _graph?.Dispose();
        _inputs?.Dispose();
        _labels?.Dispose();
        _loss?.Dispose();
        foreach ((_, Tensor gradient) in _gradients)
        {
            gradient.Dispose();
        }

        _gradients.Clear();
    }

    private Tensor Pass(Tensor inputs, Tensor labels)
    {
        Variable loss = _task.Loss(_model, new Batch(inputs, labels));
        _optimizer?.ObserveLoss(loss);
        loss.Backward();
        return loss.Value;
    }

    /// <summary>Records a pass over memory that stays; the recording has run once when this returns.</summary>
    /// <returns>Whether the device can record.</returns>
    private bool Record(Batch batch)
    {
        _inputs ??= batch.Inputs.Clone().Persist();
        _labels ??= batch.Labels.Clone().Persist();
        _loss ??= Tensor.Empty(Shape.Scalar, _parameters[0].DType, _inputs.Device).Persist();
        _graph = _inputs.Device.Backend.Record(() =>
        {
            using TensorScope scope = TensorScope.Begin();
            _loss.CopyFrom(Pass(_inputs, _labels));
        });
        if (_graph is null)
        {
            return false;
        }

        foreach (Parameter parameter in _parameters)
        {
            if (parameter.Gradient is Tensor gradient)
            {
                _gradients.Add((parameter, gradient));
                parameter.Gradient = null;
            }
        }

        return true;
    }

    private bool IsObserved() => _model.Modules().Any(static m => m.Value is ICurvatureLayer { Observer.IsCapturing: true });
}
