using System.Numerics;
using Thor.Bench.Invert;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Whether an eigendecomposition is as good as its element type allows, by residuals in float64.</summary>
internal static class TileEigenJudge
{
    /// <summary>
    /// |A v - d v| of each pair at most 16 + 2 n roundoffs of |A|, |V^T V - I| at most so many of sqrt(n) (Frobenius norms, roundoff of the element
    /// type), eigenvalues ascending, and the first largest element of every column positive.
    /// </summary>
    public static void Spectrum<T>(T[] tile, T[] vectors, T[] values, int n, double damping)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A power of two, so that the squares of tiles of any scale are in range.
        double largest = tile.Max(static value => Math.Abs(double.CreateTruncating(value)));
        double scale = largest == 0 ? 1 : Math.ScaleB(1, -Math.ILogB(largest));
        double[] a = [.. tile.Select(value => double.CreateTruncating(value) * scale)];
        double[] v = [.. vectors.Select(static value => double.CreateTruncating(value))];
        double[] d = [.. values.Select(value => (double.CreateTruncating(value) - damping) * scale)];
        double bound = (16 + (2 * n)) * TileReference.Epsilon<T>();
        double norm = Math.Sqrt(a.Sum(static value => value * value)) + (damping * scale);
        for (int k = 0; k < n; k++)
        {
            double residual = 0;
            for (int i = 0; i < n; i++)
            {
                double sum = -d[k] * v[(i * n) + k];
                for (int j = 0; j < n; j++)
                {
                    sum += a[(Math.Min(i, j) * n) + Math.Max(i, j)] * v[(j * n) + k];
                }

                residual += sum * sum;
            }

            Assert.True(Math.Sqrt(residual) <= bound * norm, $"n = {n}, pair {k}: residual {Math.Sqrt(residual):E2} above {bound * norm:E2}");
            Assert.True(k == 0 || d[k] >= d[k - 1], $"n = {n}: eigenvalues {k - 1} and {k} descend, {d[Math.Max(0, k - 1)]:R} and {d[k]:R}");
            int head = Enumerable.Range(0, n).MaxBy(i => Math.Abs(v[(i * n) + k]));
            Assert.True(v[(head * n) + k] > 0, $"n = {n}, vector {k}: its largest element {head} is {v[(head * n) + k]:R}");
        }

        double apart = 0;
        for (int k = 0; k < n; k++)
        {
            for (int l = 0; l < n; l++)
            {
                double dot = k == l ? -1 : 0;
                for (int i = 0; i < n; i++)
                {
                    dot += v[(i * n) + k] * v[(i * n) + l];
                }

                apart += dot * dot;
            }
        }

        Assert.True(Math.Sqrt(apart) <= bound * Math.Sqrt(n), $"n = {n}: vectors are {Math.Sqrt(apart):E2} from orthonormal, above {bound * Math.Sqrt(n):E2}");
    }
}
