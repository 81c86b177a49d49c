namespace Thor.Kernels.Kernels;

/// <summary>
/// Block (i, j) of a result = scale left tile i * block (i, j) of the gradient * right tile j on GPUs, as two products P^T Q of operands
/// that are both read row by row: half = g^T L, of (columns, rows), then half^T R. Left tiles are symmetric or given transposed, so that nothing is transposed here.
/// </summary>
/// <remarks>
/// A group of 256 threads computes a piece of 128 x 128, a thread 8 x 8 sums of it in registers. Shared memory: two sets of two panels of 8
/// rows, 20.6 KiB, one set being filled while the other is multiplied; one barrier per 8 steps. 512 multiply-adds of a thread per 32
/// loads of 16 bytes. The halves lie in device memory, one square per block. What follows the second product is specialised: sums are
/// written, or update parameter and velocity where they belong to.
/// </remarks>
internal static partial class TilePreconditionKernels
{
    /// <summary>Threads of a group.</summary>
    public const int GroupThreads = 256;

    /// <summary>Rows and columns of a piece.</summary>
    public const int Piece = 128;

    private const int Block = TileRegisters.Block;
    private const int BlockElements = TileRegisters.BlockElements;
    private const int PanelRows = TileRegisters.PanelRows;
    private const int PieceBlocks = Piece / Block;

    // Quads of a half row (as TileRegisters.HalfRow gives it), of a row and of a panel.
    private const int Half = 20;
    private const int Pitch = 2 * Half;
    private const int Panel = PanelRows * Pitch;

