using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <content>The eigenvectors and eigenvalues of the tiles, for <see cref="DampingSplit.Exact"/>.</content>
public sealed partial class KroneckerFactor
{
    private Tensor? _transposed;
    private Tensor? _eigenvalues;

    /// <summary>(<see cref="Dimension"/>): eigenvalues of the tiles, ascending within each; 1 before the first refresh.</summary>
    /// <exception cref="InvalidOperationException">Damping is split over the factors, so nobody needs them.</exception>
    public Tensor Eigenvalues => _eigenvalues ?? throw new InvalidOperationException($"{Name} is inverted, not decomposed: eigenvalues come with DampingSplit.{DampingSplit.Exact}.");

    /// <summary>The packed eigenvectors, a row each.</summary>
    internal Tensor Transposed => _transposed ?? throw Unbound();

    /// <summary>Takes memory for them, after <see cref="Bind"/>.</summary>
    internal void BindEigen()
    {
        _transposed = Inverse.Clone().Persist();
        _eigenvalues = Tensor.Ones([Dimension], Inverse.DType, Inverse.Device).Persist();
    }

    /// <summary>Brings the rows up to date with the columns.</summary>
    internal void Transpose()
    {
        using TensorScope scope = TensorScope.Begin();
        int full = Dimension / TileSize;
        if (full > 0)
        {
            int length = full * TileSize * TileSize;
            Transposed.Slice(0, 0, length).Reshape(full, TileSize, TileSize).CopyFrom(Inverse.Slice(0, 0, length).Reshape(full, TileSize, TileSize).Transpose(1, 2));
        }

        if (Dimension % TileSize > 0)
        {
            int last = TileLayout.Count(Dimension, TileSize) - 1;
            Tile(Transposed, last).CopyFrom(Tile(Inverse, last).Transpose(0, 1));
        }
    }
}
