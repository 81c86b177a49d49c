using Thor.Autograd.Layers;

namespace Thor.Autograd.Optimizers;

/// <summary>Parameters that an optimizer treats alike. Their names are the keys of its state.</summary>
public sealed class ParameterGroup
{
    /// <summary>A group of named parameters.</summary>
    /// <param name="parameters">Names, unique over all groups of an optimizer, and parameters, as <see cref="Module.NamedParameters"/> gives them.</param>
    public ParameterGroup(IEnumerable<KeyValuePair<string, Parameter>> parameters)
    {
        Parameters = [.. parameters];
    }

    /// <summary>Names and parameters.</summary>
    public IReadOnlyList<KeyValuePair<string, Parameter>> Parameters { get; }

    /// <summary>Multiplies the optimizer's learning rate.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>Replaces the optimizer's weight decay; null keeps it.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>One group with all parameters of a module, under the module's names.</summary>
    public static ParameterGroup[] Of(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return [new ParameterGroup(module.NamedParameters())];
    }

    /// <summary>One group of parameters that are named by their index.</summary>
    public static ParameterGroup[] Of(IEnumerable<Parameter> parameters) =>
        [new ParameterGroup(parameters.Select(static (parameter, index) => KeyValuePair.Create($"{index}", parameter)))];
}
