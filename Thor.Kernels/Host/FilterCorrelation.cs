using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>
/// The weight gradient where input channels are few: lanes run along whole planes, and a weight's gradient is the sum over the lanes of
/// gradient plane times shifted image plane. A tile holds 4 output channels x up to 6 taps of partial sums in registers.
/// </summary>
/// <remarks>
/// The image is copied once per filter column, zero-padded and cut to the columns which that column of the filter meets, so that every tap's
/// plane is a stretch of memory as long as the gradient's plane; gradients are read where they are. Chunks of samples as in <see cref="FilterProduct{T, TVector, TLanes}"/>; lanes are added last, in order.
/// </remarks>
internal unsafe struct FilterCorrelation<T, TVector, TLanes> : IParallelBody
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : unmanaged
    where TLanes : struct, ILanes<T, TVector>
{
    private const int MaximumChunks = 16;
    private const int TileOutputs = 4;

    private readonly T* _x;
    private readonly T* _dy;
    private readonly T* _dw;
    private readonly ConvolutionShape _shape;
    private readonly int _phaseRows;
    private readonly int _imagePlane;
    private readonly int _taps;
    private readonly int _tileTaps;
    private readonly int _tileOutputs;
    private readonly int _strips;
    private readonly int _tail;
    private readonly int _chunkSamples;
    private readonly int _chunks;
    private readonly long _partial;
    private readonly int* _tapOffsets;
    private readonly T* _partials;

    private FilterCorrelation(Arena arena, T* x, T* dy, T* dw, in ConvolutionShape shape)
    {
        _x = x;
        _dy = dy;
        _dw = dw;
        _shape = shape;
        Convolution2d g = shape.Geometry;
        _taps = shape.GroupInputs * shape.KernelY * shape.KernelX;
        _tileTaps = ConvolutionTiling.Rows(_taps, TLanes.Taps);
        _strips = shape.OutputPlane / TLanes.Count;
        _tail = shape.OutputPlane % TLanes.Count;

        // Fewer than 4 output channels are taken one by one, each in all 4 rows of its tile.
        _tileOutputs = shape.GroupOutputs < TileOutputs ? 1 : TileOutputs;
        int tiles = (shape.GroupOutputs + _tileOutputs - 1) / _tileOutputs * ((_taps + _tileTaps - 1) / _tileTaps);
        _partial = (long)tiles * TileOutputs * _tileTaps * TLanes.Count;
        _chunkSamples = (shape.Batch + MaximumChunks - 1) / MaximumChunks;
        _chunks = (shape.Batch + _chunkSamples - 1) / _chunkSamples;
        _partials = arena.Take<T>(_chunks * g.Groups * _partial);

        // Copies are (filter column, channel, row modulo stride, row / stride, output column).
        _phaseRows = shape.OutputHeight + (((shape.KernelY - 1) * g.DilationY) / g.StrideY);
        _imagePlane = g.StrideY * _phaseRows * shape.OutputWidth;
        _tapOffsets = arena.Take<int>(_taps);
        for (int tap = 0; tap < _taps; tap++)
        {
            int row = tap / shape.KernelX % shape.KernelY * g.DilationY;
            int plane = (tap % shape.KernelX * shape.GroupInputs) + (tap / shape.KernelX / shape.KernelY);
            _tapOffsets[tap] = (plane * _imagePlane) + (((row % g.StrideY * _phaseRows) + (row / g.StrideY)) * shape.OutputWidth);
        }
    }

    /// <summary>dw = the adjoint of the convolution in w, applied to dy. The batch has at least one image.</summary>
    public static void Run(T* x, T* dy, T* dw, in ConvolutionShape shape)
    {
        FilterCorrelation<T, TVector, TLanes> correlation = new(Arena.ForCall(), x, dy, dw, shape);
        WorkerPool.For(correlation._chunks * shape.Geometry.Groups, correlation);
        correlation.Total();
    }

    /// <summary>Sums the samples of one chunk for one group.</summary>
    public readonly void Invoke(int index)
    {
        Arena arena = Arena.ForPiece();
        int group = index % _shape.Geometry.Groups;
        int begin = index / _shape.Geometry.Groups * _chunkSamples;
        int end = Math.Min(begin + _chunkSamples, _shape.Batch);

        // One register beyond the copies: the last lanes of the last plane meet zeros of the gradient, and must be numbers.
        T* image = arena.TakeZeroed<T>(((long)_shape.KernelX * _shape.GroupInputs * _imagePlane) + TLanes.Count);
        T* tails = arena.TakeZeroed<T>((long)_shape.GroupOutputs * TLanes.Count);
        T* sums = _partials + (index * _partial);
        new Span<T>(sums, checked((int)_partial)).Clear();
        nint leftRow = _tileOutputs == 1 ? 0 : 1;
        int whole = _strips * TLanes.Count;
        for (int sample = begin; sample < end; sample++)
        {
            CopyImage(_x + ((((long)sample * _shape.Inputs) + (group * _shape.GroupInputs)) * _shape.InputPlane), image);
            T* gradient = _dy + ((((long)sample * _shape.Outputs) + (group * _shape.GroupOutputs)) * _shape.OutputPlane);
            for (int o = 0; o < _shape.GroupOutputs && _tail > 0; o++)
            {
                new Span<T>(gradient + ((long)o * _shape.OutputPlane) + whole, _tail).CopyTo(new Span<T>(tails + ((long)o * TLanes.Count), _tail));
            }

            T* target = sums;
            for (int tile = 0; tile < _shape.GroupOutputs; tile += _tileOutputs)
            {
                int o = Math.Min(tile, _shape.GroupOutputs - _tileOutputs);
                for (int tap = 0; tap < _taps; tap += _tileTaps)
                {
                    int* taps = _tapOffsets + Math.Min(tap, _taps - _tileTaps);
                    T* left = gradient + ((long)o * _shape.OutputPlane);
                    CorrelationKernel.Run<T, TVector, TLanes>(_tileTaps, _strips, left, leftRow * _shape.OutputPlane, image, taps, target);
                    if (_tail > 0)
                    {
                        CorrelationKernel.Run<T, TVector, TLanes>(
                            _tileTaps, 1, tails + ((long)o * TLanes.Count), leftRow * TLanes.Count, image + whole, taps, target);
                    }

                    target += TileOutputs * _tileTaps * TLanes.Count;
                }
            }
        }
    }

    private readonly void CopyImage(T* source, T* target)
    {
        Convolution2d g = _shape.Geometry;
        for (int plane = 0; plane < _shape.KernelX * _shape.GroupInputs; plane++)
        {
            int column = (plane / _shape.GroupInputs * g.DilationX) - g.PaddingX;
            int first = column >= 0 ? 0 : Math.Min(_shape.OutputWidth, (-column + g.StrideX - 1) / g.StrideX);
            int end = column >= _shape.Width ? first : Math.Clamp(((_shape.Width - 1 - column) / g.StrideX) + 1, first, _shape.OutputWidth);
            T* image = source + ((long)(plane % _shape.GroupInputs) * _shape.InputPlane) + column;
            for (int row = 0; row < g.StrideY * _phaseRows; row++)
            {
                int y = (row % _phaseRows * g.StrideY) + (row / _phaseRows) - g.PaddingY;
                T* to = target + ((long)plane * _imagePlane) + ((long)row * _shape.OutputWidth);
                if ((uint)y >= (uint)_shape.Height)
                {
                    // Rows outside were zeroed with the whole.
                    continue;
                }

                T* from = image + ((long)y * _shape.Width);
                if (g.StrideX == 1)
                {
                    Unsafe.CopyBlockUnaligned(to + first, from + first, (uint)((end - first) * sizeof(T)));
                    continue;
                }

                for (int ox = first; ox < end; ox++)
                {
                    to[ox] = from[(long)ox * g.StrideX];
                }
            }
        }
    }

    private readonly void Total()
    {
        int groups = _shape.Geometry.Groups;
        int tapTiles = (_taps + _tileTaps - 1) / _tileTaps;
        for (int i = 0; i < _shape.Outputs * _taps; i++)
        {
            int tap = i % _taps;
            int output = i / _taps % _shape.GroupOutputs;
            int group = i / _taps / _shape.GroupOutputs;
            int tapTile = tap / _tileTaps;
            int outputTile = output / _tileOutputs;
            int tile = (outputTile * tapTiles) + tapTile;
            int row = output - Math.Min(outputTile * _tileOutputs, _shape.GroupOutputs - _tileOutputs);
            int inTile = (row * _tileTaps) + tap - Math.Min(tapTile * _tileTaps, _taps - _tileTaps);
            T* lanes = _partials + (group * _partial) + ((((long)tile * TileOutputs * _tileTaps) + inTile) * TLanes.Count);
            TVector total = TLanes.Load(lanes);
            for (int chunk = 1; chunk < _chunks; chunk++)
            {
                total = TLanes.Add(total, TLanes.Load(lanes + (chunk * groups * _partial)));
            }

            TLanes.Store(total, lanes);
            T sum = T.Zero;
            for (int lane = 0; lane < TLanes.Count; lane++)
            {
                sum += lanes[lane];
            }

            _dw[i] = sum;
        }
    }
}
