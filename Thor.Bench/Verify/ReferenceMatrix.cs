using Thor.Engine;

namespace Thor.Bench.Verify;

/// <summary>
/// A matrix in double precision, with plain loops for every operation: nothing of the engine takes part in what it is held against.
/// </summary>
internal sealed class ReferenceMatrix
{
    private readonly double[] _elements;

    public ReferenceMatrix(int rows, int columns)
        : this(rows, columns, new double[rows * columns])
    {
    }

    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="elements">Row by row; kept, not copied.</param>
    public ReferenceMatrix(int rows, int columns, double[] elements)
    {
        if (elements.Length != rows * columns)
        {
            throw new ArgumentException($"A matrix of {rows} x {columns} has {rows * columns} elements, not {elements.Length}.", nameof(elements));
        }

        Rows = rows;
        Columns = columns;
        _elements = elements;
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Row by row.</summary>
    public double[] Elements => _elements;

    public double this[int row, int column]
    {
        get => _elements[(row * Columns) + column];
        set => _elements[(row * Columns) + column] = value;
    }

    public static ReferenceMatrix operator *(double scale, ReferenceMatrix matrix) =>
        new(matrix.Rows, matrix.Columns, Array.ConvertAll(matrix._elements, value => scale * value));

    public static ReferenceMatrix operator +(ReferenceMatrix a, ReferenceMatrix b) =>
        new(a.Rows, a.Columns, [.. a._elements.Zip(b._elements, static (x, y) => x + y)]);

    public static ReferenceMatrix operator *(ReferenceMatrix a, ReferenceMatrix b)
    {
        ReferenceMatrix product = new(a.Rows, b.Columns);
        for (int i = 0; i < a.Rows; i++)
        {
            for (int k = 0; k < a.Columns; k++)
            {
                for (int j = 0; j < b.Columns; j++)
                {
                    product[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return product;
    }

    /// <summary>A host tensor as a matrix whose columns are the last axis, or with that many columns.</summary>
    public static ReferenceMatrix Of(Tensor tensor, int? columns = null)
    {
        double[] elements = tensor.Cast(DType.Float64).ToArray<double>();
        int width = columns ?? tensor.Shape[-1];
        return new ReferenceMatrix(elements.Length / width, width, elements);
    }

    public static ReferenceMatrix Identity(int dimension)
    {
        ReferenceMatrix identity = new(dimension, dimension);
        for (int i = 0; i < dimension; i++)
        {
            identity[i, i] = 1;
        }

        return identity;
    }

    public ReferenceMatrix Transpose()
    {
        ReferenceMatrix transpose = new(Columns, Rows);
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Columns; j++)
            {
                transpose[j, i] = this[i, j];
            }
        }

        return transpose;
    }

    /// <summary>X^T X / rows: the mean over rows of x x^T.</summary>
    public ReferenceMatrix SecondMoment() => 1.0 / Rows * (Transpose() * this);

    /// <summary>One more column, of ones.</summary>
    public ReferenceMatrix WithOnes() => Beside([.. Enumerable.Repeat(1.0, Rows)]);

    /// <summary>One more column.</summary>
    public ReferenceMatrix Beside(double[] column)
    {
        ReferenceMatrix wide = new(Rows, Columns + 1);
        for (int i = 0; i < Rows; i++)
        {
            Array.Copy(_elements, i * Columns, wide._elements, i * wide.Columns, Columns);
            wide[i, Columns] = column[i];
        }

        return wide;
    }

    /// <summary>Everything off the diagonal tiles set to zero.</summary>
    public ReferenceMatrix Masked(int tileSize)
    {
        ReferenceMatrix masked = new(Rows, Columns);
        for (int i = 0; i < Rows; i++)
        {
            for (int j = i / tileSize * tileSize; j < Math.Min(Columns, ((i / tileSize) + 1) * tileSize); j++)
            {
                masked[i, j] = this[i, j];
            }
        }

        return masked;
    }

    /// <summary>The Kronecker product: block (i, j) is this[i, j] times the other.</summary>
    public ReferenceMatrix Kronecker(ReferenceMatrix other)
    {
        ReferenceMatrix product = new(Rows * other.Rows, Columns * other.Columns);
        for (int i = 0; i < product.Rows; i++)
        {
            for (int j = 0; j < product.Columns; j++)
            {
                product[i, j] = this[i / other.Rows, j / other.Columns] * other[i % other.Rows, j % other.Columns];
            }
        }

        return product;
    }

    /// <summary>This plus a multiple of the identity.</summary>
    public ReferenceMatrix Damped(double damping) => this + (damping * Identity(Rows));

    /// <summary>The inverse, by Gauss and Jordan with the largest pivot of each column.</summary>
    /// <exception cref="ArithmeticException">The matrix is singular.</exception>
    public ReferenceMatrix Inverse()
    {
        ReferenceMatrix left = new(Rows, Columns, (double[])_elements.Clone());
        ReferenceMatrix right = Identity(Rows);
        for (int column = 0; column < Columns; column++)
        {
            int pivot = column;
            for (int i = column + 1; i < Rows; i++)
            {
                pivot = Math.Abs(left[i, column]) > Math.Abs(left[pivot, column]) ? i : pivot;
            }

            double value = left[pivot, column];
            if (value == 0 || !double.IsFinite(value))
            {
                throw new ArithmeticException($"A matrix of {Rows} x {Columns} is singular in column {column}.");
            }

            left.Swap(pivot, column);
            right.Swap(pivot, column);
            left.Subtract(column, 1 - (1 / value), column);
            right.Subtract(column, 1 - (1 / value), column);
            for (int i = 0; i < Rows; i++)
            {
                double factor = left[i, column];
                if (i != column && factor != 0)
                {
                    left.Subtract(i, factor, column);
                    right.Subtract(i, factor, column);
                }
            }
        }

        return right;
    }

    /// <summary>Largest magnitude.</summary>
    public double Largest() => _elements.Max(Math.Abs);

    /// <summary>Sum of squares, square root.</summary>
    public double FrobeniusNorm() => Math.Sqrt(_elements.Sum(static value => value * value));

    private void Swap(int a, int b)
    {
        for (int j = 0; a != b && j < Columns; j++)
        {
            (this[a, j], this[b, j]) = (this[b, j], this[a, j]);
        }
    }

    /// <summary>row = row - factor * source.</summary>
    private void Subtract(int row, double factor, int source)
    {
        for (int j = 0; j < Columns; j++)
        {
            this[row, j] -= factor * this[source, j];
        }
    }
}
