using System.Globalization;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>The functions of kernels, run as plain C#: the host's bits where they promise them, and their error against double.</summary>
public class KernelMathTests
{
    private static readonly float[] s_special =
    [
        0f, -0f, 1f, -1f, 0.5f, -0.5f, float.Epsilon, -float.Epsilon, 1e-40f, 1.17549435e-38f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88.72283f, 88.73f, -87.33654f, -87.4f, 14.5f, -14.6f, 0.625f, 2f, 3f, -3f, 1e10f, -1e10f,
    ];

    [Fact]
    public void FunctionsOfTheHost_GiveItsBits()
    {
        foreach (float x in Arguments(90f, 20_000))
        {
            Lane1<float> lane = Lane1<float>.All(x);
            Same(x, LaneFunctions.Exp<Lane1<float>, float>(lane).Sum(), KernelMath.Exp(x));
            Same(x, LaneFunctions.Tanh<Lane1<float>, float>(lane).Sum(), KernelMath.Tanh(x));
            Same(x, LaneFunctions.Sigmoid<Lane1<float>, float>(lane).Sum(), KernelMath.Sigmoid(x));
            Same(x, LaneFunctions.Erf<Lane1<float>, float>(lane).Sum(), KernelMath.Erf(x));
            Same(x, LaneFunctions.NormalDistribution<Lane1<float>, float>(lane, out Lane1<float> hostBell).Sum(), KernelMath.NormalDistribution(x, out float bell));
            Same(x, hostBell.Sum(), bell);
            Same(x, (lane * LaneFunctions.NormalDistribution<Lane1<float>, float>(lane, out _)).Sum(), KernelMath.Gelu(x));
        }
    }

    [Fact]
    public void Logarithm_AllMagnitudes_WithinTwoUnits()
    {
        Assert.Equal(float.NegativeInfinity, KernelMath.Log(0f));
        Assert.Equal(float.NegativeInfinity, KernelMath.Log(-0f));
        Assert.True(float.IsNaN(KernelMath.Log(-1f)) && float.IsNaN(KernelMath.Log(float.NegativeInfinity)) && float.IsNaN(KernelMath.Log(float.NaN)));
        Assert.Equal(float.PositiveInfinity, KernelMath.Log(float.PositiveInfinity));
        Assert.Equal(0f, KernelMath.Log(1f));
        foreach (float x in PositiveOfAllMagnitudes(100_000))
        {
            Within(2, x, Math.Log(x), KernelMath.Log(x));
        }

        foreach (float x in Arguments(1f, 20_000).Where(static x => Math.Abs(x) < 0.6f))
        {
            Within(2, x, Math.Log(1f + x), KernelMath.Log(1f + x));
            Within(3, x, Math.Log(1.0 + Math.Abs(x)) is double log && Math.Abs(x) > 1e-5 ? log : Math.Abs(x) - (0.5 * x * x), KernelMath.LogOnePlus(Math.Abs(x)));
        }
    }

    [Fact]
    public void Softplus_AgainstDouble_WithinThreeUnits()
    {
        foreach (float x in Arguments(80f, 20_000).Where(static x => Math.Abs(x) < 80f))
        {
            double e = Math.Exp(-Math.Abs((double)x));
            double log = e < 1e-6 ? e - (0.5 * e * e) : Math.Log(1 + e);
            Within(3, x, Math.Max(x, 0.0) + log, KernelMath.Softplus(x));
        }

        Assert.True(float.IsNaN(KernelMath.Softplus(float.NaN)));
        Assert.Equal(float.PositiveInfinity, KernelMath.Softplus(float.PositiveInfinity));
        Assert.Equal(0f, KernelMath.Softplus(float.NegativeInfinity));
    }

