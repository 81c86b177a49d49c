namespace Thor.Tests.Kernels;

/// <summary>Symmetric positive definite matrices of many kinds, row-major in float64.</summary>
internal static class TileFamilies
{
    /// <summary>Families by name; kappa is the condition number or, for low rank, the inverse of the relative damping.</summary>
    public static double[] Make(string family, int n, double kappa, int seed) => family switch
    {
        "spectrum" => Spectrum(n, kappa, seed),
        "low rank" => LowRank(n, Math.Max(1, n / 8), 1 / kappa, seed),
        "diagonal" => Diagonal(n, kappa),
        "tridiagonal" => Tridiagonal(n),
        "duplicates" => Duplicates(n, 1 / kappa, seed),
        _ => throw new ArgumentException($"There is no family '{family}'.", nameof(family)),
    };

    /// <summary>2 on the diagonal, -1 beside it; the inverse is (min + 1)(n - max) / (n + 1).</summary>
    public static double[] Tridiagonal(int n)
    {
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] = 2;
            if (i > 0)
            {
                a[(i * n) + i - 1] = a[((i - 1) * n) + i] = -1;
            }
        }

        return a;
    }

    /// <summary>Eigenvalues evenly spaced in the logarithm between 1 / kappa and 1, random eigenvectors.</summary>
    private static double[] Spectrum(int n, double kappa, int seed)
    {
        double[] a = Diagonal(n, kappa);
        System.Random random = new(seed);
        double[] v = new double[n];
        for (int reflection = 0; reflection < 3; reflection++)
        {
            double square = 0;
            for (int i = 0; i < n; i++)
            {
                v[i] = random.NextDouble() - 0.5;
                square += v[i] * v[i];
            }

            Reflect(a, v, 2 / square, n, 1, n);
            Reflect(a, v, 2 / square, 1, n, n);
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
            {
                a[(i * n) + j] = a[(j * n) + i];
            }
        }

        return a;
    }

    private static double[] LowRank(int n, int rank, double damping, int seed)
    {
        System.Random random = new(seed);
        double[] a = new double[n * n];
        double[] v = new double[n];
        for (int k = 0; k < rank; k++)
        {
            for (int i = 0; i < n; i++)
            {
                v[i] = random.NextDouble() - 0.5;
            }

            AddOuter(a, v, n);
        }

        return Damped(a, damping, n);
    }

    private static double[] Duplicates(int n, double damping, int seed)
    {
        System.Random random = new(seed);
        double[] a = new double[n * n];
        double[] v = new double[n];
        for (int k = 0; k < 2 * n; k++)
        {
            for (int i = 0; i < n; i++)
            {
                v[i] = i % 2 == 1 ? v[i - 1] : random.NextDouble() - 0.5;
            }

            AddOuter(a, v, n);
        }

        return Damped(a, damping, n);
    }

    private static double[] Diagonal(int n, double kappa)
    {
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] = Math.Pow(kappa, n == 1 ? 0 : -(double)i / (n - 1));
        }

        return a;
    }

    private static double[] Damped(double[] a, double damping, int n)
    {
        double trace = 0;
        for (int i = 0; i < n; i++)
        {
            trace += a[(i * n) + i];
        }

        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] += damping * trace / n;
        }

        return a;
    }

    private static void AddOuter(double[] a, double[] v, int n)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                a[(i * n) + j] += v[i] * v[j];
            }
        }
    }

    /// <summary>Reflects every vector of the matrix along one axis: x -= factor (v . x) v.</summary>
    private static void Reflect(double[] a, double[] v, double factor, int along, int across, int n)
    {
        for (int vector = 0; vector < n; vector++)
        {
            double dot = 0;
            for (int i = 0; i < n; i++)
            {
                dot += v[i] * a[(vector * across) + (i * along)];
            }

            for (int i = 0; i < n; i++)
            {
                a[(vector * across) + (i * along)] -= factor * dot * v[i];
            }
        }
    }
}
