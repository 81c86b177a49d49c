using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>The blocks of one layer's gradient between symmetric tiles, on an accelerator.</summary>
internal sealed unsafe class DeviceTilePrecondition : DeviceTileWorkload
{
    private const int TileSize = 128;

    private readonly Accelerator _accelerator;
    private readonly int _rows;
    private readonly int _columns;
    private readonly float[] _hostLeft;
    private readonly float[] _hostRight;
    private readonly float[] _hostGradient;
    private readonly float[] _hostResult;
    private readonly TilePreconditionLayerViews _layer;
    private readonly DeviceTable _kept = new();
    private readonly MemoryBuffer<float> _result;

    public DeviceTilePrecondition(Accelerator accelerator, int rows, int columns)
    {
        _accelerator = accelerator;
        _rows = rows;
        _columns = columns;
        _hostLeft = Tiles(rows);
        _hostRight = Tiles(columns);
        _hostGradient = Normal(1, rows * columns);
        _hostResult = new float[rows * columns];
        _result = Keep(accelerator.Allocate<float>(rows * columns));
        _layer = new TilePreconditionLayerViews(
            Keep(accelerator.Allocate(_hostLeft)).View,
            Keep(accelerator.Allocate(_hostRight)).View,
            Keep(accelerator.Allocate(_hostGradient)).View,
            _result.View,
            rows,
            columns,
            TileSize,
            1);
        foreach (TileSlot i in TileLayout.Slots(rows, TileSize))
        {
            foreach (TileSlot j in TileLayout.Slots(columns, TileSize))
            {
                Operations += 2.0 * i.Dimension * j.Dimension * (i.Dimension + j.Dimension);
            }
        }
    }

    public override void Queue() => TilePreconditionLaunch.Apply(_accelerator.Stream, [_layer], ArrayView<float>.Empty, _kept);

    public override void RunHost()
    {
        fixed (float* left = _hostLeft, right = _hostRight, gradient = _hostGradient, result = _hostResult)
        {
            TilePreconditionLayer<float> layer = new(left, right, gradient, result, _rows, _columns, TileSize, scale: 1);
            TilePrecondition.Apply([layer], default);
        }
    }

    public override void RequireRight(string name)
    {
        RunHost();
        RequireSame(name, _hostResult, _result.ToArray(), 1e-5);
    }

    private static float[] Tiles(int dimension)
    {
        float[] tiles = new float[TileLayout.Length(dimension, TileSize)];
        foreach (TileSlot slot in TileLayout.Slots(dimension, TileSize))
        {
            FillDefinite(tiles.AsSpan((int)slot.Offset), slot.Dimension, 2);
        }

        return tiles;
    }
}
