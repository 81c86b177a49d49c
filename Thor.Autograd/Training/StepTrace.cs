using System.Globalization;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Formats;
using Thor.Engine.Memory;

namespace Thor.Autograd.Training;

/// <summary>
/// Everything that one training step computed, in one safetensors file: what went in, what every layer saw, what the optimizer
/// made of it, and what changed.
/// </summary>
/// <remarks>
/// The tensors, with NAME the dotted name of a parameter and LAYER that of a layer that has parameters (its type's where it is the model itself):
/// <c>batch.inputs</c> and <c>batch.labels</c>; <c>loss</c>; <c>before.NAME</c> and <c>after.NAME</c>, the parameters; <c>layer.LAYER.input</c> and
/// <c>layer.LAYER.outputGradient</c>, the gradient of the batch's loss by the layer's output, with <c>.1</c>, <c>.2</c> ... after LAYER for further
/// uses of it in the same step; <c>gradient.NAME</c>, as the optimizer saw it, after clipping; <c>direction.NAME</c>, the preconditioned
/// gradient, where there is one; <c>update.NAME</c>, after minus before; and <c>curvature.STATE</c>, all that a preconditioner holds after the step: of
/// Kronecker factors the packed tiles <c>curvature.LAYER.A</c> and <c>curvature.LAYER.G</c> and the damped inverses <c>curvature.LAYER.A.inverse</c>.
/// The metadata has the step, the learning rate, the optimizer, and of each factor its dimension, tile size and damping under <c>factor.LAYER.A</c>.
/// </remarks>
internal sealed class StepTrace : IDisposable
{
    private readonly Layer _model;
    private readonly List<KeyValuePair<string, Tensor>> _tensors = [];
    private readonly Dictionary<Module, string> _names;
    private readonly Dictionary<string, int> _uses = [];

    /// <summary>Begins with the batch and the parameters as they are.</summary>
    public StepTrace(Layer model, Batch batch)
    {
        _model = model;
        _names = model.Modules()
            .Where(static m => m.Value.OwnParameters.Count > 0)
            .ToDictionary(static m => m.Value, static m => m.Key.Length == 0 ? m.Value.GetType().Name : m.Key, ReferenceEqualityComparer.Instance as IEqualityComparer<Module>);
        Keep("batch.inputs", batch.Inputs);
        Keep("batch.labels", batch.Labels);
        KeepParameters("before", static parameter => parameter.Value);
    }

    /// <summary>Computes the loss and notes what goes into every layer; what comes back during the backward pass is noted when it comes.</summary>
    public Variable Watch(Func<Variable> loss)
    {
        Variable? result = null;
        Layer.WithObserver(
            (layer, input, output) =>
            {
                if (_names.TryGetValue(layer, out string? name))
                {
                    Observe(name, input, output);
                }
            },
            () => result = loss());
        Keep("loss", result!.Value); // the action has run
        return result;
    }

    /// <summary>Takes the step and writes the file, which appears complete or not at all.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="step">The step, counted from 0.</param>
    /// <param name="optimizer">What takes it.</param>
    /// <param name="update">How it is taken.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, long step, Optimizer optimizer, Action update)
    {
        using TensorScope scope = TensorScope.Begin();
        double learningRate = optimizer.LearningRate;
        KeepParameters("gradient", static parameter => parameter.Gradient);
        if (optimizer is Preconditioned transformed)
        {
            transformed.Transformed += KeepDirections;
            update();
            transformed.Transformed -= KeepDirections;
        }
        else
        {
            update();
        }

        Dictionary<string, string> metadata = new()
        {
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["learningRate"] = learningRate.ToString("R", CultureInfo.InvariantCulture),
            ["optimizer"] = optimizer.GetType().Name,
        };
        if (optimizer is Preconditioned preconditioned)
        {
            foreach ((string name, Tensor tensor) in preconditioned.Preconditioner.StateDict())
            {
                Keep($"curvature.{name}", tensor);
            }

            Describe(preconditioned.Preconditioner, metadata);
        }

        KeepParameters("after", static parameter => parameter.Value);
        Dictionary<string, Tensor> before = _tensors.ToDictionary(static t => t.Key, static t => t.Value);
        foreach ((string name, Parameter parameter) in _model.NamedParameters())
        {
            Keep($"update.{name}", parameter.Value - before[$"before.{name}"]);
        }

        Safetensors.Save(path, _tensors, metadata);

        void KeepDirections(object? sender, EventArgs arguments) => KeepParameters("direction", ((Preconditioned)optimizer).Preconditioner.Direction);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor tensor) in _tensors)
        {
            tensor.Dispose();
        }
    }

    private static void Describe(Preconditioner preconditioner, Dictionary<string, string> metadata)
    {
        if (preconditioner is KroneckerPreconditioner kronecker)
        {
            foreach (KroneckerFactor factor in kronecker.Layers.SelectMany(static layer => layer.Factors))
            {
                metadata[$"factor.{factor.Name}"] = string.Create(
                    CultureInfo.InvariantCulture, $"dimension={factor.Dimension},tile={factor.TileSize},damping={factor.Damping:R}");
            }
        }
    }

    private void Observe(string name, Variable input, Variable output)
    {
        int use = _uses.GetValueOrDefault(name);
        _uses[name] = use + 1;
        string prefix = use == 0 ? $"layer.{name}" : $"layer.{name}.{use}";
        Keep($"{prefix}.input", input.Value);
        if (output.RequiresGradient)
        {
            output.OnGradient(gradient => Keep($"{prefix}.outputGradient", gradient));
        }
    }

    private void KeepParameters(string prefix, Func<Parameter, Tensor?> what)
    {
        foreach ((string name, Parameter parameter) in _model.NamedParameters())
        {
            if (what(parameter) is Tensor tensor)
            {
                Keep($"{prefix}.{name}", tensor);
            }
        }
    }

    /// <summary>A copy: what is traced may be overwritten, or given back, before the file is written.</summary>
    private void Keep(string name, Tensor tensor) => _tensors.Add(KeyValuePair.Create(name, tensor.Clone().Persist()));
}
