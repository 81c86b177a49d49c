using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra.Single;
using Thor.Kernels.Host;

namespace Thor.Bench.Invert;

/// <summary>Inverses by Math.NET's managed code: Cholesky factorisation, and a solve for the identity. Tiles are shared out over our threads.</summary>
internal sealed unsafe class MathNetContender : HostContender
{
    [ThreadStatic]
    private static DenseMatrix? s_tile;

    private readonly DenseMatrix _identity;

    public MathNetContender(HostSets sets)
        : base(TilePeers.MathNet, sets)
    {
        Control.UseManaged();
        Control.UseSingleThread();
        _identity = DenseMatrix.CreateIdentity(sets.Problem.Dimension);
    }

    public override void Run(int set, int first, int units) => WorkerPool.For(units, new Tile(this, set, first));

    private void Invert(int set, int tile)
    {
        int n = Problem.Dimension;
        long square = (long)n * n;
        DenseMatrix matrix = s_tile is { } held && held.RowCount == n ? held : s_tile = new DenseMatrix(n);
        new ReadOnlySpan<float>(Memory.Operand(0, set) + (tile * square), (int)square).CopyTo(matrix.Values);
        for (int i = 0; i < n; i++)
        {
            matrix.Values[i * (n + 1)] += TileInverseProblem.Damping;
        }

        ((DenseMatrix)matrix.Cholesky().Solve(_identity)).Values.AsSpan().CopyTo(new Span<float>(Memory.Output(set) + (tile * square), (int)square));
    }

    private readonly struct Tile(MathNetContender contender, int set, int first) : IParallelBody
    {
        public void Invoke(int index) => contender.Invert(set, first + index);
    }
}
