using Thor.Engine;

namespace Thor.Autograd.Layers;

/// <summary>State of a layer that is saved and moved with it but not trained, such as running statistics.</summary>
public sealed class ModuleBuffer
{
    /// <summary>A tensor that outlives every scope.</summary>
    public ModuleBuffer(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = value.Persist();
    }

    /// <summary>The numbers.</summary>
    public Tensor Value { get; internal set; }
}
