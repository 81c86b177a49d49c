using System.Numerics;

namespace Thor.Bench.Invert;

/// <summary>A plain inverse and LAPACK's residual ratio, in more precision than the tile's.</summary>
internal static class TileReference
{
    /// <summary>Unit roundoff.</summary>
    public static double Epsilon<T>()
        where T : struct, IBinaryFloatingPointIeee754<T> => double.CreateTruncating(T.BitIncrement(T.One) - T.One) / 2;

    /// <summary>Unblocked Cholesky inverse (L, its inverse X, X^T X) in T; null where a pivot is not positive.</summary>
    public static T[]? Inverse<T>(T[] a, int n)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        T[] l = new T[n * n];
        T[] x = new T[n * n];
        T[] inverse = new T[n * n];
        for (int j = 0; j < n; j++)
        {
            for (int i = j; i < n; i++)
            {
                T sum = a[(j * n) + i];
                for (int k = 0; k < j; k++)
                {
                    sum -= l[(i * n) + k] * l[(j * n) + k];
                }

                if (i == j && !(sum > T.Zero))
                {
                    return null;
                }

                l[(i * n) + j] = i == j ? T.Sqrt(sum) : sum / l[(j * n) + j];
            }
        }

        for (int j = 0; j < n; j++)
        {
            for (int i = j; i < n; i++)
            {
                T sum = i == j ? T.One : T.Zero;
                for (int k = j; k < i; k++)
                {
                    sum -= l[(i * n) + k] * x[(k * n) + j];
                }

                x[(i * n) + j] = sum / l[(i * n) + i];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                T sum = T.Zero;
                for (int k = i; k < n; k++)
                {
                    sum += x[(k * n) + i] * x[(k * n) + j];
                }

                inverse[(i * n) + j] = inverse[(j * n) + i] = sum;
            }
        }

        return inverse;
    }

    /// <summary>I - A X; with two correct words per sum, so that it serves float64 tiles too.</summary>
    public static double[] Residual(double[] a, double[] x, int n)
    {
        double[] residual = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = i == j ? 1 : 0;
                double lost = 0;
                for (int k = 0; k < n; k++)
                {
                    double product = -a[(i * n) + k] * x[(k * n) + j];
                    double next = sum + product;
                    double part = next - sum;
                    lost += (sum - (next - part)) + (product - part) + Math.FusedMultiplyAdd(-a[(i * n) + k], x[(k * n) + j], -product);
                    sum = next;
                }

                residual[(i * n) + j] = sum + lost;
            }
        }

        return residual;
    }

    /// <summary>An inverse correct to nearly all of float64: the plain one, refined twice.</summary>
    public static double[] Accurate(double[] a, int n)
    {
        double[] x = Inverse(a, n) ?? throw new ArgumentException("The matrix is not positive definite.", nameof(a));
        for (int pass = 0; pass < 2; pass++)
        {
            double[] residual = Residual(a, x, n);
            double[] refined = (double[])x.Clone();
            for (int i = 0; i < n; i++)
            {
                for (int k = 0; k < n; k++)
                {
                    double factor = x[(i * n) + k];
                    for (int j = 0; j < n; j++)
                    {
                        refined[(i * n) + j] += factor * residual[(k * n) + j];
                    }
                }
            }

            x = refined;
        }

        return x;
    }

    /// <summary>Largest column sum of magnitudes.</summary>
    public static double Norm(double[] a, int n)
    {
        double norm = 0;
        for (int j = 0; j < n; j++)
        {
            double sum = 0;
            for (int i = 0; i < n; i++)
            {
                sum += Math.Abs(a[(i * n) + j]);
            }

            norm = Math.Max(norm, sum);
        }

        return norm;
    }

    /// <summary>Relative error in the Frobenius norm.</summary>
    public static double Error(double[] expected, double[] actual)
    {
        double difference = 0;
        double square = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            square += expected[i] * expected[i];
        }

        return Math.Sqrt(difference / square);
    }
}
