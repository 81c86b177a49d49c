using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Invert;

/// <summary>Our own kernels: preconditioning that moves parameters with momentum, in one pass or in two.</summary>
internal sealed class KernelUpdateContender : DeviceContender
{
    private readonly bool _fused;
    private readonly MemoryBuffer<float> _velocity;
    private readonly MemoryBuffer<float>? _product;
    private readonly DeviceTable[] _kept;

    /// <param name="sets">Operands and parameters.</param>
    /// <param name="fused">One pass.</param>
    public KernelUpdateContender(DeviceSets sets, bool fused)
        : base(fused ? "thor+update" : "thor, update", sets)
    {
        _fused = fused;
        _velocity = sets.AllocateOutput();
        _product = fused ? null : sets.AllocateOutput();
        _kept = [.. Enumerable.Range(0, sets.Sets).Select(static _ => new DeviceTable())];
    }

    public override bool IsOurs => true;

    public override bool Updates => true;

    public override void Run(int set, int first, int units)
    {
        TilePreconditionProblem layer = (TilePreconditionProblem)Problem; // the only one that has updates
        int n = layer.Dimension;
        long start = (long)first * n * layer.Columns;
        long offset = (set * layer.Output.Elements) + start;
        long elements = (long)units * n * layer.Columns;
        ArrayView<float> parameter = Memory.Output(set, start).SubView(0, elements);
        ArrayView<float> velocity = _velocity.View.SubView(offset, elements);
        ArrayView<float> product = _product?.View.SubView(offset, elements) ?? parameter;
        TilePreconditionLayerViews part = new(
            Memory.Operand(0, set, (long)first * n * n), Memory.Operand(1, set), Memory.Operand(2, set, start), product, units * n, layer.Columns, n, 1);
        if (_fused)
        {
            part = part with { Update = TileUpdateStep.Numbers, Velocity = velocity };
        }

        TilePreconditionLaunch.Apply(Stream, [part], default, _kept[set]);
        if (!_fused)
        {
            UpdateLaunch.Update(Stream, UpdateRule.Momentum, TileUpdateStep.Numbers, parameter, product, velocity, default, default);
        }
    }

    public override void Erase(int set)
    {
        base.Erase(set);
        long bytes = Problem.Output.Elements * sizeof(float);
        Stream.Clear(_velocity.Buffer, set * bytes, bytes);
    }

    public override string? Complaint(int set, int first, int units) => null;

    public override void Dispose()
    {
        _velocity.Dispose();
        _product?.Dispose();
        foreach (DeviceTable table in _kept)
        {
            table.Release();
        }
    }
}
