using MathNet.Numerics.Distributions;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Engine;

[Trait("Simd", "true")]
public sealed class RandomStreamTests
{
    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Draws_InPieces_GiveTheNumbersOfOneDraw(DType type)
    {
        foreach ((int first, int second) in ((int, int)[])[(0, 5), (1, 7), (3, 60), (31, 33), (1000, 77), (64, 30_000)])
        {
            RandomStream whole = new(42);
            RandomStream parts = new(42);
            Assert.Equal(
                Numbers.Values(whole.Normal([first + second], type)), Numbers.Values(parts.Normal([first], type)).Concat(Numbers.Values(parts.Normal([second], type))));
            Assert.Equal(
                Numbers.Values(whole.Uniform([first + second], type)), Numbers.Values(parts.Uniform([first], type)).Concat(Numbers.Values(parts.Uniform([second], type))));
            Assert.Equal(
                Numbers.Values(whole.DropoutMask([first + second], 0.7, type)),
                Numbers.Values(parts.DropoutMask([first], 0.7, type)).Concat(Numbers.Values(parts.DropoutMask([second], 0.7, type))));
            Assert.Equal(whole.Position, parts.Position);
        }
    }

    [Fact]
    public void Draws_AtAnyWidth_HaveTheseBits()
    {
        // Written down once; the same on every machine, device and register width.
        RandomStream stream = new(2024, 5);
        Assert.Equal(ExpectedUniform, stream.Uniform([37]).ToArray<float>()[^3..].Select(BitConverter.SingleToUInt32Bits).ToArray());
        Assert.Equal(ExpectedNormal, stream.Normal([37]).ToArray<float>()[^3..].Select(BitConverter.SingleToUInt32Bits).ToArray());
        Assert.Equal(ExpectedDouble, stream.Normal([37], DType.Float64).ToArray<double>()[^2..].Select(BitConverter.DoubleToUInt64Bits).ToArray());
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Normal_OfManyNumbers_HasTheMomentsAndDistribution(DType type)
    {
        const int n = 1 << 18;
        double[] x = Numbers.Values(new RandomStream(3).Normal([n], type));
        double mean = x.Average();
        double second = x.Sum(v => v * v) / n;
        double third = x.Sum(v => v * v * v) / n;
        double fourth = x.Sum(v => v * v * v * v) / n;

        // Five standard errors of each moment of n standard normal numbers: their variances are 1, 2, 15 and 96 over n.
        double error = 5 / Math.Sqrt(n);
        Assert.Equal(0, mean, error);
        Assert.Equal(1, second, error * Math.Sqrt(2));
        Assert.Equal(0, third, error * Math.Sqrt(15));
        Assert.Equal(3, fourth, error * Math.Sqrt(96));

        // Kolmogorov-Smirnov: sqrt(n) D exceeds 1.95 with probability 0.001.
        Array.Sort(x);
        double distance = 0;
        for (int i = 0; i < n; i++)
        {
            double p = Normal.CDF(0, 1, x[i]);
            distance = Math.Max(distance, Math.Max(p - (i / (double)n), ((i + 1) / (double)n) - p));
        }

        Assert.True(distance * Math.Sqrt(n) < 1.95, $"Kolmogorov-Smirnov distance {distance}");
    }

    [Theory]
    [InlineData(DType.Float32, 24)]
    [InlineData(DType.Float64, 53)]
    public void Uniform_OfManyNumbers_FillsTheInterval(DType type, int bits)
    {
        const int n = 1 << 18;
        double[] x = Numbers.Values(new RandomStream(4).Uniform([n], type));
        Assert.True(x.Min() >= 0 && x.Max() < 1);
        Assert.Equal(0.5, x.Average(), 5 / Math.Sqrt(12.0 * n));
        double scale = Math.Pow(2, bits);
        Assert.All(x.Take(1000), v => Assert.Equal(Math.Floor(v * scale), v * scale));
        int[] bins = new int[256];
        foreach (double v in x)
        {
            bins[(int)(v * 256)]++;
        }

        // Chi-squared with 255 degrees of freedom: 330.5 is exceeded with probability 0.001.
        Assert.True(bins.Sum(b => Math.Pow(b - (n / 256.0), 2) / (n / 256.0)) < 330.5);
    }

    [Fact]
    public void DropoutMask_KeepsTheShareAsked()
    {
        const int n = 1 << 16;
        float[] mask = new RandomStream(1).DropoutMask([n], 0.8).ToArray<float>();
        Assert.All(mask, v => Assert.True(v is 0 or 1.25f));
        Assert.Equal(0.8, mask.Count(v => v != 0) / (double)n, 5 * Math.Sqrt(0.16 / n));
        Assert.Equal(n, new RandomStream(1).DropoutMask([n], 1).Sum().Item());
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(1).DropoutMask([n], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(1).DropoutMask([n], double.NaN));
    }

    [Fact]
    public void Fork_DependsOnSeedAndPurposeAlone()
    {
        RandomStream stream = new(9);
        ulong before = stream.Fork(1).Seed;
        stream.Normal([5]);
        Assert.Equal(before, stream.Fork(1).Seed);
        Assert.NotEqual(before, stream.Fork(2).Seed);
        Assert.NotEqual(before, new RandomStream(10).Fork(1).Seed);
        Assert.Equal(0UL, stream.Fork(1).Position);
    }

    [Fact]
    public void Permutation_IsUniform()
    {
        RandomStream stream = new(5);
        Assert.Equal(Enumerable.Range(0, 1000), stream.Permutation(1000).Order());
        Assert.Empty(stream.Permutation(0));
        int[] counts = new int[24];
        for (int i = 0; i < 24_000; i++)
        {
            int[] p = stream.Permutation(4);
            counts[(p[0] * 6) + ((p[1] - (p[1] > p[0] ? 1 : 0)) * 2) + (p[2] > p[3] ? 1 : 0)]++;
        }

        // Chi-squared with 23 degrees of freedom: 49.7 is exceeded with probability 0.001.
        Assert.True(counts.Sum(c => Math.Pow(c - 1000, 2) / 1000) < 49.7);
    }

    [Fact]
    public void NextInt_StaysBelowBound()
    {
        RandomStream stream = new(6);
        int[] counts = new int[7];
        for (int i = 0; i < 7000; i++)
        {
            counts[stream.NextInt(7)]++;
            Assert.InRange(stream.NextDouble(), 0, 1);
            Assert.InRange(stream.NextInt(int.MaxValue), 0, int.MaxValue - 1);
        }

        // Chi-squared with 6 degrees of freedom: 22.5 is exceeded with probability 0.001.
        Assert.True(counts.Sum(c => Math.Pow(c - 1000, 2) / 1000) < 22.5);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt(0));
    }

    [Fact]
    public void Draws_OfIntegers_AreRefused() => Assert.Throws<ShapeException>(() => new RandomStream(1).Normal([3], DType.Int32));

    private static readonly uint[] ExpectedUniform = [1049353358, 1027013568, 1065283624];
    private static readonly uint[] ExpectedNormal = [1048741840, 1050629218, 3213080569];
    private static readonly ulong[] ExpectedDouble = [4607874097059464409, 4598725362178016117];
}
