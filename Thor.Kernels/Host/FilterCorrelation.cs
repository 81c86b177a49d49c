using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>
/// The weight gradient where input channels are few: lanes run along rows of the image, and a weight's gradient is the sum over the lanes of
/// gradient row times shifted image row. A tile holds 4 output channels x up to 6 taps of partial sums in registers.
/// </summary>
/// <remarks>Chunks of samples as in <see cref="FilterProduct{T, TVector, TLanes}"/>; lanes are added last, in order.</remarks>
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
    private readonly ImageWindow _window;
    private readonly int _taps;
    private readonly int _tileTaps;
    private readonly int _outputs;
    private readonly int _pitch;
    private readonly int _strips;
    private readonly int _chunkSamples;
    private readonly int _chunks;
    private readonly long _partial;
    private readonly int* _offsets;
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
        _tileTaps = Tiling.Rows(_taps, TLanes.Taps);
        _outputs = Tiling.Filled(shape.GroupOutputs, TileOutputs);
        _pitch = Tiling.Filled(shape.OutputWidth, TLanes.Count);
        _window = new ImageWindow(
            shape.GroupInputs, shape.Height, shape.Width, -g.PaddingY, -g.PaddingX,
            ((shape.OutputHeight - 1) * g.StrideY) + (g.DilationY * (shape.KernelY - 1)) + 1,
            ((_pitch - 1) * g.StrideX) + (g.DilationX * (shape.KernelX - 1)) + 1,
            g.StrideX);
        _partial = (long)_outputs * Tiling.Filled(_taps, _tileTaps) * TLanes.Count;
        _chunkSamples = (shape.Batch + MaximumChunks - 1) / MaximumChunks;
        _chunks = (shape.Batch + _chunkSamples - 1) / _chunkSamples;
        _partials = arena.Take<T>(_chunks * g.Groups * _partial);

        _tapOffsets = arena.Take<int>(_taps);
        for (int tap = 0; tap < _taps; tap++)
        {
            int ky = tap / shape.KernelX % shape.KernelY;
            _tapOffsets[tap] = (tap / shape.KernelX / shape.KernelY * _window.Plane) + _window.Offset(ky * g.DilationY, tap % shape.KernelX * g.DilationX);
        }

        int perRow = _pitch / TLanes.Count;
        _strips = shape.OutputHeight * perRow;
        _offsets = arena.Take<int>(2L * _strips);
        for (int strip = 0; strip < _strips; strip++)
        {
            _offsets[2 * strip] = strip * TLanes.Count;
            _offsets[(2 * strip) + 1] = (strip / perRow * g.StrideY * _window.Pitch) + (strip % perRow * TLanes.Count);
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
        int rows = _shape.OutputHeight * _pitch;
        T* image = arena.Take<T>(_window.Length);
        T* gradient = arena.TakeZeroed<T>((long)_outputs * rows);
        T* sums = _partials + (index * _partial);
        new Span<T>(sums, checked((int)_partial)).Clear();
        for (int sample = begin; sample < end; sample++)
        {
            long imageIndex = ((long)sample * _shape.Inputs) + (group * _shape.GroupInputs);
            _window.Fill(_x + (imageIndex * _shape.InputPlane), image);
            T* from = _dy + ((((long)sample * _shape.Outputs) + (group * _shape.GroupOutputs)) * _shape.OutputPlane);
            for (int row = 0; row < _shape.GroupOutputs * _shape.OutputHeight; row++)
            {
                Unsafe.CopyBlockUnaligned(gradient + ((long)row * _pitch), from + ((long)row * _shape.OutputWidth), (uint)(_shape.OutputWidth * sizeof(T)));
            }

            T* target = sums;
            for (int o = 0; o < _outputs; o += TileOutputs)
            {
                for (int tap = 0; tap < _taps; tap += _tileTaps)
                {
                    int* taps = _tapOffsets + Math.Min(tap, _taps - _tileTaps);
                    CorrelationKernel.Run<T, TVector, TLanes>(_tileTaps, _strips, _offsets, gradient + ((long)o * rows), rows, image, taps, target);
                    target += TileOutputs * _tileTaps * TLanes.Count;
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
            int tile = (output / TileOutputs * tapTiles) + tapTile;
            int inTile = (output % TileOutputs * _tileTaps) + tap - Math.Min(tapTile * _tileTaps, _taps - _tileTaps);
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
