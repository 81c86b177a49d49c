using Thor.Bench.Micro;
using Thor.Engine;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class LaunchMeasuresTests
{
    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Run_EmptyKernel_IsOneRowWithATime(string kind)
    {
        TestDevices.Require(kind);
        LaunchMeasures measures = new(Device.Parse(kind));

        MicroResult row = Assert.Single(measures.Run(static name => name.StartsWith("launch empty ", StringComparison.Ordinal)));

        Assert.Null(measures.Missing);
        Assert.Equal($"launch empty {kind}:0", row.Name);
        Assert.InRange(row.Milliseconds, double.Epsilon, 1000);
    }

    [Fact]
    public void Missing_OnTheHost_SaysWhy() => Assert.NotNull(new LaunchMeasures(Device.Host).Missing);
}
