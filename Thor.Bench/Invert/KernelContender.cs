using System.Runtime.InteropServices;
using Thor.Bench.Runs;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Invert;

/// <summary>Our own kernels.</summary>
internal sealed class KernelContender : DeviceContender
{
    private readonly TileSlot[] _slots;
    private readonly MemoryBuffer<int> _status;
    private readonly DeviceTable[] _kept;

    private readonly MatMulPrecision _precision;

    public KernelContender(DeviceSets sets, MatMulPrecision precision)
        : base(precision == MatMulPrecision.Float32 ? "thor" : $"thor {Precisions.Name(precision)}", sets)
    {
        _precision = precision;
        _slots = TileSlots.Of(sets.Problem);
        _status = sets.Accelerator.Allocate<int>(sets.Problem.Batch);
        _status.Clear();
        _kept = [.. Enumerable.Range(0, sets.Sets).Select(static _ => new DeviceTable())];
    }

    public override bool IsOurs => true;

    public override MatMulPrecision Precision => _precision;

    /// <summary>Whether a device computes covariance otherwise where it may round.</summary>
    public static bool Rounds(Accelerator accelerator, MatMulPrecision precision) =>
        TileCovarianceLaunch.Choose(accelerator.Properties, precision) is TileCovarianceMethod.TensorFloat32 or TileCovarianceMethod.BFloat16;

    public override void Run(int set, int first, int units)
    {
        int n = Problem.Dimension;
        switch (Problem)
        {
            case TileInverseProblem:
                TileInverseLaunch.Invert(
                    Stream, Memory.Operand(0, set), Memory.Output(set), _slots.AsSpan(first, units), _status.View.SubView(first, units), kept: _kept[set]);
                break;
            case TileCovarianceProblem:
                TileCovarianceLaunch.Accumulate(
                    Stream,
                    Memory.Operand(0, set, (long)first * n),
                    (long)Problem.Batch * n,
                    TileCovarianceProblem.Rows,
                    units * n,
                    n,
                    scale: 1.0 / TileCovarianceProblem.Rows,
                    decay: 0,
                    Memory.Output(set, (long)first * n * n),
                    precision: _precision);
                break;
            case TilePreconditionProblem layer:
                long start = (long)first * n * layer.Columns;
                TilePreconditionLayerViews part = new(
                    Memory.Operand(0, set, (long)first * n * n), Memory.Operand(1, set), Memory.Operand(2, set, start), Memory.Output(set, start), units * n, layer.Columns, n, 1);
                TilePreconditionLaunch.Apply(Stream, [part], default, _kept[set]);
                break;
        }
    }

    public override string? Complaint(int set, int first, int units)
    {
        int[] status = new int[units];
        Stream.Download(_status.Buffer, first * sizeof(int), MemoryMarshal.AsBytes(status.AsSpan()));
        return TileSlots.Complaint(status, first);
    }

    public override void Dispose()
    {
        _status.Dispose();
        foreach (DeviceTable table in _kept)
        {
            table.Release();
        }
    }
}
