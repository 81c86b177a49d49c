using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.Training;

/// <summary>Finds where numbers first stopped being finite, by repeating the forward pass of a batch with every layer watched.</summary>
internal static class NonFiniteTracer
{
    /// <summary>A sentence about the inputs, the parameter or the layer where it starts.</summary>
    public static string Describe(Layer model, TrainingTask task, Batch batch)
    {
        using TensorScope scope = TensorScope.Begin();
        if (batch.Inputs.DType.IsFloating() && !IsFinite(batch.Inputs))
        {
            return "the batch's inputs are not finite";
        }

        foreach ((string name, Parameter parameter) in model.NamedParameters())
        {
            if (!IsFinite(parameter.Value))
            {
                return $"parameter '{name}' is not finite: the update before this step broke it";
            }
        }

        string? first = null;
        Dictionary<Module, string> names = model.Modules().ToDictionary(static m => m.Value, static m => m.Key, ReferenceEqualityComparer.Instance as IEqualityComparer<Module>);
        using (Gradients.Disabled())
        {
            Layer.WithObserver(
                (layer, _, output) => first ??= IsFinite(output.Value) ? null : $"layer '{names.GetValueOrDefault(layer, layer.GetType().Name)}' ({layer.GetType().Name}) is the first whose output is not finite",
                () => task.Loss(model, batch));
        }

        return first ?? "every layer's output is finite: the loss itself overflowed";
    }

    public static bool IsFinite(Tensor tensor) =>
        tensor.Length == 0 || tensor.Map(UnaryOperation.IsFinite).Min().Item() > 0;
}
