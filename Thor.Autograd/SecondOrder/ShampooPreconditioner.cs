using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>Shampoo (Gupta, Koren and Singer 2018): L^(-1/4) G R^(-1/4), with L the sum of G G^T and R the sum of G^T G over all gradients so far, or their moving averages.</summary>
/// <remarks>
/// One step, for each weight matrix:
/// <code>
/// L = L + G G^T,  R = R + G^T G, diagonal tiles only                      GramPreconditioner
/// if a refresh is due: the inverse fourth roots of all tiles              InverseRoot
/// v[i, j] = L_i^(-1/4) G[i, j] R_j^(-1/4)                                 tile kernel
/// v = v |G| / |v|                                                         grafting
/// </code>
/// For a matrix of one element this is AdaGrad. Vectors pass unchanged. Nothing waits for the device.
/// </remarks>
public sealed class ShampooPreconditioner : GramPreconditioner
{
    private readonly ShampooOptions _options;

    /// <summary>Preconditions all matrices of a model.</summary>
    /// <param name="model">The model, on the device where it will be trained.</param>
    /// <param name="options">Settings; by default those of <see cref="ShampooOptions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public ShampooPreconditioner(Module model, ShampooOptions? options = null)
        : base(model, options ?? new ShampooOptions())
    {
        _options = (ShampooOptions)Options;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.Epsilon, nameof(options));
    }

    /// <inheritdoc/>
    private protected override string ResultName => "root";

    /// <inheritdoc/>
    private protected override void Advance(IReadOnlyList<GramMatrix> matrices, bool isDue)
    {
        foreach (GramMatrix matrix in matrices)
        {
            matrix.Observe(Options.StatisticsDecay);
        }

        if (isDue)
        {
            TakeRoots(matrices);
        }

        Precondition(matrices);
    }

    private void TakeRoots(IReadOnlyList<GramMatrix> matrices)
    {
        // Tiles of one dimension, of whatever matrix, are one batch.
        IEnumerable<(KroneckerFactor Factor, int Tile)> tiles = matrices
            .SelectMany(static matrix => new[] { matrix.Left, matrix.Right })
            .SelectMany(static factor => Enumerable.Range(0, factor.TileCount).Select(tile => (factor, tile)));
        foreach (IGrouping<int, (KroneckerFactor Factor, int Tile)> group in tiles.GroupBy(static t => TileLayout.Dimension(t.Factor.Dimension, t.Factor.TileSize, t.Tile)))
        {
            Tensor[] batch = [.. group.Select(static t => t.Factor.Tile(t.Factor.Tiles, t.Tile).Unsqueeze(0))];
            (Tensor roots, Tensor converged) = InverseRoot.Fourth(Tensor.Concatenate(batch, 0), _options.Epsilon);
            int next = 0;
            foreach ((KroneckerFactor factor, int tile) in group)
            {
                // A tile without a root keeps its last.
                Tensor last = factor.Tile(factor.Inverse, tile);
                last.CopyFrom(Tensor.Where(converged.Select(0, next), roots.Select(0, next), last));
                next++;
            }
        }
    }

    private void Precondition(IReadOnlyList<GramMatrix> matrices)
    {
        foreach (IGrouping<Device, GramMatrix> group in matrices.GroupBy(static matrix => matrix.Direction.Device))
        {
            TileProduct[] products = [.. group.Select(static matrix => new TileProduct(
                matrix.Left.Inverse, matrix.Right.Inverse, matrix.TileSize, matrix.Gradient, matrix.Direction))];
            group.Key.Backend.TilePrecondition(products);
        }

        foreach (GramMatrix matrix in _options.Grafting ? matrices : [])
        {
            Tensor plain = TensorNorm.Of(matrix.Gradient);
            Tensor own = TensorNorm.Of(matrix.Direction);
            matrix.Direction.MapInPlace(BinaryOperation.Multiply, TensorNorm.Ratio(plain, own, plain / own));
        }
    }
}
