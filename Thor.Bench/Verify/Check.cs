using Thor.Engine;

namespace Thor.Bench.Verify;

/// <summary>Something that must hold on a device.</summary>
internal abstract record Check(string Name)
{
    /// <summary>Runs it inside a scope of the caller's.</summary>
    public abstract CheckResult Run(Device device);
}
