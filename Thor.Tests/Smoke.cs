using Xunit;

namespace Thor.Tests;

public sealed class Smoke
{
    [Fact]
    public void Nothing() => Assert.Equal(2, 1 + 1);
}
