using System.Numerics;
using System.Numerics.Tensors;

namespace Thor.Kernels.Host;

/// <summary>The eigendecomposition of one tile, in scratch memory of the calling thread.</summary>
/// <remarks>
/// Three stages (Golub and Van Loan, Matrix Computations, section 8.3): reflections take the tile to a tridiagonal matrix T, A = Q T Q^T; their
/// product Q is formed, transposed; implicit QL steps with Wilkinson's shift take T to its eigenvalues and rotate rows of Q^T into eigenvectors.
/// T is float64 throughout, everything of n^2 elements has the element type. All long loops run along rows.
/// The tile is scaled by a power of two, and elements far below the rounding of the largest become zeros, as <see cref="TileInverse"/> does.
/// </remarks>
internal readonly unsafe struct TileSpectrum<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int MostSteps = 60;
    private static readonly double Roundoff = double.CreateTruncating(T.BitIncrement(T.One) - T.One) / 2;
    private readonly int _n;
    private readonly int _stride;
    private readonly T* _a;
    private readonly T* _w;
    private readonly T* _image;

    public TileSpectrum(int n)
    {
        _n = n;
        _stride = TileScratch.Stride(n);
        long square = (long)n * _stride;
        _a = TileScratch.Get<T>((2 * square) + _stride);
        _w = _a + square;
        _image = _w + square;
    }

    /// <summary>Writes eigenvectors and eigenvalues and returns 0, or returns another status and writes nothing.</summary>
    public int Run(T* source, T* vectors, T* values, double damping)
    {
        double largest = Largest(source);
        if (!double.IsFinite(largest + damping))
        {
            return TileEigen.NotFinite;
        }

        // Clamped so that the scale itself is a normal float.
        double power = largest == 0 ? 1 : Math.ScaleB(1, Math.Clamp(-Math.ILogB(largest), -126, 126));
        Load(source, T.CreateTruncating(power));
        double* diagonal = stackalloc double[_n];
        double* beside = stackalloc double[_n];
        double* factors = stackalloc double[_n];
        Reduce(diagonal, beside, factors);
        Accumulate(factors);
        if (!Iterate(diagonal, beside))
        {
            return TileEigen.NotConverged;
        }

        Store(diagonal, vectors, values, 1 / power, damping);
        return 0;
    }

    /// <summary>The largest magnitude of the upper triangle; infinite if an element is not finite.</summary>
    private double Largest(T* source)
    {
        T largest = T.Zero;
        for (int i = 0; i < _n; i++)
        {
            // Not a number where there is one.
            largest = T.Max(largest, T.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<T>(source + (i * _n) + i, _n - i))));
        }

        return T.IsFinite(largest) ? double.CreateTruncating(largest) : double.PositiveInfinity;
    }

    private void Load(T* source, T scale)
    {
        T floor = T.CreateTruncating(Roundoff * Roundoff);
        for (int i = 0; i < _n; i++)
        {
            T* row = _a + (i * _stride);
            TensorPrimitives.Multiply(new ReadOnlySpan<T>(source + (i * _n) + i, _n - i), scale, new Span<T>(row + i, _n - i));
            TileFlush.Run(row + i, _n - i, floor);
            for (int j = i + 1; j < _n; j++)
            {
                _a[(j * _stride) + i] = row[j];
            }
        }
    }

    /// <summary>
    /// A = Q T Q^T with Q = H_0 H_1 ..., H_k = I - f_k v v^T. Row k of A keeps v, from column k + 1 on; f_k is 0 where nothing had to be
    /// reflected.
    /// </summary>
    private void Reduce(double* diagonal, double* beside, double* factors)
    {
        // What is shorter than the floor of elements is rounding of rounding, and its factor may be beyond the range of floats.
        T floor = T.CreateTruncating(Roundoff * Roundoff * Roundoff * Roundoff);
        for (int k = 0; k < _n; k++)
        {
            diagonal[k] = double.CreateTruncating(_a[(k * _stride) + k]);
            beside[k] = 0;
            factors[k] = 0;
            int m = _n - k - 1;
            if (m == 0)
            {
                return;
            }

            Span<T> v = new(_a + (k * _stride) + k + 1, m);
            T below = m == 1 ? T.Zero : TensorPrimitives.SumOfSquares<T>(v[1..]);
            if (below <= floor)
            {
                beside[k] = double.CreateTruncating(v[0]);
                continue;
            }

            // The sign that does not cancel.
            double head = double.CreateTruncating(v[0]);
            double norm = Math.Sqrt((head * head) + double.CreateTruncating(below));
            beside[k] = head > 0 ? -norm : norm;
            v[0] = T.CreateTruncating(head - beside[k]);
            double own = double.CreateTruncating(v[0]);
            factors[k] = 2 / ((own * own) + double.CreateTruncating(below));
            Reflect(v, k + 1, T.CreateTruncating(factors[k]));
        }
    }

    /// <summary>H B H = B - v w^T - w v^T for the square B from an index on, with p = f B v and w = p - f/2 (p . v) v.</summary>
    private void Reflect(Span<T> v, int first, T factor)
    {
        int m = v.Length;
        Span<T> w = new(_image, m);
        for (int i = 0; i < m; i++)
        {
            w[i] = factor * TensorPrimitives.Dot(Row(_a, first, i, m), v);
        }

        T half = factor * TensorPrimitives.Dot<T>(w, v) / T.CreateTruncating(2);
        TensorPrimitives.MultiplyAdd(v, -half, w, w);
        for (int i = 0; i < m; i++)
        {
            Span<T> row = Row(_a, first, i, m);
            TensorPrimitives.MultiplyAdd(w, -v[i], row, row);
            TensorPrimitives.MultiplyAdd(v, -w[i], row, row);
        }
    }

    /// <summary>Q^T, from the last reflection on: until H_k is applied, rows and columns up to k + 1 are those of the identity.</summary>
    private void Accumulate(double* factors)
    {
        for (int i = 0; i < _n; i++)
        {
            T* row = _w + (i * _stride);
            new Span<T>(row, _n).Clear();
            row[i] = T.One;
        }

        for (int k = _n - 1; k >= 0; k--)
        {
            if (factors[k] != 0)
            {
                int m = _n - k - 1;
                Span<T> v = new(_a + (k * _stride) + k + 1, m);
                T factor = -T.CreateTruncating(factors[k]);
                for (int i = 0; i < m; i++)
                {
                    Span<T> row = Row(_w, k + 1, i, m);
                    TensorPrimitives.MultiplyAdd(v, factor * TensorPrimitives.Dot<T>(row, v), row, row);
                }
            }
        }
    }

    /// <summary>Takes T to its eigenvalues, one after the other from the top, by chasing the bulge of a shifted step upwards.</summary>
    private bool Iterate(double* diagonal, double* beside)
    {
        double tiny = Roundoff * Roundoff;
        for (int top = 0; top < _n; top++)
        {
            for (int step = 0; ; step++)
            {
                int end = top;
                while (end < _n - 1 && Math.Abs(beside[end]) > (Roundoff * (Math.Abs(diagonal[end]) + Math.Abs(diagonal[end + 1]))) + tiny)
                {
                    end++;
                }

                if (end == top)
                {
                    break;
                }

                if (step == MostSteps)
                {
                    return false;
                }

                Chase(diagonal, beside, top, end);
            }
        }

        return true;
    }

    /// <summary>One QL step on rows top to end, which nothing couples to those below.</summary>
    private void Chase(double* diagonal, double* beside, int top, int end)
    {
        // The eigenvalue of the leading 2 x 2 block that is nearer to its first element.
        double half = (diagonal[top + 1] - diagonal[top]) / (2 * beside[top]);
        double shift = diagonal[top] - (beside[top] / (half + Math.CopySign(double.Hypot(half, 1), half)));
        double bulge = diagonal[end] - shift;
        double cosine = 1;
        double sine = 1;
        double moved = 0;
        for (int i = end - 1; i >= top; i--)
        {
            double outer = sine * beside[i];
            double inner = cosine * beside[i];
            double length = double.Hypot(outer, bulge);
            beside[i + 1] = length;
            if (length == 0)
            {
                // The matrix has come apart in the middle: what is above is taken up by the next step.
                diagonal[i + 1] -= moved;
                beside[end] = 0;
                return;
            }

            sine = outer / length;
            cosine = bulge / length;
            double rest = diagonal[i + 1] - moved;
            double change = ((diagonal[i] - rest) * sine) + (2 * cosine * inner);
            moved = sine * change;
            diagonal[i + 1] = rest + moved;
            bulge = (cosine * change) - inner;
            Rotate(_w + (i * _stride), T.CreateTruncating(cosine), T.CreateTruncating(sine));
        }

        diagonal[top] -= moved;
        beside[top] = bulge;
        beside[end] = 0;
    }

    /// <summary>(x, y) = (c x - s y, s x + c y) for a row x and the one below it.</summary>
    private void Rotate(T* x, T cosine, T sine)
    {
        T* y = x + _stride;
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= _n - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T> above = *(Vector<T>*)(x + i);
                Vector<T> under = *(Vector<T>*)(y + i);
                *(Vector<T>*)(x + i) = (above * cosine) - (under * sine);
                *(Vector<T>*)(y + i) = (above * sine) + (under * cosine);
            }
        }

        for (; i < _n; i++)
        {
            (x[i], y[i]) = ((x[i] * cosine) - (y[i] * sine), (x[i] * sine) + (y[i] * cosine));
        }
    }

    /// <summary>Sorted and signed, rows become columns; A is free by now.</summary>
    private void Store(double* diagonal, T* vectors, T* values, double scale, double damping)
    {
        Span<double> sorted = new(diagonal, _n);
        Span<int> order = stackalloc int[_n];
        for (int i = 0; i < _n; i++)
        {
            order[i] = i;
        }

        sorted.Sort(order);
        for (int i = 0; i < _n; i++)
        {
            values[i] = T.CreateTruncating((sorted[i] * scale) + damping);
            ReadOnlySpan<T> row = new(_w + (order[i] * _stride), _n);
            Span<T> target = new(_a + (i * _stride), _n);
            int head = 0;
            for (int j = 1; j < _n; j++)
            {
                head = T.Abs(row[j]) > T.Abs(row[head]) ? j : head;
            }

            if (row[head] < T.Zero)
            {
                TensorPrimitives.Negate(row, target);
            }
            else
            {
                row.CopyTo(target);
            }
        }

        TileTranspose.Run(_a, _stride, vectors, _n, _n, _n);
    }

    /// <summary>Part of a row of a square that starts on the diagonal.</summary>
    private Span<T> Row(T* square, int first, int index, int length) => new(square + ((nint)(first + index) * _stride) + first, length);
}
