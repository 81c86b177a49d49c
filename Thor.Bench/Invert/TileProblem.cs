using Thor.Kernels;

namespace Thor.Bench.Invert;

/// <summary>
/// One cell: a batch of tiles of one dimension, its operands, its nominal work, and what is correct. Operands are made of a few templates in turn,
/// so that every batch has its data at once and its reference in float64 soon.
/// </summary>
internal abstract class TileProblem
{
    /// <summary>Different tiles in a batch.</summary>
    protected const int Templates = 4;

    // LAPACK calls a result wrong from here on; a peer's is held to no more.
    private const double PeerLimit = 30;

    protected TileProblem(int dimension)
    {
        Dimension = dimension;
    }

    /// <summary>Rows and columns of a tile.</summary>
    public int Dimension { get; }

    /// <summary>Tiles of a call.</summary>
    public int Batch { get; private set; } = 1;

    /// <summary>What is done to them.</summary>
    public abstract TilePrimitive Primitive { get; }

    /// <summary>The name of the primitive.</summary>
    public string Name => Primitive switch
    {
        TilePrimitive.Inverse => "inverse",
        TilePrimitive.Covariance => "covariance",
        _ => "precondition",
    };

    /// <summary>What a call reads.</summary>
    public abstract IReadOnlyList<TileOperand> Operands { get; }

    /// <summary>What a call writes.</summary>
    public abstract TileOperand Output { get; }

    /// <summary>Nominal floating-point operations of a call.</summary>
    public abstract double Operations { get; }

    /// <summary>Parts that a call can be cut into.</summary>
    public virtual int Units => Batch;

    /// <summary>Tiles of such a part.</summary>
    public int TilesPerUnit => Batch / Units;

    /// <summary>Bytes that a call must read and write at least.</summary>
    public long SetBytes => (Operands.Sum(static operand => operand.Elements) + Output.Elements) * sizeof(float);

    /// <summary>The cell of a primitive with one tile.</summary>
    public static TileProblem Create(TilePrimitive primitive, int dimension) => primitive switch
    {
        TilePrimitive.Inverse => new TileInverseProblem(dimension),
        TilePrimitive.Covariance => new TileCovarianceProblem(dimension),
        _ => new TilePreconditionProblem(dimension),
    };

    /// <summary>The same with another number of tiles, which shares templates and references.</summary>
    public TileProblem WithBatch(int batch)
    {
        TileProblem copy = (TileProblem)MemberwiseClone();
        copy.Batch = batch;
        return copy;
    }

    /// <summary>What counts as an operation and as a byte, for readers of the table.</summary>
    public static string Convention(TilePrimitive primitive) => primitive switch
    {
        TilePrimitive.Inverse => TileInverseProblem.Counted,
        TilePrimitive.Covariance => TileCovarianceProblem.Counted,
        _ => TilePreconditionProblem.Counted,
    };

    /// <summary>Writes a row of an operand.</summary>
    public abstract void FillRow(int operand, int row, Span<float> destination);

    /// <summary>Where a row of a tile's result lies in the output.</summary>
    public abstract long RowOffset(int tile, int row);

    /// <summary>Judges the result of a tile.</summary>
    /// <param name="tile">Index in the batch.</param>
    /// <param name="result">The result, n x n. Where only the upper triangle was written the caller has mirrored it.</param>
    /// <param name="ours">True for our own bounds, false for a peer's, which are wider.</param>
    /// <param name="precision">What operands may have been rounded to, which widens them too.</param>
    public TileVerdict Check(int tile, ReadOnlySpan<float> result, bool ours, MatMulPrecision precision = MatMulPrecision.Float32)
    {
        (double ratio, double error, double limit, double errorLimit) = Measure(tile, Array.ConvertAll(result.ToArray(), static value => (double)value));
        double widest = (ours ? limit : PeerLimit) + RoundedRatio(precision);
        double widestError = ours ? errorLimit : errorLimit * PeerLimit;
        string? failure = !(ratio <= widest) ? FormattableString.Invariant($"tile {tile}: residual ratio {ratio:G3} above {widest:G3}")
            : !(error <= widestError) ? FormattableString.Invariant($"tile {tile}: forward error {error:E1} above {widestError:E1}")
            : ours && IsSymmetric && !Symmetric(result) ? FormattableString.Invariant($"tile {tile}: not symmetric")
            : null;
        return new TileVerdict(ratio, error, failure);
    }

    /// <summary>True if results are symmetric bit for bit.</summary>
    protected abstract bool IsSymmetric { get; }

    /// <summary>What rounding the operands may add to the residual ratio.</summary>
    protected virtual double RoundedRatio(MatMulPrecision precision) => 0;

    /// <summary>Residual ratio and forward error of a result, and their limits.</summary>
    protected abstract (double Ratio, double Error, double Limit, double ErrorLimit) Measure(int tile, double[] result);

    /// <summary>Ratio and error of a result whose exact value and whose sum of magnitudes are known.</summary>
    /// <param name="result">n x n.</param>
    /// <param name="exact">What it should be.</param>
    /// <param name="magnitudes">The same expression of magnitudes.</param>
    /// <param name="terms">Roundings of an element.</param>
    protected (double Ratio, double Error, double Limit, double ErrorLimit) MeasureSum(double[] result, double[] exact, double[] magnitudes, int terms)
    {
        double[] difference = new double[result.Length];
        for (int i = 0; i < result.Length; i++)
        {
            difference[i] = result[i] - exact[i];
        }

        // No order of summation errs by more than a roundoff for each term; twice that covers the products of roundings.
        double unit = terms * TileReference.Epsilon<float>() * TileReference.Norm(magnitudes, Dimension);
        return (TileReference.Norm(difference, Dimension) / unit, TileReference.Error(exact, result), 2, double.MaxValue);
    }

    /// <summary>Normal random numbers, the same for the same seed.</summary>
    protected static float[] Normal(int count, int seed)
    {
        using Engine.Tensor tensor = new Engine.RandomNumbers.RandomStream((ulong)seed).Normal([count]).Persist();
        return tensor.ToArray<float>();
    }

    private bool Symmetric(ReadOnlySpan<float> result)
    {
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (result[(i * Dimension) + j] != result[(j * Dimension) + i])
                {
                    return false;
                }
            }
        }

        return true;
    }
}