    /// <summary>half = g^T L for every block of a layer.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="left">Packed tiles over the rows.</param>
    /// <param name="halves">A square of the tile dimension per block.</param>
    /// <param name="size">Sizes.</param>
    /// <param name="wide">Whether rows of 4 begin at multiples of 16 bytes: of the gradient (1), of the tiles (2).</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    public static void MultiplyLeft(
        ReadOnlyView<float> gradient, ReadOnlyView<float> left, ArrayView<float> halves, TilePreconditionSize size, int wide)
    {
        ArrayView<FloatX4> panels = SharedMemory.Allocate<FloatX4>(4 * Panel);
        ArrayView<float> own = LocalMemory.Allocate<float>(BlockElements);
        int block = Grid.IdxX / (size.Pieces * size.Pieces);
        int i = block / size.Across;
        int j = block % size.Across;
        int m = XMath.Min(size.TileSize, size.Rows - (i * size.TileSize));
        int n = XMath.Min(size.TileSize, size.Columns - (j * size.TileSize));
        int row = Grid.IdxX / size.Pieces % size.Pieces * Piece;
        int column = Grid.IdxX % size.Pieces * Piece;
        int steps = row < n && column < m ? m : 0; // a ragged block does not have all pieces
        long corner = ((long)i * size.TileSize * size.Columns) + ((long)j * size.TileSize) + row;
        long tile = ((long)i * size.TileSize * size.TileSize) + column;
        TileRegisters.Clear(own);
        for (int step = 0; step < steps; step += PanelRows)
        {
            int into = step / PanelRows % 2 * 2 * Panel;
            Fill(gradient, corner + ((long)step * size.Columns), size.Columns, panels, into, m - step, n - row, (wide & 1) != 0);
            Fill(left, tile + ((long)step * m), m, panels, into + Panel, m - step, m - column, (wide & 2) != 0 && m % 4 == 0);
            Group.Barrier();
            Multiply(panels, into, own);
        }

        int firstRow = row + (Group.IdxX / PieceBlocks * Block);
        int firstColumn = column + (Group.IdxX % PieceBlocks * Block);
        long target = ((long)block * size.TileSize * size.TileSize) + ((long)firstRow * size.TileSize) + firstColumn;
        for (int r = 0; r < Block; r++)
        {
            for (int c = 0; c < Block; c++)
            {
                if (firstRow + r < n && firstColumn + c < m)
                {
                    halves[target + ((long)r * size.TileSize) + c] = own[(r * Block) + c];
                }
            }
        }
    }

    /// <summary>result = scale half^T R for every block of a layer, and the sums of result times gradient of each group.</summary>
    /// <param name="halves">A square of the tile dimension per block.</param>
    /// <param name="right">Packed tiles over the columns.</param>
    /// <param name="gradient">The gradient.</param>
    /// <param name="result">The result; with an update the parameter.</param>
    /// <param name="velocity">The parameter's velocity.</param>
    /// <param name="scale">As in <see cref="UpdateKernels.Update"/>.</param>
    /// <param name="partial">A sum per group, from the layer's first on.</param>
    /// <param name="size">Sizes.</param>
    /// <param name="wide">Whether rows of 4 begin at multiples of 16 bytes: of the halves (1), of the tiles (2).</param>
    /// <param name="numbers">Of the update.</param>
    /// <param name="rule">UpdateRule.Momentum, UpdateKernels.Descent or UpdateKernels.None.</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(0), KernelVariants(UpdateKernels.Descent), KernelVariants(UpdateKernels.None)]
    public static void MultiplyRight(
        ReadOnlyView<float> halves,
        ReadOnlyView<float> right,
        ReadOnlyView<float> gradient,
        ArrayView<float> result,
        ArrayView<float> velocity,
        ReadOnlyView<float> scale,
        ArrayView<float> partial,
        TilePreconditionSize size,
        int wide,
        UpdateNumbers numbers,
        SpecializedValue<int> rule)
    {
        ArrayView<FloatX4> panels = SharedMemory.Allocate<FloatX4>(4 * Panel);
        ArrayView<float> own = LocalMemory.Allocate<float>(BlockElements);
        int block = Grid.IdxX / (size.Pieces * size.Pieces);
        int i = block / size.Across;
        int j = block % size.Across;
        int m = XMath.Min(size.TileSize, size.Rows - (i * size.TileSize));
        int n = XMath.Min(size.TileSize, size.Columns - (j * size.TileSize));
        int row = Grid.IdxX / size.Pieces % size.Pieces * Piece;
        int column = Grid.IdxX % size.Pieces * Piece;
        long half = ((long)block * size.TileSize * size.TileSize) + row;
        long tile = ((long)j * size.TileSize * size.TileSize) + column;

        // Pieces that a ragged block does not have compute nothing, but their sum of zero is wanted.
        int steps = row < m && column < n ? n : 0;
        TileRegisters.Clear(own);
        for (int step = 0; step < steps; step += PanelRows)
        {
            int into = step / PanelRows % 2 * 2 * Panel;
            Fill(halves, half + ((long)step * size.TileSize), size.TileSize, panels, into, n - step, m - row, (wide & 1) != 0);
            Fill(right, tile + ((long)step * n), n, panels, into + Panel, n - step, n - column, (wide & 2) != 0 && n % 4 == 0);
            Group.Barrier();
            Multiply(panels, into, own);
        }

        int firstRow = row + (Group.IdxX / PieceBlocks * Block);
        int firstColumn = column + (Group.IdxX % PieceBlocks * Block);
        long target = ((long)((i * size.TileSize) + firstRow) * size.Columns) + (j * size.TileSize) + firstColumn;
        float factor = UpdateKernels.Factor(numbers, scale);
        float sum = 0f;
        for (int r = 0; r < Block; r++)
        {
            for (int c = 0; c < Block; c++)
            {
                if (firstRow + r < m && firstColumn + c < n)
                {
                    long at = target + ((long)r * size.Columns) + c;
                    float value = size.Scale * own[(r * Block) + c];
                    if (rule.Value == UpdateKernels.None)
                    {
                        result[at] = value;
                    }
                    else if (!XMath.IsNaN(factor))
                    {
                        UpdateKernels.Move(rule.Value, numbers, value * factor, result, velocity, at);
                    }

                    if (size.InnerProducts != 0)
                    {
                        sum = Fused.MultiplyAdd(value, gradient[at], sum);
                    }
                }
            }
        }

        // Barriers under a condition are more than some compilers can do, and these are cheap.
        ArrayView<float> sums = panels.Cast<float>();
        Group.Barrier();
        sums[Group.IdxX] = sum;
        AddUp(sums, GroupThreads);
        if (size.InnerProducts != 0 && Group.IdxX == 0)
        {
            partial[size.FirstSum + Grid.IdxX] = sums[0];
        }
    }

    /// <summary>Adds up the sums of each layer; a group per layer.</summary>
    /// <param name="partial">Sums of groups, layer after layer.</param>
    /// <param name="firsts">Where each layer's sums begin, and their number.</param>
    /// <param name="innerProducts">Per layer.</param>
    [Kernel(MaxGroupSize = GroupThreads)]
    public static void Total(ReadOnlyView<float> partial, ReadOnlyView<int> firsts, ArrayView<float> innerProducts)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(GroupThreads);
        float sum = 0f;
        for (int i = firsts[Grid.IdxX] + Group.IdxX; i < firsts[Grid.IdxX + 1]; i += GroupThreads)
        {
            sum += partial[i];
        }

        sums[Group.IdxX] = sum;
        AddUp(sums, GroupThreads);
        if (Group.IdxX == 0)
        {
            innerProducts[Grid.IdxX] = sums[0];
        }
    }

    /// <summary>Adds up a number of each thread, by halves.</summary>
    private static void AddUp(ArrayView<float> sums, int count)
    {
        for (int apart = count / 2; apart > 0; apart /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < apart)
            {
                sums[Group.IdxX] += sums[Group.IdxX + apart];
            }
        }
    }

    /// <summary>8 rows of up to 128 columns, zeros beyond.</summary>
    private static void Fill(ReadOnlyView<float> x, long first, long stride, ArrayView<FloatX4> panels, int into, int rows, int columns, bool wide)
    {
        int row = Group.IdxX / (Piece / 4);
        int quad = Group.IdxX % (Piece / 4);
        int count = row < rows ? columns - (4 * quad) : 0;
        long at = first + (row * stride) + (4 * quad);
        FloatX4 value = FloatX4.Splat(0f);
        if (wide && count >= 4)
        {
            value = x.Cast<FloatX4>()[at / 4];
        }
        else
        {
            if (count > 0)
            {
                value.X = x[at];
            }

            if (count > 1)
            {
                value.Y = x[at + 1];
            }

            if (count > 2)
            {
                value.Z = x[at + 2];
            }

            if (count > 3)
            {
                value.W = x[at + 3];
            }
        }

        panels[into + (row * Pitch) + (quad / 2) + (quad % 2 * Half)] = value;
    }

    private static void Multiply(ArrayView<FloatX4> panels, int from, ArrayView<float> own) =>
        TileRegisters.Accumulate(
            panels, from + (Group.IdxX / PieceBlocks), Pitch, Half, from + Panel + (Group.IdxX % PieceBlocks), Pitch, Half, own);
}
