using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>
/// Rows of a convolution's patch matrix. A column of it runs through an image along the window positions, so columns are
/// collected first and then transposed in registers; where a column is a whole plane, straight from the image.
/// </summary>
internal readonly unsafe struct TilePatchRows<T> : ITileRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T* _images;
    private readonly TilePatches _patches;
    private readonly bool _planes;
    private readonly int _positions;
    private readonly int _lines;
    private readonly int _line;

    public TilePatchRows(T* images, in TilePatches patches)
    {
        _images = images;
        _patches = patches;
        _positions = patches.Positions;
        Convolution2d geometry = patches.Geometry;
        _planes = patches is { KernelY: 1, KernelX: 1 }
            && geometry is { StrideY: 1, StrideX: 1, PaddingY: 0, PaddingX: 0 };
        _line = patches.OutputWidth;
        _lines = patches.OutputHeight;
    }

    public long Count => (long)_patches.Batch * _positions;

    public static long SpareElements(int rows, int columns) => (long)columns * TileScratch.Stride(rows);

    public void Gather(int column, int columns, long row, int rows, T* strip, nint stride, T* spare)
    {
        if (_planes)
        {
            GatherPlanes(_images, column, columns, row, rows, strip, stride, _positions);
            return;
        }

        int spareStride = GatherColumns(column, columns, row, rows, spare);
        TileTranspose.Run(spare, spareStride, strip, stride, columns, rows);
    }

    public void GatherPairs(int column, int columns, long row, int rows, T* strip, nint stride, T* spare)
    {
        // Two rows of a column are neighbours before the transposition, and stay so as one element of twice the size.
        if (_planes && _positions % 2 == 0)
        {
            GatherPlanes((double*)_images, column, columns, row / 2, rows / 2, (double*)strip, stride / 2, _positions / 2);
            return;
        }

        int spareStride = GatherColumns(column, columns, row, rows, spare);
        TileTranspose.Run((double*)spare, spareStride / 2, (double*)strip, stride / 2, columns, (rows + 1) / 2);
    }

    /// <summary>Writes columns, each followed by a zero if rows are odd, and returns the elements from one to the next.</summary>
    private int GatherColumns(int column, int columns, long row, int rows, T* spare)
    {
        int spareStride = TileScratch.Stride(rows);
        for (int j = 0; j < columns; j++)
        {
            T* values = spare + ((long)j * spareStride);
            GatherColumn(column + j, row, rows, values);
            values[rows] = T.Zero;
        }

        return spareStride;
    }

    /// <summary>Rows out of planes of so many elements, which are those of the images or pairs of them.</summary>
    private void GatherPlanes<TElement>(TElement* images, int column, int columns, long row, int rows, TElement* strip, nint stride, int positions)
        where TElement : unmanaged, IBinaryFloatingPointIeee754<TElement>
    {
        int firstChannel = (_patches.Group * _patches.GroupChannels) + column;
        while (rows > 0)
        {
            int position = (int)(row % positions);
            int run = Math.Min(rows, positions - position);
            TElement* source = images + (((row / positions * _patches.Channels) + firstChannel) * positions) + position;
            TileTranspose.Run(source, positions, strip, stride, columns, run);
            strip += run * stride;
            row += run;
            rows -= run;
        }
    }

    private T* Plane(long image, int channel) =>
        _images + (((image * _patches.Channels) + (_patches.Group * _patches.GroupChannels) + channel) * _patches.Height * _patches.Width);

    private void GatherColumn(int column, long row, int rows, T* values)
    {
        Convolution2d geometry = _patches.Geometry;
        int window = _patches.KernelY * _patches.KernelX;
        int channel = column / window;
        int offsetY = (column % window / _patches.KernelX * geometry.DilationY) - geometry.PaddingY;
        int offsetX = (column % _patches.KernelX * geometry.DilationX) - geometry.PaddingX;

        // Window positions whose pixel lies inside the line.
        int first = offsetX >= 0 ? 0 : (-offsetX + geometry.StrideX - 1) / geometry.StrideX;
        int last = offsetX >= _patches.Width ? 0 : Math.Min(_line, ((_patches.Width - 1 - offsetX) / geometry.StrideX) + 1);
        int x = (int)(row % _line);
        int line = (int)(row / _line % _lines);
        long image = row / _positions;
        T* plane = Plane(image, channel);
        while (rows > 0)
        {
            int run = Math.Min(rows, _line - x);
            int y = (line * geometry.StrideY) + offsetY;
            if ((uint)y < (uint)_patches.Height)
            {
                GatherLine(plane + ((long)y * _patches.Width) + offsetX, geometry.StrideX, x, run, first, last, values);
            }
            else
            {
                new Span<T>(values, run).Clear();
            }

            values += run;
            rows -= run;
            x = 0;
            if (++line == _lines && rows > 0)
            {
                line = 0;
                plane = Plane(++image, channel);
            }
        }
    }

    private static void GatherLine(T* pixels, int step, int start, int count, int first, int last, T* values)
    {
        int left = Math.Clamp(first - start, 0, count);
        int right = Math.Clamp(last - start, left, count);
        for (int i = 0; i < left; i++)
        {
            values[i] = T.Zero;
        }

        T* source = pixels + ((long)start * step);
        if (step == 1)
        {
            Copy((byte*)(source + left), (byte*)(values + left), (right - left) * sizeof(T));
        }
        else
        {
            for (int i = left; i < right; i++)
            {
                values[i] = source[(long)i * step];
            }
        }

        for (int i = right; i < count; i++)
        {
            values[i] = T.Zero;
        }
    }

    /// <summary>Copies a line: those of small images are too short for a call to be worth it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(byte* from, byte* to, int bytes)
    {
        if (bytes is < 16 or > 64)
        {
            new ReadOnlySpan<byte>(from, bytes).CopyTo(new Span<byte>(to, bytes));
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
