namespace Thor.Kernels.Kernels;

/// <summary>
/// Gradient blocks between the inverses of their tiles on processors: groups of one thread, a block each time. Block and tiles are copied
/// to scratch whose rows are whole lanes of 16; then half = g^T L and half^T R by <see cref="ProcessorBlocks"/>. What follows the second
/// product is specialised: its rows are written, or update parameter and velocity.
/// </summary>
internal static partial class TilePreconditionProcessorKernels
{
    private const int Block = ProcessorBlocks.Lanes;

    /// <summary>Preconditions the blocks of a layer, as many groups apart as there are.</summary>
    /// <param name="left">Packed tiles over the rows.</param>
    /// <param name="right">Packed tiles over the columns.</param>
    /// <param name="gradient">The gradient.</param>
    /// <param name="result">The result; with an update the parameter.</param>
    /// <param name="velocity">The parameter's velocity.</param>
    /// <param name="scale">As in <see cref="UpdateKernels.Update"/>.</param>
    /// <param name="scratch">Four squares per group.</param>
    /// <param name="partial">A sum per block, from the layer's first on.</param>
    /// <param name="size">Sizes.</param>
    /// <param name="numbers">Of the update.</param>
    /// <param name="rule">UpdateRule.Momentum, UpdateKernels.Descent or UpdateKernels.None.</param>
    [Kernel(MaxGroupSize = 1)]
    [KernelVariants(0), KernelVariants(UpdateKernels.Descent), KernelVariants(UpdateKernels.None)]
    public static void Apply(
        ReadOnlyView<float> left,
        ReadOnlyView<float> right,
        ReadOnlyView<float> gradient,
        ArrayView<float> result,
        ArrayView<float> velocity,
        ReadOnlyView<float> scale,
        ArrayView<float> scratch,
        ArrayView<float> partial,
        TilePreconditionSize size,
        UpdateNumbers numbers,
        SpecializedValue<int> rule)
    {
        int stride = Stride(size.TileSize);
        int square = Padded(size.TileSize) * stride;
        ArrayView<float> own = scratch.SubView((long)Grid.IdxX * 4 * square, 4L * square);
        ArrayView<float> tile = own.SubView(square, square);
        ArrayView<float> half = own.SubView(2 * square, square);
        ArrayView<float> product = own.SubView(3 * square, square);
        float factor = UpdateKernels.Factor(numbers, scale);
        for (int block = Grid.IdxX; block < size.Down * size.Across; block += Grid.DimX)
        {
            // Neighbours share the tile of the longer side.
            int i = size.Down <= size.Across ? block % size.Down : block / size.Across;
            int j = size.Down <= size.Across ? block / size.Down : block % size.Across;
            int m = XMath.Min(size.TileSize, size.Rows - (i * size.TileSize));
            int n = XMath.Min(size.TileSize, size.Columns - (j * size.TileSize));
            long corner = ((long)i * size.TileSize * size.Columns) + ((long)j * size.TileSize);
            Copy(gradient, corner, size.Columns, own, stride, m, n);
            Copy(left, (long)i * size.TileSize * size.TileSize, m, tile, stride, m, m);
            Multiply(own, tile, half, stride, n, m, m);
            Copy(right, (long)j * size.TileSize * size.TileSize, n, tile, stride, n, n);
            Multiply(half, tile, product, stride, m, n, n);
            float sum = 0f;
            for (int row = 0; row < m; row++)
            {
                FloatX16 dot = FloatX16.Splat(0f);
                ArrayView<FloatX16> values = product.Cast<FloatX16>();
                ArrayView<FloatX16> gradients = own.Cast<FloatX16>();
                for (int lane = 0; lane < Padded(n) / Block; lane++)
                {
                    int at = (row * stride / Block) + lane;
                    values[at] = size.Scale * values[at];
                    dot = Fused.MultiplyAdd(values[at], gradients[at], dot);
                }

                sum += ProcessorLanes.Sum(dot);
                long to = corner + ((long)row * size.Columns);
                if (rule.Value == UpdateKernels.None)
                {
                    for (int column = 0; column < n; column++)
                    {
                        result[to + column] = product[(row * stride) + column];
                    }
                }
                else
                {
                    int changed = XMath.IsNaN(factor) ? 0 : n;
                    for (int column = 0; column < Iterations.Independent(changed); column++)
                    {
                        UpdateKernels.Move(rule.Value, numbers, product[(row * stride) + column] * factor, result, velocity, to + column);
                    }
                }
            }

            if (size.InnerProducts != 0)
            {
                partial[size.FirstSum + block] = sum;
            }
        }
    }

    /// <summary>Adds up the sums of each layer; a group of one thread per layer.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Total(ReadOnlyView<float> partial, ReadOnlyView<int> firsts, ArrayView<float> innerProducts)
    {
        float sum = 0f;
        for (int i = firsts[Grid.IdxX]; i < firsts[Grid.IdxX + 1]; i++)
        {
            sum += partial[i];
        }

        innerProducts[Grid.IdxX] = sum;
    }

    /// <summary>Elements of scratch of a group.</summary>
    internal static int Elements(int tileSize) => 4 * Padded(tileSize) * Stride(tileSize);

    private static int Padded(int n) => (n + Block - 1) / Block * Block;

    /// <summary>One line more than the rows have, so that a column does not fall into a few sets of the first cache.</summary>
    private static int Stride(int n) => Padded(n) + Block;

    /// <summary>Copies a matrix, with zeros up to whole lanes.</summary>
    private static void Copy(ReadOnlyView<float> x, long first, long pitch, ArrayView<float> y, int stride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            long from = first + (row * pitch);
            for (int column = 0; column < columns; column++)
            {
                y[(row * stride) + column] = x[from + column];
            }

            for (int column = columns; column < Padded(columns); column++)
            {
                y[(row * stride) + column] = 0f;
            }
        }
    }

    /// <summary>c = P^T Q of (rows, columns); rows of whole blocks are written.</summary>
    private static void Multiply(
        ArrayView<float> p, ArrayView<float> q, ArrayView<float> c, int stride, int rows, int columns, int steps)
    {
        int pitch = stride / Block;
        ProcessorBlocks.Multiply(
            p, 0, stride, q.Cast<FloatX16>(), 0, pitch, steps, c.Cast<FloatX16>(), 0, pitch, Padded(rows), Padded(columns) / Block, 1f, false);
    }
}
