using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Tests that count launches, copies and blocks of a shared device run alone: every other device test adds to them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DeviceStatisticsCollection
{
    public const string Name = "Device statistics";
}
