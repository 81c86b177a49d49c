using System.Globalization;
using Thor.Engine;

namespace Thor.Bench.Micro;

/// <summary>One tile primitive with operands of its own, and the same work by OpenBLAS; both write the same result every time.</summary>
internal abstract unsafe class TileWorkload : IDisposable
{
    /// <summary>Dimension of the tiles that factors are cut into.</summary>
    protected const int TileSize = 128;

    private readonly List<Tensor> _operands = [];

    /// <summary>The published sizes.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "tile-inverse 16", "tile-inverse 32", "tile-inverse 64", "tile-inverse 128", "tile-inverse 256",
        "tile-covariance 4096x128", "tile-covariance 4096x64", "tile-covariance 2048x512",
        "tile-precondition 128x128", "tile-precondition 512x3136", "tile-precondition 64x800", "tile-precondition 64x576", "tile-precondition 16x144",
    ];

    /// <summary>Floating-point operations of a call by its definition.</summary>
    public double Operations { get; protected init; }

    /// <summary>What <see cref="Run"/> and <see cref="RunPeer"/> write; the peer need not write the lower triangle of a symmetric tile.</summary>
    public Tensor Result => _operands[^1];

    /// <summary>A workload by name.</summary>
    /// <param name="name">One of <see cref="Names"/>, or another dimension or shape in the same form.</param>
    /// <exception cref="ArgumentException">There is no such primitive.</exception>
    public static TileWorkload Create(string name) => name.Split(' ', 'x') switch
    {
        ["tile-inverse", string n] => new TileInverseWorkload(Extent(n)),
        ["tile-covariance", string rows, string n] => new TileCovarianceWorkload(Extent(rows), Extent(n)),
        ["tile-precondition", string m, string n] => new TilePreconditionWorkload(Extent(m), Extent(n)),
        _ => throw new ArgumentException($"There is no tile workload '{name}'. Known: {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>One call of Thor.</summary>
    public abstract void Run();

    /// <summary>One call of OpenBLAS, or as many as the work takes.</summary>
    public abstract void RunPeer();

    /// <summary>Gives the operands back.</summary>
    public void Dispose()
    {
        foreach (Tensor operand in _operands)
        {
            operand.Dispose();
        }
    }

    /// <summary>Keeps an operand alive as long as the workload. The last one is the result.</summary>
    /// <returns>Its first element.</returns>
    protected float* Keep(Tensor operand)
    {
        _operands.Add(operand.Persist());
        return PeerProduct.Pointer(operand);
    }

    /// <summary>Fills a symmetric positive definite matrix with entries that fall off away from the diagonal.</summary>
    protected static void FillDefinite(Span<float> matrix, int n)
    {
        for (int i = 0; i < n * n; i++)
        {
            int away = Math.Abs((i / n) - (i % n));
            matrix[i] = away == 0 ? 2 : 0.5f / (1 + away);
        }
    }

    private static int Extent(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
