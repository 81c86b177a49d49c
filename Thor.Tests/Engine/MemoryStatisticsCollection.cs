using Xunit;

namespace Thor.Tests.Engine;

/// <summary>Tests that count blocks of the host's pool run alone: every other test rents from it too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryStatisticsCollection
{
    public const string Name = "Memory statistics";
}
