using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Xunit;

namespace Thor.Tests.Devices;

public sealed class TestDevicesTests
{
    [Fact]
    public void Open_NoSuchKind_SaysWhatThereIs()
    {
        DeviceException refused = Assert.Throws<DeviceException>(() => Accelerator.Open("abacus"));

        Assert.Contains("'abacus'", refused.Message, StringComparison.Ordinal);
    }
}
