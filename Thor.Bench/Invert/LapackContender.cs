using Thor.Bench.Peers;
using Thor.Kernels.Host;

namespace Thor.Bench.Invert;

/// <summary>The same work by a library of BLAS and LAPACK, which is set to one thread: tiles are shared out over ours, so that none wait for each other.</summary>
/// <param name="name">Name of the library.</param>
/// <param name="library">The library.</param>
/// <param name="sets">Operands and results.</param>
internal sealed unsafe class LapackContender(string name, ILapack library, HostSets sets) : HostContender(name, sets)
{
    [ThreadStatic]
    private static float[]? s_half;

    private int _info;

    public override bool WritesTriangle => Problem.Primitive != TilePrimitive.Precondition;

    public override void Run(int set, int first, int units) => WorkerPool.For(units, new Unit(this, set, first));

    public override string? Complaint(int set, int first, int units) =>
        _info == 0 ? null : FormattableString.Invariant($"spotrf or spotri answered {_info}");

    private void RunUnit(int set, int unit)
    {
        int n = Problem.Dimension;
        long square = (long)n * n;
        float* output = Memory.Output(set);
        switch (Problem)
        {
            case TileInverseProblem:
                float* tile = output + (unit * square);
                Buffer.MemoryCopy(Memory.Operand(0, set) + (unit * square), tile, square * sizeof(float), square * sizeof(float));
                for (int i = 0; i < n; i++)
                {
                    tile[i * ((long)n + 1)] += TileInverseProblem.Damping;
                }

                int info = library.InvertPositiveDefinite(tile, n);
                if (info != 0)
                {
                    Volatile.Write(ref _info, info);
                }

                break;
            case TileCovarianceProblem:
                library.Gram(Memory.Operand(0, set) + ((long)unit * n), TileCovarianceProblem.Rows, n, checked(Problem.Batch * n), 1f / TileCovarianceProblem.Rows, output + (unit * square));
                break;
            case TilePreconditionProblem layer:
                RunRow(layer, set, unit);
                break;
        }
    }

    /// <summary>A row of blocks between their tiles.</summary>
    private void RunRow(TilePreconditionProblem layer, int set, int down)
    {
        int n = layer.Dimension;
        long square = (long)n * n;
        float[] half = s_half is { } held && held.Length >= square ? held : s_half = new float[square];
        fixed (float* product = half)
        {
            for (int across = 0; across < layer.Across; across++)
            {
                long corner = ((long)down * n * layer.Columns) + ((long)across * n);
                library.Multiply(Memory.Operand(0, set) + (down * square), n, Memory.Operand(2, set) + corner, layer.Columns, product, n, n, n, n);
                library.Multiply(product, n, Memory.Operand(1, set) + (across * square), n, Memory.Output(set) + corner, layer.Columns, n, n, n);
            }
        }
    }

    private readonly struct Unit(LapackContender contender, int set, int first) : IParallelBody
    {
        public void Invoke(int index) => contender.RunUnit(set, first + index);
    }
}
