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
    /// <param name="scratch">Per group its sums, then its strip.</param>
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
                CopyPatch(images, patches, row + r, tile * size.TileSize, strip, r * Stride(n), n);
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
    internal static int Elements(int tileSize) => (Padded(tileSize) * Padded(tileSize)) + (ChunkRows * Stride(tileSize));

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

    /// <summary>One window's pixels, from a column of the patch matrix on.</summary>
    private static void CopyPatch(ReadOnlyView<float> images, TilePatchSize patches, int row, int first, ArrayView<float> strip, int to, int count)
    {
        int image = Divisor.Quotient(row, patches.ByPositions);
        int position = row - (image * patches.Positions);
        int outputY = Divisor.Quotient(position, patches.ByOutputWidth);
        int top = (outputY * patches.StrideY) - patches.PaddingY;
        int left = ((position - (outputY * patches.OutputWidth)) * patches.StrideX) - patches.PaddingX;
        int kernelX = first % patches.KernelX;
        int kernelY = first / patches.KernelX % patches.KernelY;
        int channel = first / patches.KernelX / patches.KernelY;
        long plane = (image * patches.ImageStride) + patches.FirstPixel + ((long)channel * patches.Height * patches.Width);
        for (int column = 0; column < count; column++)
        {
            int y = top + (kernelY * patches.DilationY);
            int x = left + (kernelX * patches.DilationX);
            float value = 0f;
            if (y >= 0 && y < patches.Height && x >= 0 && x < patches.Width)
            {
                value = images[plane + (y * patches.Width) + x];
            }

            strip[to + column] = value;
            kernelX++;
            if (kernelX == patches.KernelX)
            {
                kernelX = 0;
                kernelY++;
                if (kernelY == patches.KernelY)
                {
                    kernelY = 0;
                    plane += (long)patches.Height * patches.Width;
                }
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
