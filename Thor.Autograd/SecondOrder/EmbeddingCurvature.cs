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
    internal override void Precondition(PreconditioningPass pass)
    {
        if (Layer.Weight.Gradient is not Tensor gradient)
        {
            return;
        }

        _direction ??= gradient.EmptyLike(gradient.Shape).Persist();
        Tensor scaled = gradient * Factors[0].Inverse.Unsqueeze(1);
        if (HasOutputFactor)
        {
            TimesInverse(scaled, Factors[1], _direction);
        }
        else
        {
            _direction.CopyFrom(scaled);
        }

        pass.Add(_direction, gradient);
        pass.Direct(Layer.Weight, _direction);
    }

    /// <inheritdoc/>
    internal override void Release()
    {
        base.Release();
        _direction?.Dispose();
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
}
