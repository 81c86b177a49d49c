using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Inverses of damped symmetric positive definite tiles.</summary>
public static unsafe class TileInverse
{
    /// <summary>Status of a tile whose read triangle, or whose damping, is not finite.</summary>
    public const int NotFinite = -1;

    /// <summary>Status of a tile so ill conditioned that its inverse has no correct digit.</summary>
    public const int Hopeless = -2;

    /// <summary>A tile is hopeless when the product of its 1-norm, that of its inverse and the unit roundoff exceeds this.</summary>
    public const double ConditionLimit = 4;

    /// <summary>destination tile = (source tile + damping I)^-1 for every slot; reads upper triangles only.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="source">Packed tiles.</param>
    /// <param name="destination">Packed tiles, may be the source; a tile that fails is not written.</param>
    /// <param name="slots">Which tiles.</param>
    /// <param name="status">Per slot 0, the order of the first bad minor, <see cref="NotFinite"/> or <see cref="Hopeless"/>.</param>
    public static void Invert<T>(T* source, T* destination, ReadOnlySpan<TileSlot> slots, Span<int> status)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int slot = 0; slot < slots.Length; slot++)
        {
            int n = slots[slot].Dimension;
            T[] scratch = new T[2 * n * n];
            fixed (T* s = scratch)
            {
                status[slot] = Invert(source + slots[slot].Offset, destination + slots[slot].Offset, n, slots[slot].Damping, s, s + (n * n));
            }
        }
    }

    private static int Invert<T>(T* source, T* destination, int n, double damping, T* s, T* x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A power of two brings the largest diagonal element near 1, so that no square overflows or is lost; it is exact.
        double largest = double.IsFinite(damping) ? 0 : double.NaN;
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                double value = double.CreateTruncating(source[(i * n) + j]);
                largest = double.IsFinite(value) ? Math.Max(largest, Math.Abs(value + (i == j ? damping : 0))) : double.NaN;
            }
        }

        if (!double.IsFinite(largest))
        {
            return NotFinite;
        }

        // Clamped so that the factor itself is a normal number in float.
        double power = largest == 0 ? 1 : Math.ScaleB(1, Math.Clamp(-Math.ILogB(largest), -126, 126));
        T scale = T.CreateTruncating(power);
        T shift = T.CreateTruncating(damping * power);
        double[] sums = new double[n];
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                T value = (source[(i * n) + j] * scale) + (i == j ? shift : T.Zero);
                s[(i * n) + j] = value;
                double size = Math.Abs(double.CreateTruncating(value));
                sums[i] += size;
                sums[j] += i == j ? 0 : size;
            }
        }

        double norm = Largest(sums);

        // Above the diagonal: U of the factorisation U^T U. On and below it: X = (U^T)^-1.
        for (int k = 0; k < n; k++)
        {
            T* row = s + (k * n);
            for (int above = 0; above < k; above++)
            {
                T* history = s + (above * n);
                T factor = history[k];
                for (int j = 0; j < n; j++)
                {
                    // X is lower triangular, so columns right of the diagonal of its row take the row of U instead.
                    if (j <= above || j >= k)
                    {
                        row[j] = (above == j && j < k ? T.Zero : row[j]) - (factor * history[j]);
                    }
                }
            }

            T pivot = row[k];
            if (!(pivot > T.Zero && T.IsFinite(pivot)))
            {
                return k + 1;
            }

            T reciprocal = T.One / T.Sqrt(pivot);
            for (int j = 0; j < n; j++)
            {
                row[j] *= reciprocal;
            }

            row[k] = reciprocal;
        }

        Array.Clear(sums);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                T sum = T.Zero;
                for (int k = i; k < n; k++)
                {
                    sum += s[(k * n) + i] * s[(k * n) + j];
                }

                double size = Math.Abs(double.CreateTruncating(sum));
                sums[i] += size;
                sums[j] += i == j ? 0 : size;
                x[(i * n) + j] = sum * scale;
            }
        }

        double epsilon = double.CreateTruncating(T.BitIncrement(T.One) - T.One) / 2;
        if (!(norm * Largest(sums) * epsilon <= ConditionLimit))
        {
            return Hopeless;
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                destination[(i * n) + j] = x[(i * n) + j];
                destination[(j * n) + i] = x[(i * n) + j];
            }
        }

        return 0;
    }

    private static double Largest(double[] values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = value > largest || double.IsNaN(value) ? value : largest;
        }

        return largest;
    }
}
