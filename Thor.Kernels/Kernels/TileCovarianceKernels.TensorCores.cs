namespace Thor.Kernels.Kernels;

/// <content>
/// On tensor cores. A piece is cut into strips of 16 columns; a warp multiplies strips of it by strips, 16 x 16 sums a product, and a thread holds 8 of them.
/// Of a piece with itself a warp owns two neighbouring strips, 2 w and 2 w + 1 of n, and computes each with itself and the n / 2 - 1 strips after it,
/// around the end of the piece, so that every warp has the same to do; of the n / 2 products of strips that lie n / 2 apart it computes one. That is every
/// block of the triangle once: n + 1 products a warp. Of two pieces 8 warps compute 2 strips by 4 each.
/// </content>
/// <remarks>
/// A step is 16 rows, in shared memory two panels of 8 as all kernels here have them, in four sets where copies are asynchronous: 41 KiB for a tile of 128.
/// A product of 16 steps may take the steps, and the columns of a strip, in any order that is the same for both operands: thread (g, t) of a warp, lane
/// 4 g + t, reads columns 2 g and 2 g + 1 of rows t, t + 4, t + 8 and t + 12, eight bytes at a time, which for every half of a warp lie in different banks. What it holds of a
/// strip serves as either operand; its sums are rows 2 g and 2 g + 1 by columns 4 t to 4 t + 3.
/// <para>
/// Per 16 rows of a tile of 128 a warp reads 6 strips for 9 products: 24 KiB of shared memory for the 8 KiB that came from device memory, whose rate is what limits
/// the kernel: 32 operations for each byte of X.
/// </para>
/// </remarks>
public static partial class TileCovarianceKernels
{
    /// <summary>Panels of 8 rows of a step on tensor cores.</summary>
    internal const int TensorPanels = 2;

    /// <summary>Columns of a strip.</summary>
    internal const int Strip = 16;

    /// <summary>As <see cref="StoredRows"/>, with numbers of X rounded to TF32 or bfloat16 and sums in float.</summary>
    /// <param name="x">From element (0, 0) on.</param>
    /// <param name="tiles">Packed tiles.</param>
    /// <param name="partial">Sums of each group, where several share a pair; else any view.</param>
    /// <param name="size">Sizes, with <see cref="TensorPanels"/> teams and whole strips in pairs.</param>
    /// <param name="wide">Not 0 if every 4th element of a tile's row of X begins at a multiple of 16 bytes.</param>
    /// <param name="strips">Strips of a piece: 2, 4, 6 or 8.</param>
    /// <param name="square">0 for a piece with itself, 1 for two pieces of 8 strips.</param>
    /// <param name="bfloat16">1 for bfloat16, 0 for TF32.</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(2, 0, 0)]
    [KernelVariants(4, 0, 0)]
    [KernelVariants(6, 0, 0)]
    [KernelVariants(8, 0, 0)]
    [KernelVariants(8, 1, 0)]
    [KernelVariants(2, 0, 1)]
    [KernelVariants(4, 0, 1)]
    [KernelVariants(6, 0, 1)]
    [KernelVariants(8, 0, 1)]
    [KernelVariants(8, 1, 1)]
    public static void StoredRowsTensorCores(
        ReadOnlyView<float> x,
        ArrayView<float> tiles,
        ArrayView<float> partial,
        TileCovarianceSize size,
        int wide,
        SpecializedValue<int> strips,
        SpecializedValue<int> square,
        SpecializedValue<int> bfloat16)
    {
        size.Squares = square; // a constant from here on
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<float> sums = LocalMemory.Allocate<float>(StripSums * MostProducts);
        ArrayView<int> words = LocalMemory.Allocate<int>(StripWords * MostStrips);
        TilePair pair = Pair(size, Grid.IdxX / size.Parts);
        int half = TileRegisters.HalfRow(2 * strips);
        int rows = TensorPanels * PanelRows;
        int set = (1 + square) * rows * TileRegisters.RowWords(half);
        int steps = (size.Rows + rows - 1) / rows;
        int part = Grid.IdxX % size.Parts;
        int first = (int)((long)steps * part / size.Parts);
        int end = pair.Column < pair.Dimension ? (int)((long)steps * (part + 1) / size.Parts) : first;

        // Of every row of a step this thread copies 4 elements.
        int perRow = 4 * strips;
        int apart = TensorThreads(strips, square) / perRow;
        int quad = Group.IdxX % perRow;
        int inStep = Group.IdxX / perRow;
        long at = (((long)(first * rows) + inStep) * size.RowStride) + pair.First + (4 * quad);
        ClearStrips(sums);
        for (int step = first; step < first + Sets - 1; step++)
        {
            CopyRows(x, shared, step % Sets * set, at, step < end ? step * rows : size.Rows, rows, inStep, apart, quad, size, pair, half, wide);
            at += rows * size.RowStride;
        }

        for (int step = first; step < end; step++)
        {
            PtxAsyncCopy.WaitAllBut2();
            Group.Barrier();
            int next = step + Sets - 1;
            CopyRows(x, shared, next % Sets * set, at, next < end ? next * rows : size.Rows, rows, inStep, apart, quad, size, pair, half, wide);
            at += rows * size.RowStride;
            MultiplyStrips(shared.SubView(step % Sets * set, set).Cast<FloatX2>(), words, sums, half, strips, square, bfloat16);
        }

        // Zeros for steps that do not exist may still be under way.
        PtxAsyncCopy.WaitAll();
        FinishStrips(shared, tiles, partial, size, pair, sums, strips, square);
    }

