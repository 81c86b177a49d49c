using System.Numerics;
using Thor.Bench.Invert;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Whether an inverse is as good as float allows.</summary>
internal static class TileJudge
{
    /// <summary>LAPACK's residual ratio at most 0.25, the error at most 8 times that of a plain Cholesky or 1e-8 kappa in float.</summary>
    public static void Inverse<T>(T[] tile, T[] inverse, int n, double damping)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] damped = (T[])tile.Clone();
        for (int i = 0; i < n; i++)
        {
            damped[i * (n + 1)] += T.CreateTruncating(damping);
        }

        // A power of two, so that the norms of tiles of any scale are in range; it changes no bit of the comparison.
        double scale = Math.ScaleB(1, -Math.ILogB(double.CreateTruncating(damped[0])));
        double[] a = [.. damped.Select(value => double.CreateTruncating(value) * scale)];
        double[] x = [.. inverse.Select(value => double.CreateTruncating(value) / scale)];
        T[] mirrored = (T[])inverse.Clone();
        TileData.Mirror(mirrored.AsSpan(), n);
        Assert.Equal(mirrored, inverse);

        double epsilon = TileReference.Epsilon<T>();
        double kappa = TileReference.Norm(a, n) * TileReference.Norm(x, n);
        double ratio = TileReference.Norm(TileReference.Residual(a, x, n), n) / (n * kappa * epsilon);

        // A correctly rounded reciprocal alone may reach 1 / n.
        double limit = Math.Max(0.25, 4.0 / n);
        Assert.True(ratio <= limit, $"residual ratio {ratio:F3} above {limit:F3} at n = {n}");

        double[] accurate = TileReference.Accurate(a, n);
        double error = TileReference.Error(accurate, x);
        T[]? plain = TileReference.Inverse([.. a.Select(T.CreateTruncating)], n);
        double plainError = plain is null ? 0 : TileReference.Error(accurate, [.. plain.Select(double.CreateTruncating)]);
        double bound = Math.Max(8 * plainError, 1e-8 * Math.ScaleB(epsilon, 24) * kappa);
        Assert.True(error <= bound + (2 * epsilon), $"forward error {error:E2} above {bound:E2} at n = {n}, kappa {kappa:E1}");
    }
}
