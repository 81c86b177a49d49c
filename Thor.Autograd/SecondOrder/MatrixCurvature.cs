using Thor.Engine;
using Thor.Engine.Backends;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Layers whose weight is one or more matrices (outputs, inputs) one below the other, each with its own A and G: dense layers have one,
/// convolutions one for each group. With a homogeneous bias every matrix has one more column.
/// </summary>
public abstract class MatrixCurvature : LayerCurvature
{
    private readonly int _outputs;
    private readonly int _inputs;
    private Tensor? _direction;
    private Tensor? _shaped;
    private Tensor? _augmented;
    private Tensor? _biasDirection;
    private EigenScaling? _scaling;

    private protected MatrixCurvature(string name, ICurvatureLayer layer, int groups, KroneckerOptions options)
        : base(name, layer, options)
    {
        Tensor weight = layer.Weight.Value;
        Groups = groups;
        _outputs = weight.Shape[0] / groups;
        _inputs = (int)(weight.Length / weight.Shape[0]);
        IsHomogeneous = options.Bias == BiasRule.Homogeneous && layer.Bias is not null;

        List<KroneckerFactor> factors = [];
        for (int group = 0; group < groups; group++)
        {
            factors.AddRange(Pair(
                groups == 1 ? string.Empty : $"{group}",
                (_inputs + (IsHomogeneous ? 1 : 0), options.TileSize),
                (_outputs, options.TileSize)));
        }

        Factors = factors;
    }

    /// <summary>The bias is part of the matrix.</summary>
    public bool IsHomogeneous { get; }

    /// <summary>Number of matrices.</summary>
    public int Groups { get; }

    /// <summary>Every sample is one row.</summary>
    private protected bool IsReduced => Options.Sharing == WeightSharing.Reduce;

    /// <inheritdoc/>
    internal sealed override bool HasTraces => true;

    /// <inheritdoc/>
    private protected sealed override int Outputs => _outputs;

    /// <inheritdoc/>
    private protected sealed override double ConstantTrace => IsHomogeneous ? 1 : 0;

    /// <inheritdoc/>
    internal override void Precondition(PreconditioningPass pass)
    {
        if (Layer.Weight.Gradient is not Tensor gradient || (IsHomogeneous && Layer.Bias!.Gradient is null))
        {
            return;
        }

        // F is about T (A kron G): with sqrt(lambda / T) on each factor, 1 / T times the product inverts T (A kron G) with damping lambda.
        double scale = 1.0 / Positions;
        Tensor matrix = gradient.Reshape(Groups * _outputs, _inputs);
        Tensor weight = Layer.Weight.Value;
        if (pass.LeavesProducts && !IsHomogeneous && HasOutputFactor && Options.DampingSplit != DampingSplit.Exact && weight.IsContiguous)
        {
            Tensor parameter = weight.Reshape(matrix.Shape);
            for (int group = 0; group < Groups; group++)
            {
                pass.Leave(Layer.Weight, Product(group, matrix, parameter, scale));
            }

            return;
        }

        _direction ??= matrix.EmptyLike(matrix.Shape).Persist();
        _shaped ??= _direction.Reshape(Layer.Weight.Shape).Persist(); // outlives the step, as directions do
        if (!IsHomogeneous)
        {
            AddProducts(pass, matrix, _direction, scale);
            pass.Direct(Layer.Weight, _shaped);
            return;
        }

        Tensor bias = Layer.Bias!.Gradient!; // both were asked for above
        Tensor augmented = Tensor.Concatenate([matrix, bias.Reshape(-1, 1)], 1);
        _augmented ??= augmented.EmptyLike(augmented.Shape).Persist();
        _biasDirection ??= bias.EmptyLike(bias.Shape).Persist();
        AddProducts(pass, augmented, _augmented, scale);
        pass.AfterProducts(() =>
        {
            _direction.CopyFrom(_augmented.Slice(1, 0, _inputs));
            _biasDirection.CopyFrom(_augmented.Select(1, _inputs));
        });
        pass.Direct(Layer.Weight, _shaped);
        pass.Direct(Layer.Bias, _biasDirection);
    }

    /// <inheritdoc/>
    internal override void Release()
    {
        base.Release();
        _shaped?.Dispose();
        _direction?.Dispose();
        _augmented?.Dispose();
        _biasDirection?.Dispose();
        _scaling?.Dispose();
    }

    /// <inheritdoc/>
    internal override Tensor? Moments => Options.DampingSplit == DampingSplit.Exact ? Scaling.Moments : null;

    private EigenScaling Scaling => _scaling ??= new EigenScaling(Groups * _outputs, Factors[0].Dimension, Layer.Weight.Value);

    /// <inheritdoc/>
    internal override void ResetMoments()
    {
        for (int group = 0; group < Groups; group++)
        {
            Scaling.Reset(group * _outputs, OutputFactor(group).Eigenvalues, InputFactor(group).Eigenvalues, Positions);
        }
    }

    /// <summary>A of a matrix.</summary>
    private protected KroneckerFactor InputFactor(int group) => Factors[HasOutputFactor ? 2 * group : group];

    /// <summary>G of a matrix, where there is one.</summary>
    private protected KroneckerFactor OutputFactor(int group) => Factors[(2 * group) + 1];

    /// <summary>Rows with one more column, the constant input 1.</summary>
    private protected static Tensor WithOnes(Tensor rows) =>
        Tensor.Concatenate([rows, Tensor.Ones([rows.Shape[0], 1], rows.DType, rows.Device)], 1);

    private void AddProducts(PreconditioningPass pass, Tensor gradient, Tensor direction, double scale)
    {
        if (Options.DampingSplit == DampingSplit.Exact)
        {
            AddRotations(pass, gradient, direction);
            return;
        }

        if (!HasOutputFactor)
        {
            for (int group = 0; group < Groups; group++)
            {
                Tensor rows = gradient.Slice(0, group * _outputs, _outputs);
                Times(scale == 1 ? rows : rows * scale, InputFactor(group), InputFactor(group).Inverse, direction.Slice(0, group * _outputs, _outputs));
            }

            pass.Add(direction, gradient);
            return;
        }

        for (int group = 0; group < Groups; group++)
        {
            pass.Add(Product(group, gradient, direction, scale));
        }
    }

    /// <summary>Between the inverses of both factors.</summary>
    private TileProduct Product(int group, Tensor gradient, Tensor result, double scale) => new(
        OutputFactor(group).Inverse,
        InputFactor(group).Inverse,
        Options.TileSize,
        gradient.Slice(0, group * _outputs, _outputs),
        result.Slice(0, group * _outputs, _outputs),
        scale);

    private void AddRotations(PreconditioningPass pass, Tensor gradient, Tensor direction)
    {
        EigenScaling scaling = Scaling;
        double lambda = pass.Lambda;
        for (int group = 0; group < Groups; group++)
        {
            KroneckerFactor a = InputFactor(group);
            KroneckerFactor g = OutputFactor(group);
            Tensor projected = scaling.Projected.Slice(0, group * _outputs, _outputs);
            bool all = group == Groups - 1; // the groups are scaled together
            pass.Rotate(
                new TileProduct(g.Inverse, a.Inverse, Options.TileSize, gradient.Slice(0, group * _outputs, _outputs), projected),
                () =>
                {
                    if (all)
                    {
                        scaling.Apply(lambda, Options.MomentDecay, BatchSize);
                    }
                },
                new TileProduct(g.Transposed, a.Transposed, Options.TileSize, projected, direction.Slice(0, group * _outputs, _outputs)));
        }

        pass.Add(direction, gradient);
    }
}