    [Fact]
    public void SineAndCosine_AllMagnitudes_WithinThreeUnits()
    {
        foreach (float x in Arguments(20f, 50_000).Concat(PositiveOfAllMagnitudes(50_000)).Concat(Arguments(12_900f, 50_000)))
        {
            if (!float.IsFinite(x))
            {
                Assert.True(float.IsNaN(KernelMath.Sin(x)) && float.IsNaN(KernelMath.Cos(x)));
                continue;
            }

            Within(3, x, Math.Sin(x), KernelMath.Sin(x));
            Within(3, x, Math.Cos(x), KernelMath.Cos(x));
        }

        Same(-0f, -0f, KernelMath.Sin(-0f));
    }

    [Fact]
    public void Power_AgainstDouble_WithinOneUnit()
    {
        Random random = new(3);
        for (int i = 0; i < 200_000; i++)
        {
            float a = MathF.Exp((float)((random.NextDouble() * 20) - 10));
            float b = (float)((random.NextDouble() * 16) - 8);
            Within(1, a, Math.Pow(a, b), KernelMath.Pow(a, b));

            // Near 1 to large powers, where a wrong logarithm would show most.
            a = 1f + (float)((random.NextDouble() * 0.02) - 0.01);
            b = (float)((random.NextDouble() * 16_000) - 8_000);
            Within(1, a, Math.Pow(a, b), KernelMath.Pow(a, b));
        }

        foreach (float x in PositiveOfAllMagnitudes(20_000))
        {
            Within(1, x, Math.Pow(x, 0.75), KernelMath.Pow(x, 0.75f));
            Within(1, x, Math.Pow(x, -0.33f), KernelMath.Pow(x, -0.33f));
        }
    }

    [Fact]
    public void Power_OfIntegers_IsExact()
    {
        for (int a = -40; a <= 40; a++)
        {
            for (int b = 0; b <= 16; b++)
            {
                double exact = Math.Pow(a, b);
                if (Math.Abs(exact) <= 16777216)
                {
                    Assert.Equal((float)exact, KernelMath.Pow(a, b));
                }
            }
        }
    }

    [Fact]
    public void Power_SpecialCases_AreThoseOfTheRuntime()
    {
        float[] exponents = [.. s_special, 4f, 5f, -4f, -5f, 1.5f, -1.5f, 16777217f, 33554432f, 0.25f];
        foreach (float a in s_special)
        {
            foreach (float b in exponents)
            {
                float expected = MathF.Pow(a, b);
                float actual = KernelMath.Pow(a, b);
                if (float.IsNaN(expected) || float.IsInfinity(expected) || expected == 0)
                {
                    Same(a, expected, actual);
                }
                else
                {
                    Within(1, a, Math.Pow(a, b), actual);
                }
            }
        }
    }

    private static IEnumerable<float> Arguments(float bound, int count)
    {
        Random random = new(1);
        return s_special.Concat(Enumerable.Range(0, count).Select(i => (float)(((2 * random.NextDouble()) - 1) * bound / (1 + (i % 7 * 4)))));
    }

    private static IEnumerable<float> PositiveOfAllMagnitudes(int count)
    {
        Random random = new(2);
        return Enumerable.Range(0, count).Select(_ => BitConverter.Int32BitsToSingle(1 + (int)(random.NextDouble() * 0x7f7ffffe)));
    }

    private static void Same(float x, float expected, float actual) => Assert.True(
        (float.IsNaN(expected) && float.IsNaN(actual)) || BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual),
        string.Create(CultureInfo.InvariantCulture, $"f({x:R}): expected {expected:R}, got {actual:R}"));

    private static void Within(double units, float x, double expected, float actual)
    {
        if (double.IsNaN(expected) || Math.Abs(expected) > float.MaxValue)
        {
            Same(x, (float)expected, actual);
            return;
        }

        double unit = Math.Max(float.Epsilon, Math.ScaleB(1, Math.ILogB(expected == 0 ? 1e-45 : expected) - 23));
        Assert.True(
            Math.Abs(actual - expected) <= units * unit,
            string.Create(CultureInfo.InvariantCulture, $"f({x:R}): expected {expected:R}, got {actual:R}, {Math.Abs(actual - expected) / unit:F2} units in the last place away"));
    }
}
