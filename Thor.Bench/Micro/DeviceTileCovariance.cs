using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>Diagonal tiles of X^T X on an accelerator.</summary>
internal sealed unsafe class DeviceTileCovariance : DeviceTileWorkload
{
    private const int TileSize = 128;

    private readonly Accelerator _accelerator;
    private readonly int _rows;
    private readonly int _dimension;
    private readonly float[] _hostX;
    private readonly float[] _hostTiles;
    private readonly MemoryBuffer<float> _x;
    private readonly MemoryBuffer<float> _tiles;

    public DeviceTileCovariance(Accelerator accelerator, int rows, int dimension)
    {
        _accelerator = accelerator;
        _rows = rows;
        _dimension = dimension;
        _hostX = Normal(1, checked(rows * dimension));
        _hostTiles = new float[TileLayout.Length(dimension, TileSize)];
        _x = Keep(accelerator.Allocate(_hostX));
        _tiles = Keep(accelerator.Allocate<float>(_hostTiles.Length));
        foreach (TileSlot slot in TileLayout.Slots(dimension, TileSize))
        {
            Operations += (double)rows * slot.Dimension * (slot.Dimension + 1);
        }
    }

    public override void Queue() =>
        TileCovarianceLaunch.Accumulate(_accelerator.Stream, _x.View, _dimension, _rows, _dimension, TileSize, 1.0 / _rows, 0, _tiles.View);

    public override void RunHost()
    {
        fixed (float* x = _hostX, tiles = _hostTiles)
        {
            TileCovariance.Accumulate(x, _dimension, _rows, _dimension, TileSize, 1.0 / _rows, 0, tiles);
        }
    }

    public override void RequireRight(string name)
    {
        RunHost();
        RequireSame(name, _hostTiles, _tiles.ToArray(), 1e-4);
    }
}
