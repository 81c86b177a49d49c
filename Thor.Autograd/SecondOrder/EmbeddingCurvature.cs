using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>Embedding tables (count, width): A is diagonal, G is dense.</summary>
/// <remarks>A = how often each id occurs / B, G = dout^T dout B^2 / N. The diagonal is a factor in tiles of size 1.</remarks>
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
    internal override void Precondition(PreconditioningPass pass)
    {
        if (Layer.Weight.Gradient is not Tensor gradient)
        {
            return;
        }

        _direction ??= gradient.EmptyLike(gradient.Shape).Persist();
        KroneckerFactor g = Factors[1];
        Tensor scaled = gradient * Factors[0].Inverse.Unsqueeze(1);
        for (int tile = 0; tile < g.TileCount; tile++)
        {
            int start = tile * g.TileSize;
            int width = TileLayout.Dimension(g.Dimension, g.TileSize, tile);
            _direction.Slice(1, start, width).CopyFrom(scaled.Slice(1, start, width).MatMul(g.Tile(g.Inverse, tile)));
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
    private protected override long Rows(Tensor input, Tensor gradient) => input.Length;

    /// <inheritdoc/>
    private protected override void Accumulate(Tensor input, Tensor gradient, double weight, double keep)
    {
        Tensor ids = input.Reshape(-1);
        Tensor d = gradient.Reshape(-1, gradient.Shape[-1]);
        KroneckerFactor a = Factors[0];
        Tensor counts = Tensor.Zeros([a.Dimension, 1], d.DType, d.Device);
        counts.ScatterAdd(ids, Tensor.Full([ids.Shape[0], 1], weight / BatchSize, d.DType, d.Device));
        a.Gather(counts.Reshape(-1), keep);
        d.Device.Backend.TileCovariance(d, Options.TileSize, weight * BatchSize * BatchSize / ids.Shape[0], keep, Factors[1].Fresh);
    }
    /// <inheritdoc/>
    private protected override void AddSquares(Tensor input, Tensor gradient, Tensor squares)
    {
        // tr A = ids / B, and traces are divided by ids.
        double ids = input.Length;
        squares.Slice(0, 0, 1).MapInPlace(BinaryOperation.Add, ids * ids / BatchSize);
        AddSquares(gradient, squares, 1, (double)BatchSize * BatchSize);
    }
}
