using Thor.Kernels.Host;

namespace Thor.Bench.Invert;

/// <summary>Damped inverses of covariances of 2 n normal samples each, which have condition numbers of a few dozen once damped.</summary>
internal sealed unsafe class TileInverseProblem : TileProblem
{
    /// <summary>What is counted.</summary>
    public const string Counted =
        "inverse: (A + damping I)^-1, damping fused, not in place, upper triangle read, full symmetric result written. "
        + "n^3 + n^2 + n operations and 8 n^2 bytes a tile. Peers copy, damp, factor and invert one triangle.";

    /// <summary>Added to the diagonals; a power of two.</summary>
    public const float Damping = 0.03125f;

    private const double ResidualLimit = 0.25;

    private readonly float[][] _templates = new float[Templates][];
    private readonly Lazy<(double[] Damped, double[] Exact, double PlainError)>[] _references = new Lazy<(double[], double[], double)>[Templates];

    public TileInverseProblem(int dimension)
        : base(dimension)
    {
        for (int template = 0; template < Templates; template++)
        {
            float[] samples = Normal(2 * dimension * dimension, template + 1);
            float[] tile = new float[dimension * dimension];
            fixed (float* x = samples, y = tile)
            {
                TileCovariance.Accumulate(x, dimension, 2 * dimension, dimension, dimension, 1.0 / (2 * dimension), 0, y);
            }

            _templates[template] = tile;
            _references[template] = new Lazy<(double[], double[], double)>(() => Reference(tile));
        }
    }

    public override TilePrimitive Primitive => TilePrimitive.Inverse;

    public override IReadOnlyList<TileOperand> Operands => [Output];

    public override TileOperand Output => new(Batch, (long)Dimension * Dimension);

    public override double Operations => Batch * (((double)Dimension * Dimension * Dimension) + ((double)Dimension * Dimension) + Dimension);

    protected override bool IsSymmetric => true;

    public override void FillRow(int operand, int row, Span<float> destination) => _templates[row % Templates].CopyTo(destination);

    public override long RowOffset(int tile, int row) => (((long)tile * Dimension) + row) * Dimension;

    protected override (double Ratio, double Error, double Limit, double ErrorLimit) Measure(int tile, double[] result)
    {
        int n = Dimension;
        (double[] damped, double[] exact, double plainError) = _references[tile % Templates].Value;

        // LAPACK's POT03: |I - A X| / (n |A| |X| eps) in the 1-norm.
        double kappa = TileReference.Norm(damped, n) * TileReference.Norm(result, n);
        double ratio = TileReference.Norm(TileReference.Residual(damped, result, n), n) / (n * kappa * TileReference.Epsilon<float>());
        double errorLimit = Math.Max(8 * plainError, 1e-8 * kappa) + (2 * TileReference.Epsilon<float>());

        // A correctly rounded reciprocal alone may reach 1 / n.
        return (ratio, TileReference.Error(exact, result), Math.Max(ResidualLimit, 4.0 / n), errorLimit);
    }

    private (double[] Damped, double[] Exact, double PlainError) Reference(float[] tile)
    {
        int n = Dimension;
        float[] damped = [.. tile];
        for (int i = 0; i < n; i++)
        {
            damped[i * (n + 1)] += Damping;
        }

        double[] wide = Array.ConvertAll(damped, static value => (double)value);
        double[] exact = TileReference.Accurate(wide, n);
        float[] plain = TileReference.Inverse(damped, n) ?? throw new InvalidOperationException($"The tile of dimension {n} to be inverted is not positive definite.");
        return (wide, exact, TileReference.Error(exact, Array.ConvertAll(plain, static value => (double)value)));
    }
}
