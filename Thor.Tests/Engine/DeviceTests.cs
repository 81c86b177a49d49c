using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class DeviceTests
{
    [Theory]
    [InlineData("host", "host")]
    [InlineData("host:0", "host")]
    [InlineData("cpu", "cpu:0")]
    [InlineData("opencl:0", "opencl:0")]
    [InlineData("cuda:3", "cuda:3")]
    public void Parse_OfNames_RoundTrips(string text, string canonical)
    {
        Device device = Device.Parse(text);
        Assert.Equal(canonical, device.ToString());
        Assert.Equal(device, Device.Parse(device.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":0")]
    [InlineData("host:1")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:+1")]
    [InlineData("cuda: 1")]
    [InlineData("CUDA:0")]
    [InlineData("cuda:0:1")]
    [InlineData("cuda:99999999999")]
    public void Parse_OfOtherText_SaysWhatIsExpected(string text) =>
        Assert.Contains($"'{text}' does not name a device", Assert.Throws<FormatException>(() => Device.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Host_IsTheDefaultValue()
    {
        Assert.Equal(Device.Host, default);
        Assert.True(Device.Host.IsHost);
        Assert.Equal("host", Device.Host.Kind);
        Assert.NotEqual(Device.Parse("cuda:0"), Device.Parse("cuda:1"));
    }

    [Fact]
    public void Backend_OfMissingDevice_SaysWhatThereIs() =>
        Assert.Contains("host", Assert.Throws<DeviceException>(() => Device.Parse("abacus:0").Backend).Message, StringComparison.Ordinal);
}
