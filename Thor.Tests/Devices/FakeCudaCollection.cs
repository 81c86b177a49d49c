using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Tests that use the one <see cref="FakeCuda"/> run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class FakeCudaCollection
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "FakeCuda";
}
