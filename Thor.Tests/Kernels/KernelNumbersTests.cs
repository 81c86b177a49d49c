using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Numbers that kernels compute with: divisors of indices, pairs of floats, classes of pixels.</summary>
public sealed class KernelNumbersTests
{
    [Fact]
    public void Divisor_OfAnyIndex_GivesTheQuotient()
    {
        Random random = new(1);
        int[] divisors = [1, 2, 3, 5, 7, 25, 49, 64, 127, 784, 1023, 1024, 1025, 65535, 65537, 1 << 30, (1 << 30) + 1, int.MaxValue - 1, int.MaxValue];
        foreach (int d in (int[])[.. divisors, .. Enumerable.Range(0, 2000).Select(_ => random.Next(1, int.MaxValue))])
        {
            Divisor divisor = Divisor.Of(d);
            int multiple = int.MaxValue / d * d;
            int middle = random.Next(0, int.MaxValue) / d * d;
            foreach (int n in (int[])[0, d - 1, d, multiple - 1, multiple, int.MaxValue, Math.Max(0, middle - 1), middle, random.Next()])
            {
                Assert.Equal(n / d, Divisor.Quotient(n, divisor));
            }
        }
    }

    [Fact]
    public void FloatPair_SumsAndProducts_KeepFortyBits()
    {
        Random random = new(2);
        double exact = 0;
        FloatPair sum = FloatPair.From(0);
        for (int i = 0; i < 10_000; i++)
        {
            float term = (2000 * random.NextSingle()) - 1000;
            exact += term;
            sum = FloatPair.Add(sum, FloatPair.From(term));
        }

        Assert.Equal(exact, (double)sum.High + sum.Low, 1e-4);
        FloatPair product = FloatPair.Multiply(FloatPair.Of(Math.PI), FloatPair.Of(-Math.E));
        Assert.Equal(-Math.PI * Math.E, (double)product.High + product.Low, 1e-12);
        Assert.Equal(1.5f, FloatPair.Round(FloatPair.Negate(FloatPair.From(-1.5f))));
    }

    [Fact]
    public void FloatPair_ThatOverflows_RoundsToInfinity()
    {
        FloatPair large = FloatPair.From(float.MaxValue);
        Assert.Equal(float.PositiveInfinity, FloatPair.Round(FloatPair.Add(large, large)));
        Assert.True(float.IsNaN(FloatPair.Round(FloatPair.Add(large, FloatPair.From(float.NaN)))));
    }

    [Theory]
    [InlineData(11, 3, 1, 1, 1)]
    [InlineData(11, 3, 2, 1, 1)]
    [InlineData(12, 5, 3, 4, 2)]
    [InlineData(7, 2, 4, 0, 2)]
    [InlineData(1, 4, 3, 2, 3)]
    public void PixelClasses_TogetherHoldEveryPairOfPixelAndTapThatMeetOnce(int pixels, int taps, int stride, int padding, int dilation)
    {
        HashSet<(int, int)> met = [];
        int seen = 0;
        for (int rest = 0; rest < stride; rest++)
        {
            PixelClass c = PixelClass.Of(rest, pixels, taps, stride, padding, dilation);
            seen += c.Pixels;
            for (int i = 0; i < c.Pixels; i++)
            {
                for (int j = 0; j < c.Taps; j++)
                {
                    int pixel = c.FirstPixel + (i * stride);
                    int tap = c.FirstTap + (j * c.TapStep);
                    Assert.True(pixel < pixels && tap < taps && met.Add((pixel, tap)));
                    Assert.Equal(0, (pixel + padding - (tap * dilation)) % stride);
                    Assert.Equal((pixel + padding - (tap * dilation)) / stride, ((pixel + padding) / stride) - (tap * dilation / stride));
                }
            }
        }

        int expected = (from pixel in Enumerable.Range(0, pixels) from tap in Enumerable.Range(0, taps) where (pixel + padding - (tap * dilation)) % stride == 0 select pixel).Count();
        Assert.Equal(pixels, seen);
        Assert.Equal(expected, met.Count);
    }
}
