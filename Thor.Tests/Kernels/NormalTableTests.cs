using MathNet.Numerics;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

public sealed class NormalTableTests
{
    [Fact]
    public void Draw_OfAnyTailProbability_IsTheQuantile()
    {
        float[] table = NormalTable.Float;
        for (int bit = 0; bit < 31; bit++)
        {
            foreach (uint low in (uint[])[0, 1, 0x2345678, 0x7FFFFFFF])
            {
                uint u = ((1u << bit) | (low & ((1u << bit) - 1))) & 0x7FFFFFFF;
                double p = (u + 0.5) / 4294967296.0;
                float x = NormalTable.Draw(u, table);
                double expected = Math.Sqrt(2) * SpecialFunctions.ErfcInv(2 * p);

                // A unit in the last place for the rounding of coefficients and result, and the error of the fit.
                Assert.Equal(expected, x, (1.2e-7 * expected) + 1e-7);
                Assert.Equal(-x, NormalTable.Draw(u | 0x80000000, table));
            }
        }

        Assert.Equal(6.338, NormalTable.Draw(0, table), 0.001f);
    }

    [Fact]
    public void Draw_InDouble_IsTheQuantileToFourteenDigits()
    {
        double[] table = NormalTable.Double;
        for (int bit = 8; bit < 63; bit++)
        {
            ulong u = (1UL << bit) | (0x123456789ABCDEFUL & ((1UL << bit) - 1));
            double p = (u + 0.5) / 18446744073709551616.0;
            double x = NormalTable.Draw((uint)u, (uint)(u >> 32), table);
            double tail = 0.5 * SpecialFunctions.Erfc(x / Math.Sqrt(2));
            Assert.Equal(1, tail / p, 2e-12);
        }

        Assert.InRange(NormalTable.Draw(0, 0, table), 9.0, 9.3);
    }

    [Fact]
    public void Draw_AcrossSegments_FallsMonotonically()
    {
        float[] table = NormalTable.Float;
        float last = float.PositiveInfinity;
        for (uint u = 0; u < 1u << 31; u += 1 + (u >> 12))
        {
            float x = NormalTable.Draw(u, table);

            // Neighbouring polynomials meet within their error.
            Assert.True(x <= last + 4e-7f, $"word {u}: {x} after {last}");
            last = x;
        }

        Assert.Equal(0, last, 1e-3f);
    }
}
