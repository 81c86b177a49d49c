using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace Thor.Kernels.Host;

/// <summary>The inversion of one tile, in scratch memory of the calling thread.</summary>
/// <remarks>
/// One square of scratch S, padded with ones on the diagonal to whole blocks of 16, goes through three states, block row by
/// block row, and every product is c (+)= P^T Q with both operands row-major:
/// 1. the scaled, damped tile above the diagonal;
/// 2. above the diagonal U of the factorisation U^T U, on and below it X = (U^T)^-1. Block row K becomes, in both parts,
///    X_KK (S_KJ - sum over k above K of S_kK^T S_kJ), where S_KJ counts as 0 left of the diagonal;
/// 3. on and below the diagonal the inverse X^T X, whose block row I needs only rows of X from I on and so may replace them
///    from the top.
/// The scale is a power of two, thus exact, and keeps squares and reciprocals in range. Elements that are far below the
/// rounding error of the largest, as late in training the products of vanishing gradients are, become zeros: as subnormal
/// numbers they and what is multiplied by them would cost a hundred cycles each.
/// </remarks>
internal readonly unsafe struct TileInversion<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Block = 16;
    private static readonly double Roundoff = double.CreateTruncating(T.BitIncrement(T.One) - T.One) / 2;
    private readonly int _n;
    private readonly int _padded;
    private readonly int _stride;
    private readonly T* _s;
    private readonly T* _pivotTransposed;

    public TileInversion(int n)
    {
        _n = n;
        _padded = (n + Block - 1) & ~(Block - 1);
        _stride = TileScratch.Stride(_padded);
        _s = TileScratch.Get<T>(((long)_padded * _stride) + (Block * Block));
        _pivotTransposed = _s + ((long)_padded * _stride);
    }

    /// <summary>Writes the inverse and returns 0, or returns another status and writes nothing.</summary>
    public int Run(T* source, T* destination, double damping)
    {
        double largest = 0;
        for (int i = 0; i < _n; i++)
        {
            double value = double.CreateTruncating(source[(i * _n) + i]) + damping;
            largest = double.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : double.PositiveInfinity;
        }

        if (!double.IsFinite(largest))
        {
            return TileInverse.NotFinite;
        }

        // Clamped so that the scale itself is a normal float.
        double power = largest == 0 ? 1 : Math.ScaleB(1, Math.Clamp(-Math.ILogB(largest), -126, 126));
        T scale = T.CreateTruncating(power);
        Load(source, scale, T.CreateTruncating(damping * power));
        for (int row = 0; row < _padded; row += Block)
        {
            int bad = Factor(row);
            if (bad != 0)
            {
                // Anything that is not finite spoils a pivot, so only tiles with a bad pivot need to be searched for it.
                return Finite(source) ? bad : TileInverse.NotFinite;
            }
        }

        Square();
        if (!Trustworthy(source, scale, largest * power, damping * power))
        {
            return TileInverse.Hopeless;
        }

        T floor = T.CreateTruncating(Top() * Roundoff * Roundoff * Roundoff);

        for (int i = 0; i < _n; i++)
        {
            T* row = _s + (i * _stride);
            TileFlush.Run(row, i, floor);
            TensorPrimitives.Multiply(new ReadOnlySpan<T>(row, i + 1), scale, new Span<T>(destination + (i * _n), i + 1));
        }

        TileTranspose.MirrorLower(destination, _n, _n);
        return 0;
    }

    private void Load(T* source, T scale, T shift)
    {
        // The largest element of the diagonal is between 1 and 2 now.
        T floor = T.CreateTruncating(Roundoff * Roundoff);
        for (int i = 0; i < _n; i++)
        {
            T* row = _s + (i * _stride);
            int block = i & ~(Block - 1);
            new Span<T>(row + block, i - block).Clear();
            TensorPrimitives.Multiply(new ReadOnlySpan<T>(source + (i * _n) + i, _n - i), scale, new Span<T>(row + i, _n - i));
            TileFlush.Run(row + i + 1, _n - i - 1, floor);
            new Span<T>(row + _n, _padded - _n).Clear();
            row[i] += shift;
        }

        for (int i = _n; i < _padded; i++)
        {
            T* row = _s + (i * _stride);
            int block = i & ~(Block - 1);
            new Span<T>(row + block, _padded - block).Clear();
            row[i] = T.One;
        }
    }

    /// <summary>Takes the block row that starts here to its second state.</summary>
    /// <returns>0, or the order of the first minor that is not positive.</returns>
    private int Factor(int first)
    {
        T* column = _s + first;
        T* panel = _s + ((long)first * _stride);
        T* diagonal = panel + first;
        if (first > 0)
        {
            TileMultiply.Run(column, _stride, column, _stride, diagonal, _stride, Block, Block, first, T.NegativeOne, accumulate: true);
        }

        int good = TilePivot.Run(diagonal, _stride, _pivotTransposed);
        if (good < Block)
        {
            return first + good + 1;
        }

        int right = _padded - first - Block;
        if (right > 0)
        {
            if (first > 0)
            {
                TileMultiply.Run(
                    column, _stride, column + Block, _stride, diagonal + Block, _stride, Block, right, first, T.NegativeOne, accumulate: true);
            }

            Solve(diagonal + Block, right);
        }

        if (first > 0)
        {
            Left(first);
            Solve(panel, first);
        }

        return 0;
    }

    /// <summary>Left of the diagonal X begins: three blocks at a time, which share all rows but the first few.</summary>
    private void Left(int first)
    {
        T* panel = _s + ((long)first * _stride);
        for (int start = 0; start < first; start += 3 * Block)
        {
            int width = Math.Min(3 * Block, first - start);
            int common = start + width - Block;
            TileMultiply.Run(
                _s + (common * _stride) + first, _stride, _s + (common * _stride) + start, _stride, panel + start, _stride, Block, width, first - common, T.NegativeOne);
            for (int head = start; head < common; head += Block)
            {
                TileMultiply.Run(
                    _s + (head * _stride) + first, _stride, _s + (head * _stride) + head, _stride, panel + head, _stride, Block, Block, common - head, T.NegativeOne, accumulate: true);
            }
        }
    }

    /// <summary>columns = X_KK columns, in place: rows from the bottom up, since each needs only those above it.</summary>
    private void Solve(T* columns, int count)
    {
        for (int row = Block - 4; row >= 0; row -= 4)
        {
            TileMultiply.Run(_pivotTransposed + row, Block, columns, _stride, columns + (row * _stride), _stride, 4, count, row + 4, T.One);
        }
    }

    private void Square()
    {
        int height = TileMultiply.Height<T>();
        for (int row = 0; row < _padded; row += height)
        {
            T* rows = _s + ((long)row * _stride);
            TileMultiply.Run(rows + row, _stride, rows, _stride, rows, _stride, height, (row & ~(Block - 1)) + Block, _padded - row, T.One);
        }
    }

    private bool Finite(T* source)
    {
        for (int i = 0; i < _n; i++)
        {
            for (int j = i; j < _n; j++)
            {
                if (!T.IsFinite(source[(i * _n) + j]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>
    /// Whether the inverse can be written: in range, and not hopelessly conditioned. No element of a positive definite matrix
    /// exceeds the largest on its diagonal, so that most tiles need no norms.
    /// </summary>
    private bool Trustworthy(T* source, T scale, double largest, double shift)
    {
        double top = Top();
        if (!T.IsFinite(T.CreateTruncating(top) * scale))
        {
            return false;
        }

        return (double)_n * _n * largest * top * Roundoff <= TileInverse.ConditionLimit
            || Norm(source, _n, 1, double.CreateTruncating(scale), shift) * Norm(_s, 1, _stride, 1, 0) * Roundoff <= TileInverse.ConditionLimit;
    }

    /// <summary>Largest element on the diagonal; not a number if one is not.</summary>
    private double Top()
    {
        double top = 0;
        for (int i = 0; i < _n; i++)
        {
            double value = double.CreateTruncating(_s[(i * _stride) + i]);
            top = value <= top ? top : value;
        }

        return top;
    }

    /// <summary>Largest column sum of magnitudes of a symmetric matrix given by the elements with i at most j.</summary>
    private double Norm(T* matrix, nint iStride, nint jStride, double scale, double shift)
    {
        double[] sums = ArrayPool<double>.Shared.Rent(_n);
        Array.Clear(sums, 0, _n);
        for (int i = 0; i < _n; i++)
        {
            sums[i] += Math.Abs((double.CreateTruncating(matrix[(i * iStride) + (i * jStride)]) * scale) + shift);
            for (int j = i + 1; j < _n; j++)
            {
                double size = Math.Abs(double.CreateTruncating(matrix[(i * iStride) + (j * jStride)]) * scale);
                sums[i] += size;
                sums[j] += size;
            }
        }

        double norm = TensorPrimitives.Max(new ReadOnlySpan<double>(sums, 0, _n));
        ArrayPool<double>.Shared.Return(sums);
        return norm;
    }
}