    /// <summary>As <see cref="PatchRows"/>, with numbers rounded to TF32 or bfloat16 and sums in float.</summary>
    /// <param name="images">(batch, channels, height, width).</param>
    /// <param name="tiles">Packed tiles.</param>
    /// <param name="partial">Sums of each group, where several share a pair; else any view.</param>
    /// <param name="size">Sizes, with <see cref="TensorPanels"/> teams and whole strips in pairs.</param>
    /// <param name="patches">Which patches.</param>
    /// <param name="strips">Strips of a piece: 2, 4, 6 or 8.</param>
    /// <param name="square">0 for a piece with itself, 1 for two pieces of 8 strips.</param>
    /// <param name="bfloat16">1 for bfloat16, 0 for TF32.</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(2, 0, 0)]
    [KernelVariants(4, 0, 0)]
    [KernelVariants(6, 0, 0)]
    [KernelVariants(8, 0, 0)]
    [KernelVariants(8, 1, 0)]
    [KernelVariants(2, 0, 1)]
    [KernelVariants(4, 0, 1)]
    [KernelVariants(6, 0, 1)]
    [KernelVariants(8, 0, 1)]
    [KernelVariants(8, 1, 1)]
    public static void PatchRowsTensorCores(
        ReadOnlyView<float> images,
        ArrayView<float> tiles,
        ArrayView<float> partial,
        TileCovarianceSize size,
        TilePatchSize patches,
        SpecializedValue<int> strips,
        SpecializedValue<int> square,
        SpecializedValue<int> bfloat16)
    {
        size.Squares = square; // a constant from here on
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<float> sums = LocalMemory.Allocate<float>(StripSums * MostProducts);
        ArrayView<int> words = LocalMemory.Allocate<int>(StripWords * MostStrips);
        TilePair pair = Pair(size, Grid.IdxX / size.Parts);
        int half = TileRegisters.HalfRow(2 * strips);
        int width = Strip * strips;
        int rows = TensorPanels * PanelRows;
        int panels = rows * TileRegisters.RowWords(half);
        int set = (1 + square) * panels;
        int steps = (size.Rows + rows - 1) / rows;
        int part = Grid.IdxX % size.Parts;
        int first = (int)((long)steps * part / size.Parts);
        int end = pair.Column < pair.Dimension ? (int)((long)steps * (part + 1) / size.Parts) : first;
        ArrayView<int> table = shared.Cast<int>().SubView(2 * set, (1 + square) * 2 * width);
        DescribeColumns(table, patches, pair.First + pair.Row, width);
        if (square != 0)
        {
            DescribeColumns(table.SubView(2 * width), patches, pair.First + pair.Column, width);
        }

        ClearStrips(sums);
        Group.Barrier();
        for (int step = first; step < end; step++)
        {
            int into = step % 2 * set;
            FillPatches(images, shared, table, into, size, patches, pair.Dimension - pair.Row, step * rows, width, half);
            if (square != 0)
            {
                FillPatches(images, shared, table.SubView(2 * width), into + panels, size, patches, pair.Dimension - pair.Column, step * rows, width, half);
            }

            Group.Barrier();
            MultiplyStrips(shared.SubView(into, set).Cast<FloatX2>(), words, sums, half, strips, square, bfloat16);
        }

        FinishStrips(shared, tiles, partial, size, pair, sums, strips, square);
    }

    /// <summary>Threads of a group: a warp for two strips, or 8.</summary>
    internal static int TensorThreads(int strips, int square) => square != 0 ? GroupThreads : Strip * strips;

    /// <summary>Words of shared memory of a group on tensor cores.</summary>
    internal static int TensorWords(in TileCovarianceSize size, int strips, bool patches)
    {
        int set = PanelsOf(size) * PanelWords(TileRegisters.HalfRow(2 * strips));
        int panels = patches ? (2 * set) + (2 * (1 + size.Squares) * Strip * strips) : Sets * set;
        return Math.Max(panels, StripSums * ProductsOf(strips, size.Squares) * TensorThreads(strips, size.Squares));
    }

    /// <summary>Products of two strips of a warp.</summary>
    private static int ProductsOf(int strips, int square) => strips + 1 - square;
}
