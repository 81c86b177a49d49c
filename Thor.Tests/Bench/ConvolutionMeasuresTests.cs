using Thor.Bench.Micro;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class ConvolutionMeasuresTests
{
    [Fact]
    public void Run_OfOneConvolution_MeasuresItsThreeProductsAgainstThePeer()
    {
        int calls = 0;
        IReadOnlyList<ConvolutionMeasure> measures = ConvolutionMeasures.Run("lenet conv1", () => calls++, 1);
        Assert.Equal(["lenet conv1 forward", "lenet conv1 input gradient", "lenet conv1 weight gradient"], measures.Select(m => m.Name));
        Assert.Equal(3, calls);
        Assert.All(measures, m =>
        {
            // 128 images x 32 outputs x 28 x 28 positions x 25 taps, two operations each.
            Assert.Equal(2.0 * 128 * 32 * 28 * 28 * 25, m.Gflops * m.Milliseconds * 1e6, 1.0);
            Assert.Equal(m.Gflops / m.PeerGflops, m.RatioToPeer);
        });
    }

    [Fact]
    public void Run_OfAnUnknownConvolution_ListsTheKnown()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => ConvolutionMeasures.Run("vgg", () => { }, 1));
        Assert.Contains("'vgg'", error.Message, StringComparison.Ordinal);
        Assert.All(ConvolutionWorkload.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }
}
