using Thor.Bench.Runs;
using Thor.Kernels;

namespace Thor.Bench.Invert;

/// <summary>The diagonal tiles of one X^T X / rows, with X as wide as the batch.</summary>
internal sealed class TileCovarianceProblem : TileProblem
{
    /// <summary>What is counted.</summary>
    public const string Counted =
        "covariance: diagonal tiles of X^T X / rows for one row-major X of 512 rows and batch x n columns, scale fused, full symmetric tiles written. "
        + "rows n (n + 1) operations (a triangle) and 4 (rows n + n^2) bytes a tile. Peers write one triangle.";

    /// <summary>Rows of X.</summary>
    public const int Rows = 512;

    // Roundings of an element: of the products' sum, the scale and the result.
    private const int Terms = Rows + 2;

    private readonly float[][] _templates;
    private readonly Lazy<(double[] Exact, double[] Magnitudes)>[] _references;

    public TileCovarianceProblem(int dimension)
        : base(dimension)
    {
        _templates = [.. Enumerable.Range(1, Templates).Select(seed => Normal(Rows * dimension, seed))];
        _references = [.. _templates.Select(template => new Lazy<(double[], double[])>(() => (Gram(template, false), Gram(template, true))))];
    }

    public override TilePrimitive Primitive => TilePrimitive.Covariance;

    public override IReadOnlyList<TileOperand> Operands => [new(Rows, (long)Batch * Dimension)];

    public override TileOperand Output => new(Batch, (long)Dimension * Dimension);

    public override double Operations => (double)Batch * Rows * Dimension * (Dimension + 1);

    protected override bool IsSymmetric => true;

    public override void FillRow(int operand, int row, Span<float> destination)
    {
        for (int tile = 0; tile < Batch; tile++)
        {
            _templates[tile % Templates].AsSpan(row * Dimension, Dimension).CopyTo(destination[(tile * Dimension)..]);
        }
    }

    public override long RowOffset(int tile, int row) => (((long)tile * Dimension) + row) * Dimension;

    protected override (double Ratio, double Error, double Limit, double ErrorLimit) Measure(int tile, double[] result)
    {
        (double[] exact, double[] magnitudes) = _references[tile % Templates].Value;
        return MeasureSum(result, exact, magnitudes, Terms);
    }

    /// <summary>Products err relative to their own magnitudes, whose sum the ratio is counted in.</summary>
    protected override double RoundedRatio(MatMulPrecision precision) => Precisions.ProductError(precision) / (Terms * TileReference.Epsilon<float>());

    private double[] Gram(float[] x, bool magnitudes)
    {
        int n = Dimension;
        double[] result = new double[n * n];
        for (int row = 0; row < Rows; row++)
        {
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    double product = (double)x[(row * n) + i] * x[(row * n) + j] / Rows;
                    result[(i * n) + j] += magnitudes ? Math.Abs(product) : product;
                }
            }
        }

        return result;
    }
}
