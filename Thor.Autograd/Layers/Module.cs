using Thor.Engine;

namespace Thor.Autograd.Layers;

/// <summary>
/// A part of a model: parameters, buffers and child modules, each registered under a name. Names joined by dots are the keys
/// of the state dictionary and match torch's for the layers both have.
/// </summary>
public abstract class Module
{
    private readonly List<KeyValuePair<string, Module>> _children = [];
    private readonly List<KeyValuePair<string, Parameter>> _parameters = [];
    private readonly List<KeyValuePair<string, ModuleBuffer>> _buffers = [];

    /// <summary>True in training mode (the default): dropout drops, batch norm uses the batch's statistics.</summary>
    public bool Training { get; private set; } = true;

    /// <summary>Direct children in the order of registration.</summary>
    public IReadOnlyList<KeyValuePair<string, Module>> Children => _children;

    /// <summary>Parameters of this module itself, not of its children.</summary>
    public IReadOnlyList<KeyValuePair<string, Parameter>> OwnParameters => _parameters;

    /// <summary>Buffers of this module itself, not of its children.</summary>
    public IReadOnlyList<KeyValuePair<string, ModuleBuffer>> OwnBuffers => _buffers;

    /// <summary>This module ("" ) and all below it, parents first, with dotted names.</summary>
    public IEnumerable<KeyValuePair<string, Module>> Modules()
    {
        yield return new KeyValuePair<string, Module>(string.Empty, this);
        foreach ((string name, Module child) in _children)
        {
            foreach ((string inner, Module module) in child.Modules())
            {
                yield return new KeyValuePair<string, Module>(Join(name, inner), module);
            }
        }
    }

    /// <summary>All parameters with dotted names, each once, in the order of registration.</summary>
    public IEnumerable<KeyValuePair<string, Parameter>> NamedParameters()
    {
        HashSet<Parameter> seen = [];
        foreach ((string path, Module module) in Modules())
        {
            foreach ((string name, Parameter parameter) in module._parameters)
            {
                if (seen.Add(parameter))
                {
                    yield return new KeyValuePair<string, Parameter>(Join(path, name), parameter);
                }
            }
        }
    }

    /// <summary>All parameters, each once.</summary>
    public IReadOnlyList<Parameter> Parameters() => [.. NamedParameters().Select(static p => p.Value)];

    /// <summary>Training mode on, here and below.</summary>
    public void Train() => SetTraining(true);

    /// <summary>Training mode off, here and below.</summary>
    public void Eval() => SetTraining(false);

    /// <summary>Moves parameters and buffers to a device, in place.</summary>
    internal void MoveTo(Device device)
    {
        foreach ((_, Module module) in Modules())
        {
            foreach ((_, Parameter parameter) in module._parameters)
            {
                parameter.Value = Move(parameter.Value, device);
                parameter.ZeroGrad();
            }

            foreach ((_, ModuleBuffer buffer) in module._buffers)
            {
                buffer.Value = Move(buffer.Value, device);
            }
        }
    }

    /// <summary>Adds a child.</summary>
    /// <exception cref="ArgumentException">The name is taken, empty or contains a dot.</exception>
    protected TModule Register<TModule>(string name, TModule child)
        where TModule : Module
    {
        CheckName(name);
        _children.Add(new KeyValuePair<string, Module>(name, child));
        return child;
    }

    /// <summary>Adds a parameter.</summary>
    protected Parameter Register(string name, Parameter parameter)
    {
        CheckName(name);
        _parameters.Add(new KeyValuePair<string, Parameter>(name, parameter));
        return parameter;
    }

    /// <summary>Adds a buffer.</summary>
    protected ModuleBuffer Register(string name, ModuleBuffer buffer)
    {
        CheckName(name);
        _buffers.Add(new KeyValuePair<string, ModuleBuffer>(name, buffer));
        return buffer;
    }

    private static string Join(string path, string name) =>
        path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";

    private static Tensor Move(Tensor tensor, Device device)
    {
        Tensor moved = tensor.To(device);
        if (!ReferenceEquals(moved, tensor))
        {
            tensor.Dispose();
        }

        return moved.Persist();
    }

    private void SetTraining(bool training)
    {
        foreach ((_, Module module) in Modules())
        {
            module.Training = training;
        }
    }

    private void CheckName(string name)
    {
        bool taken = _children.Exists(c => c.Key == name) || _parameters.Exists(p => p.Key == name) || _buffers.Exists(b => b.Key == name);
        if (string.IsNullOrEmpty(name) || name.Contains('.', StringComparison.Ordinal) || taken)
        {
            throw new ArgumentException($"{GetType().Name}: '{name}' is {(taken ? "registered already" : "not a name: it must have letters and no dot")}.", nameof(name));
        }
    }
}
