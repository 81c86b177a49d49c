using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>Inverses of a batch of positive definite tiles that fits the second cache.</summary>
internal sealed unsafe class TileInverseWorkload : TileWorkload
{
    private const int BatchElements = 8 * TileSize * TileSize;

    private readonly int _n;
    private readonly TileSlot[] _slots;
    private readonly int[] _status;
    private readonly float* _source;
    private readonly float* _result;

    public TileInverseWorkload(int n)
    {
        int batch = Math.Max(1, BatchElements / (n * n));
        _n = n;
        _slots = new TileSlot[batch];
        _status = new int[batch];
        float[] tiles = new float[batch * n * n];
        for (int tile = 0; tile < batch; tile++)
        {
            _slots[tile] = new TileSlot((long)tile * n * n, n, Damping: 0);
            FillDefinite(tiles.AsSpan(tile * n * n), n);
        }

        _source = Keep(Tensor.From(tiles, [tiles.Length]));
        _result = Keep(Tensor.Zeros([tiles.Length]));
        Operations = batch * (((double)n * n * n) + ((double)n * n) + n);
    }

    public override void Run()
    {
        TileInverse.Invert(_source, _result, _slots, _status);
        if (_status.AsSpan().ContainsAnyExcept(0))
        {
            throw new InvalidOperationException($"A tile of dimension {_n} was not inverted.");
        }
    }

    /// <inheritdoc/>
    /// <remarks>LAPACK works in place, so the copy, which Thor does without, is part of the work.</remarks>
    public override void RunPeer()
    {
        long bytes = (long)_slots.Length * _n * _n * sizeof(float);
        Buffer.MemoryCopy(_source, _result, bytes, bytes);
        foreach (TileSlot slot in _slots)
        {
            if (OpenBlas.InvertPositiveDefinite(_result + slot.Offset, _n) != 0)
            {
                throw new InvalidOperationException($"OpenBLAS did not invert a tile of dimension {_n}.");
            }
        }
    }
}
