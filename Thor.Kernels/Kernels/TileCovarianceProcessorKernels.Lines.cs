namespace Thor.Kernels.Kernels;

/// <content>Patches along the lines of images, 16 window positions of 16 columns at a time, for windows that move by one pixel.</content>
public static partial class TileCovarianceProcessorKernels
{
    /// <summary>For each column of a tile: its pixel relative to that of the window, and that pixel's line.</summary>
    private static void DescribeColumns(ArrayView<int> table, TilePatchSize patches, int first, int n)
    {
        for (int column = 0; column < n; column++)
        {
            int rest = (first + column) / patches.KernelX;
            int down = (rest % patches.KernelY * patches.DilationY) - patches.PaddingY;
            table[2 * column] = (((rest / patches.KernelY * patches.Height) + down) * patches.Width) + Right(patches, (first + column) % patches.KernelX);
            table[(2 * column) + 1] = down;
        }
    }

    private static int Right(TilePatchSize patches, int kernelX) => (kernelX * patches.DilationX) - patches.PaddingX;

    /// <summary>Whether whole vectors may be read for a chunk: not where they would reach over an end of the images.</summary>
    private static bool IsInside(ReadOnlyView<float> images, ArrayView<int> table, TilePatchSize patches, int row, int rows, int n)
    {
        int least = 0;
        int most = 0;
        for (int column = 0; column < n; column++)
        {
            least = XMath.Min(least, table[2 * column]);
            most = XMath.Max(most, table[2 * column]);
        }

        return patches.StrideX == 1 && Pixel(patches, row) + least >= 0 && Pixel(patches, row + rows - 1) + most + Block <= images.Length;
    }

    /// <summary>The pixel of a window.</summary>
    private static long Pixel(TilePatchSize patches, int row)
    {
        int image = Divisor.Quotient(row, patches.ByPositions);
        int position = row - (image * patches.Positions);
        int line = Divisor.Quotient(position, patches.ByOutputWidth);
        return patches.FirstPixel + (image * patches.ImageStride) + ((long)line * patches.StrideY * patches.Width) + (position - (line * patches.OutputWidth));
    }

    /// <summary>Rows of the patch matrix into a strip, a piece of a line of windows after the other; what vectors write beyond a piece the next overwrites.</summary>
    private static void CopyLines(
        ReadOnlyView<float> images, ArrayView<int> table, TilePatchSize patches, int first, int row, int rows, ArrayView<float> strip, int n)
    {
        int stride = Stride(n);
        int done = 0;
        while (done < rows)
        {
            int position = (row + done) - (Divisor.Quotient(row + done, patches.ByPositions) * patches.Positions);
            int line = Divisor.Quotient(position, patches.ByOutputWidth);
            int x = position - (line * patches.OutputWidth);
            int count = XMath.Min(patches.OutputWidth - x, rows - done);
            long pixel = Pixel(patches, row + done);
            for (int column = 0; column < n; column += Block)
            {
                for (int ahead = 0; ahead < count; ahead += Block)
                {
                    CopySquare(images, table, patches, pixel + ahead, line * patches.StrideY, strip, ((done + ahead) * stride) + column, stride, column, n);
                }
            }

            for (int kernelX = 0; kernelX < patches.KernelX; kernelX++)
            {
                // Columns of the window that stand outside of the image at some positions.
                int right = Right(patches, kernelX);
                int column = kernelX - (first % patches.KernelX);
                column = column < 0 ? column + patches.KernelX : column;
                ClearPositions(strip, (done * stride) + column, stride, XMath.Min(count, -right - x), n - column, patches.KernelX);
                int last = XMath.Max(0, XMath.Min(count, patches.Width - right - x));
                ClearPositions(strip, ((done + last) * stride) + column, stride, count - last, n - column, patches.KernelX);
            }

            done += count;
        }
    }

    /// <summary>Zeros for every step-th column of some rows.</summary>
    private static void ClearPositions(ArrayView<float> strip, int at, int stride, int rows, int columns, int step)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column += step)
            {
                strip[at + (row * stride) + column] = 0f;
            }
        }
    }

    /// <summary>16 positions of 16 columns, read along the line and turned by four rounds that each rotate the bits of an element's row and column by one.</summary>
    private static void CopySquare(
        ReadOnlyView<float> images, ArrayView<int> table, TilePatchSize patches, long pixel, int top, ArrayView<float> strip, int to, int stride, int column, int n)
    {
        ArrayView<FloatX16> lines = LocalMemory.Allocate<FloatX16>(Block);
        ArrayView<FloatX16> turned = LocalMemory.Allocate<FloatX16>(Block);
        for (int i = 0; i < Block; i++)
        {
            int own = 2 * XMath.Min(column + i, n - 1);
            int y = top + table[own + 1];
            lines[i] = FloatX16.Splat(0f);
            if (column + i < n && y >= 0 && y < patches.Height)
            {
                lines[i] = ProcessorLanes.Load16(images.SubView(pixel + table[own], Block), 0);
            }
        }

        Round(lines, turned);
        Round(turned, lines);
        Round(lines, turned);
        Round(turned, lines);
        ArrayView<FloatX16> rows = strip.Cast<FloatX16>();
        for (int i = 0; i < Block; i++)
        {
            rows[(to + (i * stride)) / Block] = lines[i];
        }
    }

    private static void Round(ArrayView<FloatX16> lines, ArrayView<FloatX16> turned)
    {
        for (int i = 0; i < Block / 2; i++)
        {
            turned[2 * i] = ProcessorLanes.ZipLow(lines[i], lines[i + (Block / 2)]);
            turned[(2 * i) + 1] = ProcessorLanes.ZipHigh(lines[i], lines[i + (Block / 2)]);
        }
    }
}
