using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>Embedding tables (count, width): A is diagonal, G is dense.</summary>
/// <remarks>
/// A = how often each id occurs / B, G = D^T D / N with D = c dout. The diagonal is a factor in tiles of size 1. Every id is a row, whatever the
/// <see cref="WeightSharing"/>: the mean of one-hot rows over positions has no diagonal A.
/// </remarks>
public sealed class EmbeddingCurvature : LayerCurvature
{
    private Tensor? _direction;
    private EigenScaling? _scaling;

    internal EmbeddingCurvature(string name, ICurvatureLayer layer, KroneckerOptions options)
        : base(name, layer, options)
    {
        Shape table = layer.Weight.Shape;
        Factors = Pair(string.Empty, (table[0], 1), (table[1], options.TileSize));
    }

    /// <inheritdoc/>
    internal override bool HasTraces => true;

    /// <inheritdoc/>
    private protected override int Outputs => Layer.Weight.Shape[1];

    /// <inheritdoc/>
    internal override Tensor? Moments => Options.DampingSplit == DampingSplit.Exact ? Scaling.Moments : null;

    private EigenScaling Scaling => _scaling ??= new EigenScaling(Factors[0].Dimension, Factors[1].Dimension, Layer.Weight.Value);

    /// <inheritdoc/>
    internal override void ResetMoments() => Scaling.Reset(0, Factors[0].Eigenvalues, Factors[1].Eigenvalues, 1);

    /// <inheritdoc/>
    internal override void Precondition(PreconditioningPass pass)
    {
        if (Layer.Weight.Gradient is not Tensor gradient)
        {
            return;
        }

        _direction ??= gradient.EmptyLike(gradient.Shape).Persist();
        if (Options.DampingSplit == DampingSplit.Exact)
        {
            // The eigenvectors of a diagonal matrix are the axes.
            KroneckerFactor g = Factors[1];
            Times(gradient, g, g.Inverse, Scaling.Projected);
            Scaling.Apply(pass.Lambda, Options.MomentDecay, BatchSize);
            Times(Scaling.Projected, g, g.Transposed, _direction);
        }
        else if (HasOutputFactor)
        {
            Times(gradient * Factors[0].Inverse.Unsqueeze(1), Factors[1], Factors[1].Inverse, _direction);
        }
        else
        {
            _direction.CopyFrom(gradient * Factors[0].Inverse.Unsqueeze(1));
        }

        pass.Add(_direction, gradient);
        pass.Direct(Layer.Weight, _direction);
    }

    /// <inheritdoc/>
    internal override void Release()
    {
        base.Release();
        _direction?.Dispose();
        _scaling?.Dispose();
    }

    /// <inheritdoc/>
    private protected override long Rows(in Observation observation) => observation.Input.Length;

    /// <inheritdoc/>
    private protected override void GatherInput(in Observation observation, double weight, double keep)
    {
        Tensor ids = observation.Input.Reshape(-1);
        KroneckerFactor a = Factors[0];
        DType type = a.Fresh.DType;
        Tensor counts = Tensor.Zeros([a.Dimension, 1], type, ids.Device);
        counts.ScatterAdd(ids, Tensor.Full([ids.Shape[0], 1], weight / observation.Samples, type, ids.Device));
        a.Gather(counts.Reshape(-1), keep);
    }

    /// <inheritdoc/>
    private protected override void GatherOutput(in Observation observation, double weight, double keep)
    {
        Tensor d = observation.Gradient.Reshape(-1, observation.Gradient.Shape[-1]);
        d.Device.Backend.TileCovariance(d, Options.TileSize, weight * observation.Scale * observation.Scale / d.Shape[0], keep, Factors[1].Fresh);
    }

    /// <inheritdoc/>
    private protected override void AddInputSquares(in Observation observation, Tensor squares)
    {
        // tr A = ids / B, and traces are divided by ids.
        double ids = observation.Input.Length;
        squares.Slice(0, 0, 1).MapInPlace(BinaryOperation.Add, ids * ids / observation.Samples);
    }

    /// <inheritdoc/>
    private protected override void AddOutputSquares(in Observation observation, Tensor squares) =>
        AddSquares(observation.Gradient, squares, 1, observation.Scale * observation.Scale);
    /// <inheritdoc/>
    private protected override void AddInputProducts(in Observation observation, Tensor vectors, Tensor products)
    {
        // A counts ids over B, and products are divided by ids.
        Tensor ids = observation.Input.Reshape(-1);
        Tensor columns = products.Reshape(-1, 1);
        columns.ScatterAdd(ids, vectors.Reshape(-1, 1).Gather(ids) * ((double)ids.Shape[0] / observation.Samples));
    }

    /// <inheritdoc/>
    private protected override void AddOutputProducts(in Observation observation, Tensor vectors, Tensor products) =>
        AddProducts(observation.Gradient.Reshape(-1, observation.Gradient.Shape[-1]), vectors, products, observation.Scale * observation.Scale);
}
