using Thor.Bench.Micro;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class ConvolutionWorkloadTests
{
    [Theory]
    [InlineData("lenet conv1", 2.0 * 128 * 32 * 28 * 28 * 25)]
    [InlineData("resnet20 16-32 stride 2", 2.0 * 128 * 32 * 16 * 16 * 16 * 9)]
    public void Operations_OfAConvolution_CountEveryTap(string name, double expected)
    {
        using ConvolutionWorkload workload = new(name);
        Assert.Equal(expected, workload.Operations);
    }

    [Fact]
    public void Workload_OfAnUnknownConvolution_ListsTheKnown()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ConvolutionWorkload("vgg"));
        Assert.Contains("'vgg'", error.Message, StringComparison.Ordinal);
        Assert.All(ConvolutionWorkload.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }
}
