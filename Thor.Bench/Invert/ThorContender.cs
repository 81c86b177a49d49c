using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Invert;

/// <summary>Our own code for the host.</summary>
/// <param name="name">"thor"; "host" beside an accelerator.</param>
/// <param name="sets">Operands and results.</param>
internal sealed unsafe class ThorContender(string name, HostSets sets) : HostContender(name, sets)
{
    private readonly TileSlot[] _slots = TileSlots.Of(sets.Problem);
    private readonly int[] _status = new int[sets.Problem.Batch];

    public override bool IsOurs => true;

    public override void Run(int set, int first, int units)
    {
        int n = Problem.Dimension;
        float* output = Memory.Output(set);
        switch (Problem)
        {
            case TileInverseProblem:
                TileInverse.Invert(Memory.Operand(0, set), output, _slots.AsSpan(first, units), _status.AsSpan(first, units));
                break;
            case TileCovarianceProblem:
                TileCovariance.Accumulate(
                    Memory.Operand(0, set) + ((long)first * n),
                    (long)Problem.Batch * n,
                    TileCovarianceProblem.Rows,
                    units * n,
                    n,
                    scale: 1.0 / TileCovarianceProblem.Rows,
                    decay: 0,
                    output + ((long)first * n * n));
                break;
            case TilePreconditionProblem layer:
                long start = (long)first * n * layer.Columns;
                TilePreconditionLayer<float> part = new(
                    Memory.Operand(0, set) + ((long)first * n * n), Memory.Operand(1, set), Memory.Operand(2, set) + start, output + start, units * n, layer.Columns, n, scale: 1);
                TilePrecondition.Apply([part], default);
                break;
        }
    }

    public override string? Complaint(int set, int first, int units) => TileSlots.Complaint(_status.AsSpan(first, units), first);
}
