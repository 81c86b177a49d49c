using Xunit;

namespace Thor.Tests.Bench;

/// <summary>Tests that run the whole command line in this process: they own the console while they run.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CommandLineCollection
{
    public const string Name = "Command line";
}
