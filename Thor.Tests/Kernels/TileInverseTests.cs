using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Kernels;

[Trait("Simd", "true")]
public sealed class TileInverseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(64)]
    public void Inverse_Tridiagonal_HasTheKnownInverse(int n)
    {
        float[] tile = new float[n * n];
        for (int i = 0; i < n; i++)
        {
            tile[(i * n) + i] = 2;
            if (i + 1 < n)
            {
                tile[(i * n) + i + 1] = -1;
            }
        }

        Tensor run = Tensor.From(tile, [n * n]);
        int[] status = [99];
        TileData.Host.TileInverse(run, run, [new TileSlot(0, n, 0)], status);
        Assert.Equal(0, status[0]);
        float[] inverse = run.ToArray<float>();
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double expected = (Math.Min(i, j) + 1.0) * (n - Math.Max(i, j)) / (n + 1);
                Assert.Equal(expected, inverse[(i * n) + j], 1e-5 * n * n);
            }
        }
    }
}
