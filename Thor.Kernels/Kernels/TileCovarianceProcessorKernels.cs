namespace Thor.Kernels.Kernels;

/// <summary>
/// Diagonal tiles of X^T X on processors: groups of one thread, each a tile or a part of its rows. Chunks of rows are copied into a strip, padded
/// to lanes of 16, which blocks on and below the diagonal multiply with itself, sums in registers for a chunk (see <see cref="ProcessorBlocks"/>).
/// </summary>
public static partial class TileCovarianceProcessorKernels
{
    /// <summary>Rows of a chunk: long enough to amortise loading and storing sums, short enough for the second cache.</summary>
    public const int ChunkRows = 128;

    private const int Block = ProcessorBlocks.Lanes;

    /// <summary>Sums of X stored row by row.</summary>
    /// <param name="x">From element (0, 0) on.</param>
    /// <param name="scratch">Per group its sums, then its strip.</param>
    /// <param name="size">Sizes; Parts groups share the rows of a tile.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void StoredRows(ReadOnlyView<float> x, ArrayView<float> scratch, TileCovarianceSize size)
    {
        int tile = Grid.IdxX / size.Parts;
        int n = XMath.Min(size.TileSize, size.Dimension - (tile * size.TileSize));
        int padded = Padded(n);
        int perGroup = Elements(size.TileSize);
        ArrayView<float> own = scratch.SubView((long)Grid.IdxX * perGroup, perGroup);
        ArrayView<float> strip = own.SubView(padded * padded, ChunkRows * Stride(n));
        Clear(own, padded * padded);
        Clear(strip, ChunkRows * Stride(n));
        int first = FirstRow(size, Grid.IdxX % size.Parts);
        int end = FirstRow(size, (Grid.IdxX % size.Parts) + 1);
        for (int row = first; row < end; row += ChunkRows)
        {
            int rows = XMath.Min(ChunkRows, end - row);
            for (int r = 0; r < rows; r++)
            {
                CopyRow(x, ((row + r) * size.RowStride) + (tile * size.TileSize), strip, r * Stride(n), n);
            }

            Multiply(strip, own, rows, n);
        }
    }

    /// <summary>Sums of the patches of a convolution.</summary>
    /// <param name="images">(batch, channels, height, width).</param>
    /// <param name="scratch">Per group its sums, its strip with some rows more, and a table of columns.</param>
    /// <param name="size">Sizes; Parts groups share the rows of a tile.</param>
    /// <param name="patches">Which patches.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void PatchRows(ReadOnlyView<float> images, ArrayView<float> scratch, TileCovarianceSize size, TilePatchSize patches)
    {
        int tile = Grid.IdxX / size.Parts;
        int n = XMath.Min(size.TileSize, size.Dimension - (tile * size.TileSize));
        int padded = Padded(n);
        int perGroup = Elements(size.TileSize);
        ArrayView<float> own = scratch.SubView((long)Grid.IdxX * perGroup, perGroup);
        ArrayView<float> strip = own.SubView(padded * padded, (ChunkRows + Block) * Stride(n));
        ArrayView<int> table = own.SubView((padded * padded) + ((ChunkRows + Block) * Stride(n)), 2 * padded).Cast<int>();
        Clear(own, padded * padded);
        Clear(strip, ChunkRows * Stride(n));
        DescribeColumns(table, patches, tile * size.TileSize, n);
        int first = FirstRow(size, Grid.IdxX % size.Parts);
        int end = FirstRow(size, (Grid.IdxX % size.Parts) + 1);
        for (int row = first; row < end; row += ChunkRows)
        {
            int rows = XMath.Min(ChunkRows, end - row);
            if (IsInside(images, table, patches, row, rows, n))
            {
                CopyLines(images, table, patches, tile * size.TileSize, row, rows, strip, n);
            }
            else
            {
                for (int column = 0; column < n; column++)
                {
                    CopyColumn(images, patches, (tile * size.TileSize) + column, row, rows, strip, column, Stride(n));
                }
            }

            Multiply(strip, own, rows, n);
        }
    }

