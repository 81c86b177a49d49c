using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>
/// The weight gradient where input channels fill registers: images and gradients are transposed to (position, channel), and every tap is a
/// product of gradient columns and image columns over the positions where the tap lies inside the image. Nothing is padded.
/// </summary>
/// <remarks>
/// Samples are cut into chunks fixed by the shape; a chunk sums its samples in order in its own copy of the filters (output, tap, input channel),
/// and the copies are added in order at the end, so that the result does not depend on the number of threads.
/// </remarks>
internal unsafe struct FilterProduct<T, TVector, TLanes> : IParallelBody
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : unmanaged
    where TLanes : struct, ILanes<T, TVector>
{
    private const int MaximumChunks = 16;
    private const long MaximumPartialElements = 1 << 24;

    // Positions that a tile stays in registers for: enough to make loading and storing it cheap, few enough that their channels stay in the first-level cache.
    private const int StepsPerTile = 256;

    private readonly T* _x;
    private readonly T* _dy;
    private readonly T* _dw;
    private readonly ConvolutionShape _shape;
    private readonly int _taps;
    private readonly int _inputPitch;
    private readonly int _rows;
    private readonly int _pairRows;
    private readonly int _outputPitch;
    private readonly int _samples;
    private readonly int _chunkSamples;
    private readonly int _chunks;
    private readonly int _shares;
    private readonly long _partial;
    private readonly int _blockRows;
    private readonly int _blocks;
    private readonly int** _tables;
    private readonly int** _blockStarts;
    private readonly T* _partials;
    private readonly T* _zeros;

    private FilterProduct(Arena arena, T* x, T* dy, T* dw, in ConvolutionShape shape)
    {
        _x = x;
        _dy = dy;
        _dw = dw;
        _shape = shape;
        _taps = shape.KernelY * shape.KernelX;
        _inputPitch = ConvolutionTiling.Filled(shape.GroupInputs, TLanes.Count);
        _rows = ConvolutionTiling.Rows(shape.GroupOutputs, TLanes.Rows);
        _pairRows = ConvolutionTiling.Rows((shape.GroupOutputs + 1) / 2, TLanes.Rows);
        int padded = Math.Max(ConvolutionTiling.Filled(shape.GroupOutputs, _rows), ConvolutionTiling.Filled(shape.GroupOutputs, 2 * _pairRows));
        _outputPitch = ConvolutionTiling.Filled(padded, TLanes.Count);
        _partial = (long)padded * _taps * _inputPitch;

        // Small images are taken several at a time, large ones in blocks of rows.
        _samples = Math.Clamp(StepsPerTile / shape.OutputPlane, 1, 8);
        int rows = _samples * shape.OutputHeight;
        _blocks = Math.Max(1, shape.OutputPlane / StepsPerTile);
        _blockRows = (rows + _blocks - 1) / _blocks;
        _blocks = (rows + _blockRows - 1) / _blockRows;
        long chunks = Math.Clamp(MaximumPartialElements / Math.Max(1, _partial * shape.Geometry.Groups), 1, MaximumChunks);
        _chunkSamples = ConvolutionTiling.Filled((int)((shape.Batch + chunks - 1) / chunks), _samples);
        _chunks = (shape.Batch + _chunkSamples - 1) / Math.Max(1, _chunkSamples);
        int pieces = Math.Max(1, _chunks * shape.Geometry.Groups);
        _shares = Math.Clamp(((2 * WorkerPool.Shared.Threads) + pieces - 1) / pieces, 1, padded / Math.Max(_rows, 2 * _pairRows));
        _partials = arena.Take<T>(_chunks * shape.Geometry.Groups * _partial);
        _zeros = arena.TakeZeroed<T>(TLanes.Count);
        _tables = (int**)arena.Take<nint>(_taps);
        _blockStarts = (int**)arena.Take<nint>(_taps);
        for (int tap = 0; tap < _taps; tap++)
        {
            _blockStarts[tap] = arena.Take<int>(_blocks + 1);
            _tables[tap] = Table(arena, tap, _blockStarts[tap]);
        }
    }

    /// <summary>dw = the adjoint of the convolution in w, applied to dy. The batch has at least one image.</summary>
    public static void Run(T* x, T* dy, T* dw, in ConvolutionShape shape)
    {
        FilterProduct<T, TVector, TLanes> product = new(Arena.ForCall(), x, dy, dw, shape);
        WorkerPool.For(product._chunks * shape.Geometry.Groups * product._shares, product);
        WorkerPool.For(shape.Outputs, new Total(product));
    }

    public readonly void Invoke(int index)
    {
        Arena arena = Arena.ForPiece();
        int share = index % _shares;
        int group = index / _shares % _shape.Geometry.Groups;
        int chunk = index / _shares / _shape.Geometry.Groups;
        T* images = arena.TakeZeroed<T>((long)_samples * _shape.InputPlane * _inputPitch);
        T* gradients = arena.TakeZeroed<T>((long)_samples * _shape.OutputPlane * _outputPitch);
        T* sums = _partials + (((chunk * _shape.Geometry.Groups) + group) * _partial);
        int begin = chunk * _chunkSamples;
        int end = Math.Min(begin + _chunkSamples, _shape.Batch);
        for (int sample = begin; sample < end; sample += _samples)
        {
            int together = Math.Min(_samples, end - sample);
            for (int s = 0; s < together; s++)
            {
                long image = ((sample + s) * (long)_shape.Inputs) + (group * _shape.GroupInputs);
                long gradient = ((sample + s) * (long)_shape.Outputs) + (group * _shape.GroupOutputs);
                ChannelsLast(_x + (image * _shape.InputPlane), _shape.GroupInputs, _shape.InputPlane, images + ((long)s * _shape.InputPlane * _inputPitch), _inputPitch);
                ChannelsLast(_dy + (gradient * _shape.OutputPlane), _shape.GroupOutputs, _shape.OutputPlane, gradients + ((long)s * _shape.OutputPlane * _outputPitch), _outputPitch);
            }

            for (int block = 0; block < _blocks; block++)
            {
                Accumulate(images, gradients, together, block, sums, sample == begin && block == 0, share);
            }
        }
    }

    /// <summary>(channel, position) to (position, channel).</summary>
    private static void ChannelsLast(T* source, int channels, int positions, T* target, int pitch)
    {
        for (int c = 0; c < channels; c += TLanes.Count)
        {
            int rows = Math.Min(TLanes.Count, channels - c);
            for (int p = 0; p < positions; p += TLanes.Count)
            {
                // The last stretch moves back to be a whole one; what it writes twice is the same.
                int first = positions < TLanes.Count ? p : Math.Min(p, positions - TLanes.Count);
                TLanes.Transpose(
                    source + ((long)c * positions) + first, positions, rows, target + ((long)first * pitch) + c, pitch, Math.Min(TLanes.Count, positions - first));
            }
        }
    }

    private readonly void Accumulate(T* images, T* gradients, int together, int block, T* sums, bool first, int share)
    {
        ConvolutionTileArguments<T> tile = default;
        int registers;
        for (int channel = 0; channel < _shape.GroupInputs; channel += registers * TLanes.Count)
        {
            registers = ConvolutionTiling.PanelRegisters(_shape.GroupInputs, channel, TLanes.Count);
            bool wide = registers == 2;
            int rows = wide ? _rows : _pairRows;
            int step = wide ? rows : 2 * rows;
            int tiles = (_shape.GroupOutputs + step - 1) / step;
            nint rowStride = (nint)_taps * _inputPitch;
            tile.Right = images + channel;
            tile.TargetRow = rowStride;
            tile.TargetHalf = wide ? TLanes.Count : rows * rowStride;
            tile.Second = wide ? TLanes.Count : rows;
            tile.StartRow = first ? 0 : tile.TargetRow;
            tile.StartHalf = first ? 0 : tile.TargetHalf;
            for (int t = tiles * share / _shares; t < tiles * (share + 1) / _shares; t++)
            {
                tile.Left = gradients + (t * step);
                for (int tap = 0; tap < _taps; tap++)
                {
                    tile.Target = sums + (t * step * rowStride) + ((long)tap * _inputPitch) + channel;
                    tile.Start = first ? _zeros : tile.Target;
                    int from = _blockStarts[tap][block];
                    tile.Offsets = _tables[tap] + (2 * (nint)from);
                    tile.Count = (_blockStarts[tap][block + 1] - from) / _samples * together;
                    ConvolutionTileKernel.Run<T, TVector, TLanes>(rows, wide, ref tile);
                }
            }
        }
    }

    /// <summary>
    /// For one tap, the positions of gradient and image that meet, inside the image only, for the samples taken together; and where each block
    /// of rows begins among them. Only images that are taken alone have several blocks.
    /// </summary>
    private readonly int* Table(Arena arena, int tap, int* blockStarts)
    {
        Convolution2d g = _shape.Geometry;
        int* table = arena.Take<int>(2L * _samples * _shape.OutputPlane);
        int* next = table;
        for (int i = 0; i < _samples * _shape.OutputHeight; i++)
        {
            if (i % _blockRows == 0)
            {
                blockStarts[i / _blockRows] = (int)((next - table) / 2);
            }

            int oy = i % _shape.OutputHeight;
            int iy = (oy * g.StrideY) + (tap / _shape.KernelX * g.DilationY) - g.PaddingY;
            if ((uint)iy >= (uint)_shape.Height)
            {
                continue;
            }

            int imageRow = (i / _shape.OutputHeight * _shape.InputPlane) + (iy * _shape.Width);
            for (int ox = 0; ox < _shape.OutputWidth; ox++)
            {
                int ix = (ox * g.StrideX) + (tap % _shape.KernelX * g.DilationX) - g.PaddingX;
                if ((uint)ix < (uint)_shape.Width)
                {
                    *next++ = ((i * _shape.OutputWidth) + ox) * _outputPitch;
                    *next++ = (imageRow + ix) * _inputPitch;
                }
            }
        }

        blockStarts[_blocks] = (int)((next - table) / 2);
        return table;
    }

    /// <summary>Adds the chunks' copies of one output channel's filter and stores it in the order of filters.</summary>
    private readonly struct Total(FilterProduct<T, TVector, TLanes> product) : IParallelBody
    {
        public void Invoke(int index)
        {
            int groups = product._shape.Geometry.Groups;
            int group = index / product._shape.GroupOutputs;
            int taps = product._taps;
            int pitch = product._inputPitch;
            int inputs = product._shape.GroupInputs;
            long row = (long)taps * pitch;
            T* filter = product._partials + (group * product._partial) + (index % product._shape.GroupOutputs * row);
            T* sum = Arena.ForPiece().Take<T>(row);
            for (long i = 0; i < row; i += TLanes.Count)
            {
                TVector total = TLanes.Load(filter + i);
                for (int chunk = 1; chunk < product._chunks; chunk++)
                {
                    total = TLanes.Add(total, TLanes.Load(filter + (chunk * groups * product._partial) + i));
                }

                TLanes.Store(total, sum + i);
            }

            for (int c = 0; c < inputs; c += TLanes.Count)
            {
                for (int tap = 0; tap < taps; tap += TLanes.Count)
                {
                    TLanes.Transpose(
                        sum + ((long)tap * pitch) + c, pitch, Math.Min(TLanes.Count, taps - tap),
                        product._dw + (((long)index * inputs) + c) * taps + tap, taps, Math.Min(TLanes.Count, inputs - c));
                }
            }
        }
    }
}
