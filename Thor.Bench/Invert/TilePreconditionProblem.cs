namespace Thor.Bench.Invert;

/// <summary>The blocks of one layer's gradient, in as square an arrangement as the batch allows, between symmetric tiles.</summary>
internal sealed class TilePreconditionProblem : TileProblem
{
    /// <summary>What is counted.</summary>
    public const string Counted =
        "precondition: L g R for each of the batch's n x n blocks of one layer's gradient, which has as many rows as columns of blocks where the batch allows. "
        + "4 n^3 operations a block; bytes are those of the gradient, the result and all tiles, each once. thor+update moves parameters with momentum along L g R in the same pass, "
        + "'thor, update' in a pass of its own; both are counted as the product alone.";

    private readonly float[][] _tiles;
    private readonly float[][] _gradients;

    public TilePreconditionProblem(int dimension)
        : base(dimension)
    {
        _tiles = [.. Enumerable.Range(1, Templates).Select(seed => Normal(dimension * dimension, seed))];
        foreach (float[] tile in _tiles)
        {
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    tile[(i * dimension) + j] = tile[(j * dimension) + i];
                }
            }
        }

        _gradients = [.. Enumerable.Range(1 + Templates, Templates).Select(seed => Normal(dimension * dimension, seed))];
    }

    /// <summary>Rows of blocks.</summary>
    public int Down
    {
        get
        {
            int down = (int)Math.Sqrt(Batch);
            while (Batch % down != 0)
            {
                down--;
            }

            return down;
        }
    }

    /// <summary>Columns of blocks.</summary>
    public int Across => Batch / Down;

    /// <summary>Columns of the gradient.</summary>
    public int Columns => Across * Dimension;

    public override TilePrimitive Primitive => TilePrimitive.Precondition;

    public override IReadOnlyList<TileOperand> Operands => [new(Down, (long)Dimension * Dimension), new(Across, (long)Dimension * Dimension), Output];

    public override TileOperand Output => new(Down * Dimension, (long)Across * Dimension);

    public override double Operations => 4.0 * Batch * Dimension * Dimension * Dimension;

    public override int Units => Down;

    protected override bool IsSymmetric => false;

    public override void FillRow(int operand, int row, Span<float> destination)
    {
        if (operand < 2)
        {
            _tiles[(row + operand) % Templates].CopyTo(destination);
            return;
        }

        int down = row / Dimension;
        int blocks = Across;
        for (int across = 0; across < blocks; across++)
        {
            Gradient(down, across).AsSpan(row % Dimension * Dimension, Dimension).CopyTo(destination[(across * Dimension)..]);
        }
    }

    public override long RowOffset(int tile, int row)
    {
        (int down, int across) = Math.DivRem(tile, Across);
        return ((((long)down * Dimension) + row) * Columns) + ((long)across * Dimension);
    }

    protected override (double Ratio, double Error, double Limit, double ErrorLimit) Measure(int tile, double[] result)
    {
        int down = tile / Across;
        int across = tile % Across;
        double[] left = Array.ConvertAll(_tiles[down % Templates], static value => (double)value);
        double[] right = Array.ConvertAll(_tiles[(across + 1) % Templates], static value => (double)value);
        double[] gradient = Array.ConvertAll(Gradient(down, across), static value => (double)value);
        double[] exact = Multiply(Multiply(left, gradient), right);
        double[] magnitudes = Multiply(Multiply(Magnitudes(left), Magnitudes(gradient)), Magnitudes(right));
        return MeasureSum(result, exact, magnitudes, (2 * Dimension) + 1);
    }

    private static double[] Magnitudes(double[] matrix) => Array.ConvertAll(matrix, Math.Abs);

    private float[] Gradient(int down, int across) => _gradients[(down + across) % Templates];

    private double[] Multiply(double[] a, double[] b)
    {
        int n = Dimension;
        double[] c = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                double factor = a[(i * n) + k];
                for (int j = 0; j < n; j++)
                {
                    c[(i * n) + j] += factor * b[(k * n) + j];
                }
            }
        }

        return c;
    }
}
