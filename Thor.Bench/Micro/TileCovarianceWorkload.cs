using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>Diagonal tiles of X^T X.</summary>
internal sealed unsafe class TileCovarianceWorkload : TileWorkload
{
    private readonly int _rows;
    private readonly int _dimension;
    private readonly float* _x;
    private readonly float* _tiles;

    public TileCovarianceWorkload(int rows, int dimension)
    {
        _rows = rows;
        _dimension = dimension;
        _x = Keep(new RandomStream(1).Normal([rows, dimension]));
        _tiles = Keep(Tensor.Zeros([(int)TileLayout.Length(dimension, TileSize)]));
        foreach (TileSlot slot in TileLayout.Slots(dimension, TileSize))
        {
            Operations += (double)rows * slot.Dimension * (slot.Dimension + 1);
        }
    }

    public override void Run() => TileCovariance.Accumulate(_x, _dimension, _rows, _dimension, TileSize, scale: 1, decay: 0, _tiles);

    public override void RunPeer()
    {
        for (int tile = 0; tile < TileLayout.Count(_dimension, TileSize); tile++)
        {
            int n = TileLayout.Dimension(_dimension, TileSize, tile);
            OpenBlas.Gram(_x + (tile * TileSize), _rows, n, _dimension, _tiles + TileLayout.Offset(TileSize, tile));
        }
    }
}
