using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>Inverses of a batch of positive definite tiles, no two alike.</summary>
internal sealed unsafe class DeviceTileInverse : DeviceTileWorkload
{
    private const int Compared = 3;

    private readonly Accelerator _accelerator;
    private readonly int _n;
    private readonly TileSlot[] _slots;
    private readonly MemoryBuffer<float> _source;
    private readonly MemoryBuffer<float> _result;
    private readonly MemoryBuffer<int> _status;
    private readonly float[] _tiles;
    private readonly float[] _inverses;
    private readonly int[] _words;
    private readonly DeviceTable _kept = new();

    public DeviceTileInverse(Accelerator accelerator, int n, int batch)
    {
        _accelerator = accelerator;
        _n = n;
        int area = n * n;
        _tiles = new float[checked(batch * area)];
        _inverses = new float[_tiles.Length];
        _words = new int[batch];
        _slots = new TileSlot[batch];
        for (int tile = 0; tile < batch; tile++)
        {
            _slots[tile] = new TileSlot((long)tile * area, n, Damping: 0.01);
            FillDefinite(_tiles.AsSpan(tile * area, area), n, 2 + (tile % 61 * 0.01f));
        }

        _source = Keep(accelerator.Allocate(_tiles));
        _result = Keep(accelerator.Allocate<float>(_tiles.Length));
        _status = Keep(accelerator.Allocate<int>(batch));
        Operations = batch * (((double)n * n * n) + ((double)n * n) + n);
    }

    /// <summary>Queues the inversion by one kernel.</summary>
    public void Queue(TileInverseMethod method) => TileInverseLaunch.Invert(_accelerator.Stream, _source.View, _result.View, _slots, _status.View, method, kept: _kept);

    public override void Queue() => Queue(TileInverseMethod.Automatic);

    public override void RunHost()
    {
        fixed (float* tiles = _tiles, inverses = _inverses)
        {
            TileInverse.Invert(tiles, inverses, _slots, _words);
        }
    }

    public override void RequireRight(string name)
    {
        if (_status.ToArray().AsSpan().ContainsAnyExcept(0))
        {
            throw new InvalidOperationException($"{name}: a tile was not inverted.");
        }

        float[] actual = _result.ToArray();
        for (int i = 0; i < Compared; i++)
        {
            TileSlot slot = _slots[i * (_slots.Length - 1) / (Compared - 1)];
            fixed (float* tiles = _tiles, inverses = _inverses)
            {
                TileInverse.Invert(tiles, inverses, [slot], _words.AsSpan(0, 1));
            }

            int start = (int)slot.Offset;
            RequireSame(name, _inverses.AsSpan(start, _n * _n), actual.AsSpan(start, _n * _n), 1e-5);
        }
    }
}
