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

    /// <summary>
    /// Parameters and buffers under torch's names and in torch's order. The tensors are the module's own, not copies:
    /// clone the state to keep it while training goes on.
    /// </summary>
    public StateDict StateDict()
    {
        StateDict state = new();
        foreach ((string path, Module module) in Modules())
        {
            foreach ((string name, Parameter parameter) in module._parameters)
            {
                state.Add(Join(path, name), parameter.Value);
            }

            foreach ((string name, ModuleBuffer buffer) in module._buffers)
            {
                state.Add(Join(path, name), buffer.Value);
            }
        }

        return state;
    }

    /// <summary>Copies values into the module's own tensors, converting device and element type.</summary>
    /// <param name="state">Entries under the names of <see cref="StateDict()"/>.</param>
    /// <param name="strict">Whether names that only one side has are an error; otherwise they are left alone. Shapes must always agree.</param>
    /// <exception cref="ArgumentException">The state does not fit; the message lists missing, unexpected and mis-shaped entries and nothing was changed.</exception>
    public void Load(StateDict state, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.CopyTo(StateDict(), GetType().Name, strict);
    }

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

    /// <summary>
    /// A child whose name ends in an underscore is a part of its parent: its names continue that name without a dot. So
    /// the dense layer inside an attention can have its parameters under torch's "in_proj_weight" and "in_proj_bias".
    /// </summary>
    private static string Join(string path, string name) =>
        path.Length == 0 ? name : name.Length == 0 ? path : path[^1] == '_' ? path + name : $"{path}.{name}";

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
