using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// One side of a layer's curvature, A or G: the diagonal tiles of a symmetric matrix and their damped inverses. Both are runs
/// of tiles, packed as <see cref="TileSlot"/> describes, inside tensors that hold the factors of all layers. Tiles of size 1 make a diagonal.
/// </summary>
public sealed partial class KroneckerFactor
{
    private readonly bool[] _hasInverse;
    private Tensor? _tiles;
    private Tensor? _inverse;

    internal KroneckerFactor(string layer, string name, FactorSide side, int dimension, int tileSize)
    {
        Layer = layer;
        Name = name;
        Side = side;
        Dimension = dimension;
        TileSize = tileSize;
        _hasInverse = new bool[TileCount];
    }

    /// <summary>Dotted name of the layer.</summary>
    public string Layer { get; }

    /// <summary>The layer's name with ".A" or ".G", and the group's number for convolutions with several groups.</summary>
    public string Name { get; }

    /// <summary>A or G.</summary>
    public FactorSide Side { get; }

    /// <summary>Rows of the whole matrix.</summary>
    public int Dimension { get; }

    /// <summary>Rows of all tiles but the last, which has what is left.</summary>
    public int TileSize { get; }

    /// <summary>Number of tiles.</summary>
    public int TileCount => TileLayout.Count(Dimension, TileSize);

    /// <summary>Elements of the packed tiles.</summary>
    public long Length => TileLayout.Length(Dimension, TileSize);

    /// <summary>Added to the diagonal before the last inversion.</summary>
    public double Damping { get; internal set; }

    /// <summary>The packed tiles of the statistics, without damping.</summary>
    public Tensor Tiles => _tiles ?? throw Unbound();

    /// <summary>The packed tiles of the damped inverse, or with <see cref="DampingSplit.Exact"/> of the eigenvectors, a column each; identity before the first refresh.</summary>
    public Tensor Inverse => _inverse ?? throw Unbound();

    /// <summary>The packed tiles of inverses that are computed beside the training; null without a delay.</summary>
    internal Tensor? Coming { get; private set; }

    /// <summary>Where the packed tiles begin in the shared tensors.</summary>
    internal long Offset { get; private set; }

    /// <summary>Where statistics of the current step are gathered: the tiles themselves, or apart from them for a moving average.</summary>
    internal Tensor Fresh { get; private set; } = null!; // set by Bind, before anything is observed

    /// <summary>One tile of a packed run: a view (d, d).</summary>
    /// <param name="run"><see cref="Tiles"/> or <see cref="Inverse"/>.</param>
    /// <param name="tile">Index along the diagonal.</param>
    public Tensor Tile(Tensor run, int tile)
    {
        ArgumentNullException.ThrowIfNull(run);
        int d = TileLayout.Dimension(Dimension, TileSize, tile);
        using Tensor elements = run.Slice(0, checked((int)TileLayout.Offset(TileSize, tile)), d * d);
        return elements.Reshape(d, d);
    }

    /// <summary>Where a tile lies in the shared tensors, with the damping of the factor.</summary>
    internal TileSlot Slot(int tile) =>
        new(Offset + TileLayout.Offset(TileSize, tile), TileLayout.Dimension(Dimension, TileSize, tile), Damping);

    /// <summary>Whether a tile holds the inverse of statistics, however old, and not a makeshift.</summary>
    internal bool HasInverse(int tile) => _hasInverse[tile];

    /// <summary>Notes what a tile holds.</summary>
    internal void SetInverse(int tile, bool value) => _hasInverse[tile] = value;

    /// <summary>Notes what all tiles hold.</summary>
    internal void SetInverses(bool value) => Array.Fill(_hasInverse, value);

    /// <summary>Fresh statistics = keep * fresh statistics + a packed run, for sides that no covariance primitive computes in place.</summary>
    internal void Gather(Tensor run, double keep)
    {
        if (keep > 0)
        {
            Fresh.MapInPlace(BinaryOperation.Multiply, keep).AddInPlace(run);
        }
        else
        {
            Fresh.CopyFrom(run); // what was there may be anything, also not a number
        }
    }

    /// <summary>Writes tr / dim of the statistics to a tensor of one element, without waiting for the device.</summary>
    internal void MeanOfDiagonal(Tensor mean)
    {
        using TensorScope scope = TensorScope.Begin();
        mean.Fill(0);
        foreach (Tensor diagonal in Diagonals(Tiles))
        {
            mean.AddInPlace(diagonal.Sum().Reshape(mean.Shape), 1.0 / Dimension);
        }
    }

    /// <summary>Takes a place in the shared tensors; inverses begin as the identity.</summary>
    internal void Bind(Tensor factors, Tensor inverses, Tensor fresh, Tensor? coming, long offset)
    {
        int start = checked((int)offset);
        int length = checked((int)Length);
        Offset = offset;
        _tiles = factors.Slice(0, start, length).Persist();
        _inverse = inverses.Slice(0, start, length).Persist();
        Fresh = fresh.Slice(0, start, length).Persist();
        Coming = coming?.Slice(0, start, length).Persist();
        using TensorScope scope = TensorScope.Begin();
        foreach (Tensor diagonal in Diagonals(Inverse))
        {
            diagonal.Fill(1);
        }
    }

    internal void Release()
    {
        _tiles?.Dispose();
        _inverse?.Dispose();
        Fresh?.Dispose();
        _transposed?.Dispose();
        _eigenvalues?.Dispose();
        Coming?.Dispose();
    }

    /// <summary>Views of the diagonal: (tiles, d) of the tiles of full size, and (1, d) of a ragged last one.</summary>
    private IEnumerable<Tensor> Diagonals(Tensor run)
    {
        int full = Dimension / TileSize;
        if (full > 0)
        {
            yield return run.Slice(0, 0, full * TileSize * TileSize).Reshape(full, -1).Slice(1, 0, TileSize, TileSize + 1);
        }

        int rest = Dimension % TileSize;
        if (rest > 0)
        {
            yield return run.Slice(0, full * TileSize * TileSize, rest * rest).Reshape(1, -1).Slice(1, 0, rest, rest + 1);
        }
    }

    private InvalidOperationException Unbound() => new($"{Name} has no memory yet.");
}
