using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>
/// Rows of a convolution's patch matrix. A column of it runs through an image along the window positions, so blocks of columns are loaded
/// from lines and transposed in registers.
/// </summary>
/// <remarks>
/// The lines of the images that a chunk of rows sees are first laid out once for all columns: with zeros for padding, and where windows
/// move by more than 1, pixels at that distance side by side. Then a column is an offset, whatever its place in the window, and every
/// window position a distance from it.
/// </remarks>
internal readonly unsafe struct TilePatchRows<T>(T* images, TilePatches patches) : ITileRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _height = patches.OutputHeight;
    private readonly int _width = patches.OutputWidth;

    public long Count => (long)patches.Batch * _height * _width;

    public long SpareElements(int rows, int columns)
    {
        if (Count == 0)
        {
            return 0;
        }

        int lines = Math.Min(((rows - 1) / _width) + 2, patches.Batch * _height);
        int images = Math.Min(((rows - 1) / (_height * _width)) + 2, patches.Batch);
        int channels = ((columns - 1) / (patches.KernelY * patches.KernelX)) + 2;
        return new Stage(patches, Math.Min(lines, _height), Math.Min(rows, _width), channels).ImageElements * images;
    }

    public T* Find(int column, long row, out nint stride)
    {
        stride = 0;
        return null;
    }

    public void Gather(int column, int columns, long row, int rows, T* strip, nint stride, T* spare)
    {
        int window = patches.KernelY * patches.KernelX;
        int firstChannel = column / window;
        int channels = ((column + columns - 1) / window) - firstChannel + 1;
        long line = row / _width;
        long lastLine = (row + rows - 1) / _width;
        int start = line == lastLine ? (int)(row % _width) : 0;
        int span = line == lastLine ? rows : _width;
        Stage copied = new(patches, (int)Math.Min(lastLine - line + 1, _height), span, channels);

        int padded = (columns + TileTranspose.LargestBlock - 1) & ~(TileTranspose.LargestBlock - 1);
        nint* offsets = stackalloc nint[padded];
        int x = (int)(row % _width);
        long firstImage = line / _height;
        bool isFirst = true;
        bool wasReady = false;
        for (long image = firstImage; image <= lastLine / _height; image++)
        {
            bool isReady = IsReady(image);
            Stage stage = isReady ? new Stage(patches, channels) : copied;
            if (isFirst || isReady != wasReady)
            {
                stage.FillOffsets(column % window, columns, padded, offsets);
            }

            (isFirst, wasReady) = (false, isReady);
            int top = (int)(line - (image * _height));
            int bottom = (int)Math.Min(lastLine - (image * _height), _height - 1);
            T* planes = images + (((image * patches.Channels) + (patches.Group * patches.GroupChannels) + firstChannel) * patches.Height * patches.Width);
            T* own = planes + stage.Distance(top) + start;
            if (!isReady)
            {
                own = spare + ((image - firstImage) * stage.ImageElements);
                stage.Fill(planes, top, bottom, start, own);
            }

            for (int y = top; y <= bottom; y++)
            {
                int count = Math.Min(rows, _width - x);
                TileTranspose.Gather(own + stage.Distance(y - top) + x - start, offsets, strip, stride, count, padded);
                strip += count * stride;
                rows -= count;
                x = 0;
            }

            line = (image + 1) * _height;
        }
    }

    /// <summary>Whether an image can be read as it lies: there is another image behind it, because blocks read beyond a line.</summary>
    private bool IsReady(long image) =>
        patches.Geometry is { StrideY: 1, StrideX: 1, PaddingY: 0, PaddingX: 0 }
        && image + 1 < patches.Batch
        && (long)patches.Channels * patches.Height * patches.Width >= TileTranspose.LargestBlock;

    /// <summary>How the lines of a chunk of rows are laid out: (image, channel, line, phase of the stride, pixel).</summary>
    private readonly struct Stage
    {
        private readonly TilePatches _patches;
        private readonly int _channels;
        private readonly int _lines;
        private readonly int _pitch;

        /// <summary>The layout for so many output lines of an image, window positions in a line, and channels.</summary>
        public Stage(in TilePatches patches, int lines, int positions, int channels)
        {
            _patches = patches;
            _channels = channels;
            Convolution2d geometry = patches.Geometry;
            _lines = ((lines - 1) * geometry.StrideY) + ((patches.KernelY - 1) * geometry.DilationY) + 1;
            _pitch = positions + ((patches.KernelX - 1) * geometry.DilationX / geometry.StrideX);
        }

        /// <summary>The layout of images as they lie, where windows move by 1 and see no padding.</summary>
        public Stage(in TilePatches patches, int channels)
        {
            _patches = patches;
            _channels = channels;
            _lines = patches.Height;
            _pitch = patches.Width;
        }

        /// <summary>Elements of an image, with those behind it that a block may read.</summary>
        public long ImageElements => ((long)_channels * _lines * LineElements) + TileTranspose.LargestBlock;

        private int LineElements => _pitch * _patches.Geometry.StrideX;

        /// <summary>Elements from the first output line to another.</summary>
        public nint Distance(int lines) => (nint)lines * _patches.Geometry.StrideY * LineElements;

        /// <summary>Where columns begin, from one of the first channel on; beyond the last, the last again.</summary>
        public void FillOffsets(int column, int columns, int padded, nint* offsets)
        {
            Convolution2d geometry = _patches.Geometry;
            int x = column % _patches.KernelX;
            int y = column / _patches.KernelX;
            int channel = 0;
            for (int j = 0; j < columns; j++)
            {
                int across = x * geometry.DilationX;
                offsets[j] = ((((((nint)channel * _lines) + (y * geometry.DilationY)) * geometry.StrideX) + (across % geometry.StrideX)) * _pitch)
                    + (across / geometry.StrideX);
                if (++x == _patches.KernelX)
                {
                    x = 0;
                    if (++y == _patches.KernelY)
                    {
                        y = 0;
                        channel++;
                    }
                }
            }

            new Span<nint>(offsets + columns, padded - columns).Fill(offsets[columns - 1]);
        }

        /// <summary>Lays out what output lines of one image see.</summary>
        /// <param name="planes">The first channel's plane.</param>
        /// <param name="top">First output line.</param>
        /// <param name="bottom">Last output line.</param>
        /// <param name="start">First window position in a line.</param>
        /// <param name="stage">The image's part.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Fill(T* planes, int top, int bottom, int start, T* stage)
        {
            Convolution2d geometry = _patches.Geometry;
            int step = geometry.StrideX;
            int left = (start * step) - geometry.PaddingX;
            int first = (top * geometry.StrideY) - geometry.PaddingY;
            int last = (bottom * geometry.StrideY) - geometry.PaddingY + ((_patches.KernelY - 1) * geometry.DilationY);
            new Span<T>(stage, checked((int)ImageElements)).Clear();
            for (int channel = 0; channel < _channels; channel++)
            {
                T* plane = planes + ((nint)channel * _patches.Height * _patches.Width);
                T* lines = stage + ((nint)channel * _lines * LineElements);
                for (int y = Math.Max(first, 0); y <= last && y < _patches.Height; y++)
                {
                    T* pixels = plane + ((nint)y * _patches.Width);
                    T* line = lines + ((nint)(y - first) * LineElements);
                    if (step == 1)
                    {
                        int from = Math.Max(left, 0);
                        int count = Math.Min(left + _pitch, _patches.Width) - from;
                        Copy((byte*)(pixels + from), (byte*)(line + from - left), count * sizeof(T));
                        continue;
                    }

                    for (int phase = 0; phase < step; phase++)
                    {
                        for (int i = 0; i < _pitch; i++)
                        {
                            int x = left + phase + (i * step);
                            if ((uint)x < (uint)_patches.Width)
                            {
                                line[(phase * _pitch) + i] = pixels[x];
                            }
                        }
                    }
                }
            }
        }

        /// <summary>Copies a line: those of small images are too short for a call to be worth it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Copy(byte* from, byte* to, int bytes)
        {
            if (bytes is < 16 or > 64)
            {
                new ReadOnlySpan<byte>(from, Math.Max(bytes, 0)).CopyTo(new Span<byte>(to, Math.Max(bytes, 0)));
            }
            else if (bytes < 32)
            {
                // Two pieces that overlap if they must.
                Vector128<byte> end = Vector128.Load(from + bytes - 16);
                Vector128.Load(from).Store(to);
                end.Store(to + bytes - 16);
            }
            else
            {
                Vector256<byte> end = Vector256.Load(from + bytes - 32);
                Vector256.Load(from).Store(to);
                end.Store(to + bytes - 32);
            }
        }
    }
}
