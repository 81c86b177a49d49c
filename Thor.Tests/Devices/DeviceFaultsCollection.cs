using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Tests whose kernels note faults run alone: whoever reads from the device next is told.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DeviceFaultsCollection
{
    public const string Name = "Device faults";
}
