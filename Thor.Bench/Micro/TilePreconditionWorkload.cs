using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>The blocks of one layer's gradient between symmetric tiles.</summary>
internal sealed unsafe class TilePreconditionWorkload : TileWorkload
{
    private readonly int _rows;
    private readonly int _columns;
    private readonly float* _left;
    private readonly float* _right;
    private readonly float* _gradient;
    private readonly float* _half;
    private readonly float* _result;

    public TilePreconditionWorkload(int rows, int columns)
    {
        _rows = rows;
        _columns = columns;
        _left = Keep(Tiles(rows));
        _right = Keep(Tiles(columns));
        _gradient = Keep(new RandomStream(1).Normal([rows, columns]));
        _half = Keep(Tensor.Zeros([TileSize, TileSize]));
        _result = Keep(Tensor.Zeros([rows, columns]));
        foreach (TileSlot i in TileLayout.Slots(rows, TileSize))
        {
            foreach (TileSlot j in TileLayout.Slots(columns, TileSize))
            {
                Operations += 2.0 * i.Dimension * j.Dimension * (i.Dimension + j.Dimension);
            }
        }
    }

    public override void Run()
    {
        TilePreconditionLayer<float> layer = new(_left, _right, _gradient, _result, _rows, _columns, TileSize, scale: 1);
        TilePrecondition.Apply([layer], default);
    }

    public override void RunPeer()
    {
        for (int i = 0; i < TileLayout.Count(_rows, TileSize); i++)
        {
            int m = TileLayout.Dimension(_rows, TileSize, i);
            for (int j = 0; j < TileLayout.Count(_columns, TileSize); j++)
            {
                int n = TileLayout.Dimension(_columns, TileSize, j);
                long corner = ((long)i * TileSize * _columns) + ((long)j * TileSize);
                OpenBlas.Multiply(_left + TileLayout.Offset(TileSize, i), m, _gradient + corner, _columns, _half, n, m, n, m);
                OpenBlas.Multiply(_half, n, _right + TileLayout.Offset(TileSize, j), n, _result + corner, _columns, m, n, n);
            }
        }
    }

    private static Tensor Tiles(int dimension)
    {
        float[] tiles = new float[TileLayout.Length(dimension, TileSize)];
        foreach (TileSlot slot in TileLayout.Slots(dimension, TileSize))
        {
            FillDefinite(tiles.AsSpan((int)slot.Offset), slot.Dimension);
        }

        return Tensor.From(tiles, [tiles.Length]);
    }
}
