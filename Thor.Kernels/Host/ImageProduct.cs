using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>
/// Runs the passes of a forward convolution or an input gradient over every image. A piece of the loop is some images of one group, or a
/// share of one image's tiles when there are few images: it copies its image into a zero-padded window that stays in the cache and
/// sweeps panels of weights over it.
/// </summary>
internal unsafe struct ImageProduct<T, TVector, TLanes> : IParallelBody
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : unmanaged
    where TLanes : struct, ILanes<T, TVector>
{
    // Multiply-adds that are worth a piece: some 30 microseconds.
    private const long PieceWork = 1 << 20;

    private readonly T* _source;
    private readonly T* _target;
    private readonly int _batch;
    private readonly int _groups;
    private readonly int _outputs;
    private readonly int _targetPlane;
    private readonly ImageWindow _window;
    private ConvolutionPass<T>* _passes;
    private int _passCount;
    private T* _start;
    private int _imagesPerPiece;
    private int _shares;

    private ImageProduct(T* source, T* target, int batch, int groups, int outputs, int targetPlane, ImageWindow window)
    {
        _source = source;
        _target = target;
        _batch = batch;
        _groups = groups;
        _outputs = outputs;
        _targetPlane = targetPlane;
        _window = window;
    }

    /// <summary>y = x convolved with w, plus bias unless it is null.</summary>
    public static void Forward(T* x, T* w, T* bias, T* y, in ConvolutionShape shape)
    {
        Arena arena = Arena.ForCall();
        Convolution2d g = shape.Geometry;
        int reachY = (g.DilationY * (shape.KernelY - 1)) + 1;
        int reachX = (g.DilationX * (shape.KernelX - 1)) + 1;
        ImageWindow window = new(
            shape.GroupInputs, shape.Height, shape.Width, -g.PaddingY, -g.PaddingX,
            ((shape.OutputHeight - 1) * g.StrideY) + reachY, ((shape.OutputWidth - 1) * g.StrideX) + reachX, g.StrideX);
        ConvolutionPass<T>* pass = arena.TakeZeroed<ConvolutionPass<T>>(1);
        pass->GridRows = shape.OutputHeight;
        pass->GridColumns = shape.OutputWidth;
        pass->RowStep = g.StrideY;
        pass->TargetRow = shape.OutputWidth;
        pass->TargetColumn = 1;
        pass->TapRows = shape.KernelY;
        pass->FilterRows = arena.Take<int>(shape.KernelY);
        pass->WindowRows = arena.Take<int>(shape.KernelY);
        for (int ky = 0; ky < shape.KernelY; ky++)
        {
            pass->FilterRows[ky] = ky;
            pass->WindowRows[ky] = ky * g.DilationY;
        }

        pass->TapColumns = shape.KernelX;
        pass->FilterColumns = arena.Take<int>(shape.KernelX);
        pass->WindowColumns = arena.Take<int>(shape.KernelX);
        for (int kx = 0; kx < shape.KernelX; kx++)
        {
            pass->FilterColumns[kx] = kx;
            pass->WindowColumns[kx] = window.Offset(0, kx * g.DilationX);
        }

        ImageProduct<T, TVector, TLanes> product = new(x, y, shape.Batch, g.Groups, shape.GroupOutputs, shape.OutputPlane, window)
        {
            _passes = pass,
            _passCount = 1,
        };
        long filter = (long)shape.GroupInputs * shape.KernelY * shape.KernelX;
        product.Run(arena, w, (shape.GroupOutputs * filter, filter, shape.KernelY * shape.KernelX, shape.KernelX), bias);
    }

    /// <summary>dx = the adjoint of the convolution in x, applied to dy.</summary>
    /// <remarks>
    /// With p the padding, d the dilation and s the stride, dx[i] = sum over k of w[k] dy[(i + p - k d) / s] where that is whole. For
    /// i + p = s q + r only taps with k d = s j + r take part, and each reads dy[q - j]: per residue r a convolution with stride 1.
    /// </remarks>
    public static void InputGradient(T* dy, T* w, T* dx, in ConvolutionShape shape)
    {
        Arena arena = Arena.ForCall();
        Convolution2d g = shape.Geometry;
        Residue* rows = Residues(arena, shape.Height, shape.KernelY, g.StrideY, g.PaddingY, g.DilationY, out int top, out int bottom);
        Residue* columns = Residues(arena, shape.Width, shape.KernelX, g.StrideX, g.PaddingX, g.DilationX, out int left, out int right);
        ImageWindow window = new(
            shape.GroupOutputs, shape.OutputHeight, shape.OutputWidth, top, left, bottom - top, right - left, 1);
        ConvolutionPass<T>* passes = arena.TakeZeroed<ConvolutionPass<T>>(g.StrideY * g.StrideX);
        int count = 0;
        for (int i = 0; i < g.StrideY * g.StrideX; i++)
        {
            Residue row = rows[i / g.StrideX];
            Residue column = columns[i % g.StrideX];
            if (row.Positions > 0 && column.Positions > 0)
            {
                passes[count++] = new ConvolutionPass<T>
                {
                    GridRows = row.Positions,
                    GridColumns = column.Positions,
                    RowStep = 1,
                    Target = (row.First * shape.Width) + column.First,
                    TargetRow = g.StrideY * shape.Width,
                    TargetColumn = g.StrideX,
                    TapRows = column.Taps == 0 ? 0 : row.Taps,
                    TapColumns = column.Taps,
                    FilterRows = row.Filter,
                    WindowRows = row.Window,
                    FilterColumns = column.Filter,
                    WindowColumns = column.Window,
                };
            }
        }

        ImageProduct<T, TVector, TLanes> product = new(dy, dx, shape.Batch, g.Groups, shape.GroupInputs, shape.InputPlane, window)
        {
            _passes = passes,
            _passCount = count,
        };
        long kernel = (long)shape.KernelY * shape.KernelX;
        product.Run(arena, w, (shape.GroupOutputs * shape.GroupInputs * kernel, kernel, shape.GroupInputs * kernel, shape.KernelX), null);
    }

    public readonly void Invoke(int index)
    {
        Arena arena = Arena.ForPiece();
        T* scratch = _window.IsWhole ? null : arena.Take<T>(_window.Length);
        T* tile = arena.Take<T>(2 * TLanes.Rows * TLanes.Count);
        int share = index % _shares;
        int first = index / _shares * _imagesPerPiece;
        int last = Math.Min(first + _imagesPerPiece, _batch * _groups);
        for (int i = first; i < last; i++)
        {
            int group = i % _groups;
            T* image = _source + ((long)i * _window.Channels * _window.Height * _window.Width);
            if (scratch != null)
            {
                _window.Fill(image, scratch);
                image = scratch;
            }

            T* target = _target + ((long)i * _outputs * _targetPlane);
            for (int p = 0; p < _passCount; p++)
            {
                ref ConvolutionPass<T> pass = ref _passes[p];
                if (pass.ColumnLanes)
                {
                    SweepColumns(ref pass, image, target, group, share, tile);
                }
                else
                {
                    SweepChannels(ref pass, image, target, group, share, tile);
                }
            }
        }
    }

    /// <summary>Positions of an axis with one residue, and the taps that reach them.</summary>
    private readonly struct Residue(int first, int positions, int taps, int* filter, int* window)
    {
        public readonly int First = first;
        public readonly int Positions = positions;
        public readonly int Taps = taps;
        public readonly int* Filter = filter;
        public readonly int* Window = window;
    }

    private static Residue* Residues(Arena arena, int size, int kernel, int stride, int padding, int dilation, out int begin, out int end)
    {
        Residue* residues = arena.Take<Residue>(stride);
        begin = int.MaxValue;
        end = int.MinValue;
        for (int r = 0; r < stride; r++)
        {
            // i = stride q + r - padding runs over [0, size).
            int firstQ = padding > r ? (padding - r + stride - 1) / stride : 0;
            int endQ = size - 1 + padding < r ? 0 : ((size - 1 + padding - r) / stride) + 1;
            int* filter = arena.Take<int>(kernel);
            int* window = arena.Take<int>(kernel);
            int taps = 0;
            for (int k = kernel - 1; k >= 0; k--)
            {
                if (k * dilation % stride == r)
                {
                    filter[taps] = k;
                    window[taps++] = firstQ - (k * dilation / stride);
                }
            }

            residues[r] = new Residue((stride * firstQ) + r - padding, endQ - firstQ, taps, filter, window);
            if (endQ > firstQ && taps > 0)
            {
                begin = Math.Min(begin, window[0]);
                end = Math.Max(end, window[taps - 1] + endQ - firstQ);
            }
        }

        // No residue has taps and positions only for an image without elements.
        begin = end == int.MinValue ? 0 : begin;
        end = Math.Max(begin, end);
        for (int r = 0; r < stride; r++)
        {
            for (int t = 0; t < residues[r].Taps; t++)
            {
                residues[r].Window[t] -= begin;
            }
        }

        return residues;
    }

    private void Run(Arena arena, T* weights, (long Group, long Output, long Channel, long Row) strides, T* bias)
    {
        long work = 0;
        int places = 1;
        for (int p = 0; p < _passCount; p++)
        {
            ref ConvolutionPass<T> pass = ref _passes[p];
            pass.Prepare(arena, _window, _outputs, _groups, TLanes.Count, TLanes.Rows, weights, strides);
            places = Math.Max(places, pass.SpotCount);
            work += (long)pass.GridRows * pass.GridColumns * pass.TapRows * pass.TapColumns * _window.Channels * _outputs;
        }

        Broadcast(arena, bias);
        int images = _batch * _groups;
        int threads = WorkerPool.Shared.Threads;
        _imagesPerPiece = (int)Math.Clamp(PieceWork / Math.Max(1, work), 1, Math.Max(1, images));
        int pieces = (images + _imagesPerPiece - 1) / _imagesPerPiece;
        _shares = pieces >= 3 * threads || work < 2 * PieceWork
            ? 1
            : (int)Math.Min(Math.Min(places, work / PieceWork), ((3L * threads) + pieces - 1) / Math.Max(1, pieces));
        WorkerPool.For(pieces * _shares, this);
    }

    /// <summary>Start values: per group, channels side by side for lanes of channels (up to two registers too many), then each channel's value in a whole register.</summary>
    private void Broadcast(Arena arena, T* bias)
    {
        int row = StartRow;
        _start = arena.TakeZeroed<T>((long)_groups * row);
        for (int g = 0; g < _groups && bias != null; g++)
        {
            T* channels = _start + (g * row);
            T* registers = channels + row - (_outputs * TLanes.Count);
            for (int o = 0; o < _outputs; o++)
            {
                channels[o] = bias[(g * _outputs) + o];
                TLanes.Store(TLanes.Broadcast(channels[o]), registers + (o * TLanes.Count));
            }
        }
    }

    private readonly int StartRow => _outputs + (2 * TLanes.Count) + (_outputs * TLanes.Count);

    private readonly void SweepColumns(ref ConvolutionPass<T> pass, T* image, T* target, int group, int share, T* scratch)
    {
        bool dense = pass.TargetColumn == 1;
        ConvolutionTileArguments<T> tile = default;
        tile.Right = image;
        tile.StartRow = TLanes.Count;
        int begin = (int)((long)pass.SpotCount * share / _shares);
        int end = (int)((long)pass.SpotCount * (share + 1) / _shares);
        for (int block = 0; block < _outputs; block += pass.Rows)
        {
            int channel = Math.Min(block, _outputs - pass.Rows);
            tile.Left = pass.Weights + (group * pass.GroupWeights) + channel;
            tile.Start = _start + ((group + 1) * StartRow) - ((_outputs - channel) * TLanes.Count);
            T* planes = target + ((long)channel * _targetPlane);
            for (int s = begin; s < end; s++)
            {
                ConvolutionPass<T>.Spot spot = pass.Spots[s];
                tile.Count = spot.Count;
                tile.Offsets = pass.Offsets + (2 * (nint)spot.First);
                tile.Right = image + spot.Source;
                tile.Second = spot.Second;
                tile.Target = dense ? planes + spot.Target : scratch;
                tile.TargetRow = dense ? _targetPlane : TLanes.Count;
                tile.TargetHalf = dense ? spot.TargetSecond : pass.Rows * TLanes.Count;
                ConvolutionTileKernel.Run<T, TVector, TLanes>(pass.Rows, sharedRows: true, ref tile);
                for (int half = 0; half < 2 && !dense; half++)
                {
                    Scatter(
                        scratch + (half * tile.TargetHalf), TLanes.Count, 1, planes + spot.Target + (half * spot.TargetSecond), pass.Rows, TLanes.Count,
                        pass.TargetColumn);
                }
            }
        }
    }

    private readonly void SweepChannels(ref ConvolutionPass<T> pass, T* image, T* target, int group, int share, T* scratch)
    {
        ConvolutionTileArguments<T> tile = default;
        tile.Target = scratch;
        T* panel = pass.Weights + (group * pass.GroupWeights);
        int steps = pass.TapRows * _window.Channels * pass.TapColumns;
        int registers;
        for (int channel = 0; channel < _outputs; channel += registers * TLanes.Count)
        {
            registers = ConvolutionTiling.PanelRegisters(_outputs, channel, TLanes.Count);
            bool wide = registers == 2;
            ConvolutionPass<T>.Spot* spots = wide ? pass.Spots : pass.NarrowSpots;
            int* offsets = wide ? pass.Offsets : pass.NarrowOffsets;
            int count = wide ? pass.SpotCount : pass.NarrowSpotCount;
            int end = (int)((long)count * (share + 1) / _shares);
            tile.Right = panel;
            tile.Start = _start + (group * StartRow) + channel;
            tile.StartHalf = wide ? TLanes.Count : 0;
            tile.TargetRow = registers * TLanes.Count;
            tile.TargetHalf = wide ? TLanes.Count : pass.Rows * TLanes.Count;
            for (int s = (int)((long)count * share / _shares); s < end; s++)
            {
                ConvolutionPass<T>.Spot spot = spots[s];
                tile.Count = spot.Count;
                tile.Offsets = offsets + (2 * (nint)spot.First);
                tile.Left = image + spot.Source;
                tile.Second = wide ? TLanes.Count : spot.Second;
                ConvolutionTileKernel.Run<T, TVector, TLanes>(pass.Rows, wide, ref tile);
                for (int half = 0; half < 2; half++)
                {
                    int first = wide ? channel + (half * TLanes.Count) : channel;
                    int lanes = Math.Min(TLanes.Count, _outputs - first);
                    T* to = target + ((long)first * _targetPlane) + spot.Target + (wide ? 0 : half * spot.TargetSecond);
                    if (pass.TargetColumn == 1)
                    {
                        TLanes.Transpose(scratch + (half * tile.TargetHalf), tile.TargetRow, pass.Rows, to, _targetPlane, lanes);
                    }
                    else
                    {
                        Scatter(scratch + (half * tile.TargetHalf), 1, tile.TargetRow, to, lanes, pass.Rows, pass.TargetColumn);
                    }
                }
            }

            panel += (long)steps * registers * TLanes.Count;
        }
    }

    /// <summary>Writes values (channel, position) to planes of the target, positions a step apart.</summary>
    private readonly void Scatter(T* values, nint channelStride, nint positionStride, T* target, int channels, int positions, int step)
    {
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < positions; i++)
            {
                target[((long)c * _targetPlane) + (i * step)] = values[(c * channelStride) + (i * positionStride)];
            }
        }
    }
}
