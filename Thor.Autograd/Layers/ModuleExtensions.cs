using Thor.Engine;

namespace Thor.Autograd.Layers;

/// <summary>Fluent forms that keep the module's own type.</summary>
public static class ModuleExtensions
{
    /// <summary>Moves parameters and buffers to a device, in place, and returns the module.</summary>
    public static TModule To<TModule>(this TModule module, Device device)
        where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        module.MoveTo(device);
        return module;
    }
}
