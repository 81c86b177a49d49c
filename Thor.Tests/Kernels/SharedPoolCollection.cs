using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Tests that need the shared worker pool to themselves: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedPoolCollection
{
    public const string Name = "Shared pool";
}
