using System.Numerics.Tensors;

namespace Thor.Bench.TileSize;

/// <summary>The largest eigenvalue of symmetric positive semidefinite matrices, by the method of Lanczos in double precision.</summary>
/// <remarks>
/// The Krylov space is kept orthogonal, so the tridiagonal matrix has no spurious eigenvalues; the largest of a positive
/// semidefinite matrix converges in a few dozen products whatever its dimension. All bounds are from below.
/// </remarks>
internal static class LargestEigenvalue
{
    private const int MostSteps = 128;
    private const double Tolerance = 1e-10;
    private const double Breakdown = 1e-14;

    /// <summary>Of the diagonal block of a matrix.</summary>
    /// <param name="matrix">Row by row, symmetric.</param>
    /// <param name="stride">Elements between rows.</param>
    /// <param name="first">First row and column of the block.</param>
    /// <param name="dimension">Rows and columns of the block.</param>
    /// <exception cref="ArithmeticException">The block is not finite.</exception>
    public static double Of(ReadOnlySpan<double> matrix, int stride, int first, int dimension)
    {
        int steps = Math.Min(MostSteps, dimension);
        double[] diagonal = new double[steps];
        double[] beside = new double[steps];
        List<double[]> basis = [Start(dimension)];
        double largest = 0;
        int calm = 0;
        for (int step = 0; step < steps; step++)
        {
            double[] vector = basis[step];
            double[] next = Product(matrix, stride, first, vector);
            diagonal[step] = TensorPrimitives.Dot<double>(next, vector);
            Orthogonalise(next, basis);
            double norm = TensorPrimitives.Norm<double>(next);
            double before = largest;
            largest = OfTridiagonal(diagonal.AsSpan(0, step + 1), beside);
            if (!double.IsFinite(largest) || !double.IsFinite(norm))
            {
                throw new ArithmeticException($"A factor is not finite in rows {first} to {first + dimension - 1}.");
            }

            // Twice, because one step may by chance add nothing.
            calm = largest - before <= Tolerance * largest ? calm + 1 : 0;
            if (calm == 2 || norm <= Breakdown * largest || step == steps - 1)
            {
                break;
            }

            beside[step] = norm;
            TensorPrimitives.Divide(next, norm, next);
            basis.Add(next);
        }

        return largest;
    }

    /// <summary>A unit vector that has a part along every eigenvector: the same numbers every time.</summary>
    private static double[] Start(int dimension)
    {
        Random random = new(dimension);
        double[] vector = new double[dimension];
        for (int i = 0; i < dimension; i++)
        {
            vector[i] = random.NextDouble() - 0.5;
        }

        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector), vector);
        return vector;
    }

    private static double[] Product(ReadOnlySpan<double> matrix, int stride, int first, double[] vector)
    {
        double[] product = new double[vector.Length];
        for (int i = 0; i < product.Length; i++)
        {
            product[i] = TensorPrimitives.Dot(matrix.Slice(((first + i) * stride) + first, vector.Length), vector);
        }

        return product;
    }

    private static void Orthogonalise(double[] vector, List<double[]> basis)
    {
        // The second pass removes what rounding left of the first.
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (double[] other in basis)
            {
                TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<double>(vector, other), vector, vector);
            }
        }
    }

    /// <summary>The largest eigenvalue of a symmetric tridiagonal matrix, by bisection.</summary>
    private static double OfTridiagonal(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> beside)
    {
        double low = 0;
        double high = 0;
        for (int i = 0; i < diagonal.Length; i++)
        {
            // Gershgorin, and the diagonal itself from below.
            double radius = (i > 0 ? beside[i - 1] : 0) + (i < diagonal.Length - 1 ? beside[i] : 0);
            low = Math.Max(low, diagonal[i]);
            high = Math.Max(high, diagonal[i] + radius);
        }

        while (high - low > Tolerance * 1e-3 * high)
        {
            double middle = low + ((high - low) / 2);
            if (middle <= low || middle >= high)
            {
                break;
            }

            if (HasAbove(diagonal, beside, middle))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return high;
    }

    /// <summary>Whether an eigenvalue is above a number: one of the pivots of number I - matrix is then negative.</summary>
    private static bool HasAbove(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> beside, double number)
    {
        double pivot = number - diagonal[0];
        for (int i = 1; i < diagonal.Length && pivot > 0; i++)
        {
            pivot = number - diagonal[i] - (beside[i - 1] * beside[i - 1] / pivot);
        }

        return !(pivot > 0);
    }
}
