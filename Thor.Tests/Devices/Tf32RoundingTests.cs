using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Rounding to TF32 by one multiplication, after which a tensor core drops 13 bits.</summary>
public sealed class Tf32RoundingTests
{
    [Theory]
    [InlineData(1f)]
    [InlineData(-1f)]
    [InlineData(1.1754944e-38f)]
    [InlineData(-8.507059e37f)]
    public void Rounded_EveryMantissa_StaysWithinItsBound(float power)
    {
        double most = 0;
        double sum = 0;
        double weights = 0;
        for (int mantissa = 0; mantissa < 1 << 23; mantissa += 7)
        {
            float x = power * (1 + (mantissa / (float)(1 << 23)));
            double error = (Rounded(x) - (double)x) / x;
            double weight = 1 / Math.Abs((double)x / power); // evenly over the logarithm
            most = Math.Max(most, Math.Abs(error));
            sum += error * weight;
            weights += weight;
        }

        Assert.True(most <= 0.64 / 1024, $"{most * 1024} of 2^-10");
        Assert.True(Math.Abs(sum / weights) < 1e-3 / 1024, $"mean {sum / weights * 1024} of 2^-10");
    }

    [Fact]
    public void Rounded_NumbersOfTf32_StayWhatTheyAre()
    {
        for (long bits = 0; bits <= uint.MaxValue; bits += 0x2000)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)bits);
            bool subnormal = x != 0 && Math.Abs(x) < 1.1754944e-38f;
            if (!subnormal && !float.IsNaN(x))
            {
                Assert.Equal(x, Rounded(x));
            }
        }
    }

    [Theory]
    [InlineData(0x7fffffffu)]
    [InlineData(0xffffffffu)]
    [InlineData(0x7fc00000u)]
    [InlineData(0xffc00000u)]
    public void Rounded_NotANumber_StaysOne(uint bits) => Assert.True(float.IsNaN(Rounded(BitConverter.UInt32BitsToSingle(bits))));

    private static float Rounded(float x) =>
        BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(x * GemmKernels.Tf32Rounding) & ~0x1fffu);
}
