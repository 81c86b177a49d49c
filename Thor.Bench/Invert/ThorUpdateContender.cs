using System.Runtime.InteropServices;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Invert;

/// <summary>Our own code for the host: preconditioning that moves parameters with momentum, in one pass or in two.</summary>
/// <param name="sets">Operands and parameters.</param>
/// <param name="fused">One pass.</param>
internal sealed unsafe class ThorUpdateContender(HostSets sets, bool fused) : HostContender(fused ? "thor+update" : "thor, update", sets), IDisposable
{
    private readonly float* _velocity = sets.AllocateOutput();
    private readonly float* _product = fused ? null : sets.AllocateOutput();

    public override bool IsOurs => true;

    public override bool Updates => true;

    public override void Run(int set, int first, int units)
    {
        TilePreconditionProblem layer = (TilePreconditionProblem)Problem; // the only one that has updates
        int n = layer.Dimension;
        long start = (long)first * n * layer.Columns;
        long offset = (set * layer.Output.Elements) + start;
        float* parameter = Memory.Output(set) + start;
        TilePreconditionLayer<float> part = new(
            Memory.Operand(0, set) + ((long)first * n * n),
            Memory.Operand(1, set),
            Memory.Operand(2, set) + start,
            fused ? parameter : _product + offset,
            units * n,
            layer.Columns,
            n,
            scale: 1,
            fused ? TileUpdateStep.Numbers : null,
            _velocity + offset);
        TilePrecondition.Apply([part], default);
        if (!fused)
        {
            Kernels.Host.Updates.Apply(UpdateRule.Momentum, TileUpdateStep.Numbers, parameter, _product + offset, _velocity + offset, null, (long)units * n * layer.Columns);
        }
    }

    public override void Erase(int set)
    {
        long elements = Problem.Output.Elements;
        NativeMemory.Clear(Memory.Output(set), (nuint)(elements * sizeof(float)));
        NativeMemory.Clear(_velocity + (set * elements), (nuint)(elements * sizeof(float)));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_velocity);
        NativeMemory.AlignedFree(_product);
    }
}
