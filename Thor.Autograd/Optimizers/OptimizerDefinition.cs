using Thor.Autograd.Layers;

namespace Thor.Autograd.Optimizers;

/// <summary>An optimizer that can be made from names and text.</summary>
public sealed class OptimizerDefinition
{
    private readonly Func<Module, OptimizerSettings, Optimizer> _create;

    internal OptimizerDefinition(string name, string summary, IReadOnlyList<OptimizerOption> options, Func<Module, OptimizerSettings, Optimizer> create)
    {
        Name = name;
        Summary = summary;
        Options = options;
        _create = create;
    }

    /// <summary>For example "momentum".</summary>
    public string Name { get; }

    /// <summary>One line.</summary>
    public string Summary { get; }

    /// <summary>What can be set.</summary>
    public IReadOnlyList<OptimizerOption> Options { get; }

    /// <summary>Given values over the defaults.</summary>
    /// <exception cref="ArgumentException">A name is no option of this optimizer; the message lists them.</exception>
    public OptimizerSettings Resolve(IReadOnlyDictionary<string, string> given) => new(Name, Options, given);

    /// <summary>An optimizer of all parameters of a model, which is on the device where it will be trained.</summary>
    /// <exception cref="ArgumentException">A value is not of its option's kind or out of range.</exception>
    public Optimizer Create(Module model, OptimizerSettings settings) => _create(model, settings);
}