    /// <summary>Adds up the parts of a tile in order, scales, averages and mirrors; a thread per tile.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Total(ReadOnlyView<float> scratch, ArrayView<float> tiles, TileCovarianceSize size)
    {
        int tile = Grid.IdxX;
        int n = XMath.Min(size.TileSize, size.Dimension - (tile * size.TileSize));
        int padded = Padded(n);
        int perGroup = Elements(size.TileSize);
        long from = (long)tile * size.Parts * perGroup;
        long to = (long)tile * size.TileSize * size.TileSize;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                float sum = scratch[from + (i * padded) + j];
                for (int part = 1; part < size.Parts; part++)
                {
                    sum += scratch[from + ((long)part * perGroup) + (i * padded) + j];
                }

                float value = size.Scale * sum;
                if (size.Decay != 0f)
                {
                    value = Fused.MultiplyAdd(size.Scale, sum, size.Decay * tiles[to + (i * n) + j]);
                }

                tiles[to + (i * n) + j] = value;
                tiles[to + (j * n) + i] = value;
            }
        }
    }

    /// <summary>Elements of scratch of a group.</summary>
    internal static int Elements(int tileSize) => (Padded(tileSize) * Padded(tileSize)) + ((ChunkRows + Block) * Stride(tileSize)) + (2 * Padded(tileSize));

    private static int Padded(int n) => (n + Block - 1) / Block * Block;

    /// <summary>One line more than the rows have, so that a column does not fall into a few sets of the first cache.</summary>
    private static int Stride(int n) => Padded(n) + Block;

    /// <summary>Whole chunks to each part, the rest to the last.</summary>
    private static int FirstRow(TileCovarianceSize size, int part)
    {
        int chunks = (size.Rows + ChunkRows - 1) / ChunkRows;
        return XMath.Min(size.Rows, (int)((long)chunks * part / size.Parts) * ChunkRows);
    }

    private static void Clear(ArrayView<float> elements, int count)
    {
        ArrayView<FloatX16> lanes = elements.Cast<FloatX16>();
        for (int i = 0; i < count / Block; i++)
        {
            lanes[i] = FloatX16.Splat(0f);
        }
    }

    private static void CopyRow(ReadOnlyView<float> x, long from, ArrayView<float> strip, int to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            strip[to + i] = x[from + i];
        }
    }

    /// <summary>
    /// One column of the patch matrix into one of the strip: it runs through an image along the window positions, line by line, with zeros
    /// where the window reaches beyond.
    /// </summary>
    private static void CopyColumn(
        ReadOnlyView<float> images, TilePatchSize patches, int column, int row, int rows, ArrayView<float> strip, int at, int stride)
    {
        int kernelX = column % patches.KernelX;
        int rest = column / patches.KernelX;
        int right = (kernelX * patches.DilationX) - patches.PaddingX;
        int down = (rest % patches.KernelY * patches.DilationY) - patches.PaddingY;
        long channel = patches.FirstPixel + ((long)(rest / patches.KernelY) * patches.Height * patches.Width);

        // Window positions whose pixel lies inside its line.
        int first = right >= 0 ? 0 : (patches.StrideX - 1 - right) / patches.StrideX;
        int last = right >= patches.Width ? 0 : XMath.Min(patches.OutputWidth, ((patches.Width - 1 - right) / patches.StrideX) + 1);
        int image = Divisor.Quotient(row, patches.ByPositions);
        int position = row - (image * patches.Positions);
        int line = Divisor.Quotient(position, patches.ByOutputWidth);
        int x = position - (line * patches.OutputWidth);
        int done = 0;
        while (done < rows)
        {
            int end = XMath.Min(patches.OutputWidth, x + rows - done);
            int y = (line * patches.StrideY) + down;
            bool inside = y >= 0 && y < patches.Height;
            int from = inside ? XMath.Max(x, XMath.Min(first, end)) : end;
            int to = inside ? XMath.Max(from, XMath.Min(last, end)) : end;
            int target = at + (done * stride);
            done += end - x;
            while (x < from)
            {
                strip[target] = 0f;
                target += stride;
                x++;
            }

            long pixel = channel + (image * patches.ImageStride) + ((long)y * patches.Width) + right;
            while (x < to)
            {
                strip[target] = images[pixel + (x * patches.StrideX)];
                target += stride;
                x++;
            }

            while (x < end)
            {
                strip[target] = 0f;
                target += stride;
                x++;
            }

            x = 0;
            line++;
            if (line * patches.OutputWidth == patches.Positions)
            {
                line = 0;
                image++;
            }
        }
    }

    /// <summary>Adds the products of a strip's columns on and below the diagonal.</summary>
    private static void Multiply(ArrayView<float> strip, ArrayView<float> own, int rows, int n)
    {
        int pitch = Padded(n) / Block;
        int stride = Stride(n);
        ArrayView<FloatX16> totals = own.Cast<FloatX16>();
        for (int i = 0; i < pitch; i++)
        {
            ProcessorBlocks.Multiply(
                strip, i * Block, stride, strip.Cast<FloatX16>(), 0, stride / Block, rows, totals, i * Block * pitch, pitch, Block, i + 1, 1f, true);
        }
    }
}
