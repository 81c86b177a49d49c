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

    // Sums of a product of two strips in a thread, and what it holds of a strip of 16 steps in bfloat16 or 8 in TF32.
    private const int StripSums = 8;
    private const int StripWords = 4;
    private const int MostStrips = 6;
    private const int MostPartners = 4;
    private const int MostProducts = 9;

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

    private static void ClearStrips(ArrayView<float> sums)
    {
        for (int e = 0; e < StripSums * MostProducts; e++)
        {
            sums[e] = 0f;
        }
    }

    /// <summary>Number of the strip that a warp holds in a place: the rows' first, or the columns' from the third place on where there are two pieces.</summary>
    private static int StripAt(int place, int strips, int square)
    {
        int warp = Group.IdxX / 32;
        if (square != 0)
        {
            return place < 2 ? (warp % 4 * 2) + place : (warp / 4 * 4) + place - 2;
        }

        int strip = (2 * warp) + place;
        return strip < strips ? strip : strip - strips;
    }

    /// <summary>Whether the product of strips that lie half a piece apart is that of the warp's second strip: where it is not, another warp has computed it.</summary>
    private static bool TakesSecond(int strips) => strips % 4 == 0 && Group.IdxX / 32 >= strips / 4;

    /// <summary>Adds the products of 16 rows.</summary>
    private static void MultiplyStrips(
        ArrayView<FloatX2> panels, ArrayView<int> words, ArrayView<float> sums, int half, int strips, int square, int bfloat16)
    {
        int pitch = TileRegisters.RowWords(half) / 2;
        int group = Group.IdxX % 32 / 4;
        int inGroup = Group.IdxX % 4;
        int lane = (inGroup * pitch) + (TileRegisters.Place(2 * group, half) / 2);
        int partners = strips / 2;
        int columns = 2 * square;
        for (int pass = 0; pass < 2; pass++)
        {
            if (pass == 0 || bfloat16 == 0)
            {
                for (int place = 0; place < MostStrips; place++)
                {
                    if (place < partners + 2)
                    {
                        int panel = square != 0 && place > 1 ? TensorPanels * PanelRows * pitch : 0;
                        int from = panel + lane + (pass * PanelRows * pitch) + (Strip / 4 * StripAt(place, strips, square));
                        LoadStrip(panels, from, pitch, words, StripWords * place, bfloat16);
                    }
                }

                for (int partner = 0; partner < MostPartners; partner++)
                {
                    if (partner < partners)
                    {
                        int left = StripWords * (columns + partner);
                        int right = StripWords * (1 - square + columns + partner);
                        int second = StripSums * (partners + partner);
                        AddProduct(
                            sums, StripSums * partner, words[0], words[1], words[2], words[3], words[left], words[left + 1], words[left + 2], words[left + 3], bfloat16);
                        AddProduct(
                            sums, second, words[4], words[5], words[6], words[7], words[right], words[right + 1], words[right + 2], words[right + 3], bfloat16);
                    }
                }

                if (square == 0)
                {
                    bool second = TakesSecond(strips);
                    int far = StripWords * partners;
                    AddProduct(
                        sums,
                        StripSums * strips,
                        Either(second, words[4], words[0]),
                        Either(second, words[5], words[1]),
                        Either(second, words[6], words[2]),
                        Either(second, words[7], words[3]),
                        Either(second, words[far + 4], words[far]),
                        Either(second, words[far + 5], words[far + 1]),
                        Either(second, words[far + 6], words[far + 2]),
                        Either(second, words[far + 7], words[far + 3]),
                        bfloat16);
                }
            }
        }
    }

    /// <summary>One of two numbers, not one of two places: an array that is read where a condition says does not stay in registers.</summary>
    private static int Either(bool first, int one, int other) => first ? one : other;

    /// <summary>Reads what this thread holds of a strip and rounds it: of 16 rows to bfloat16, in pairs of rows; of 8 rows to TF32.</summary>
    private static void LoadStrip(ArrayView<FloatX2> panels, int from, int pitch, ArrayView<int> words, int at, int bfloat16)
    {
        FloatX2 first = panels[from];
        FloatX2 second = panels[from + (4 * pitch)];
        if (bfloat16 != 0)
        {
            FloatX2 third = panels[from + (8 * pitch)];
            FloatX2 fourth = panels[from + (12 * pitch)];
            PtxConvert.RoundBfloat16Pair(ref words[at], second.X, first.X);
            PtxConvert.RoundBfloat16Pair(ref words[at + 1], second.Y, first.Y);
            PtxConvert.RoundBfloat16Pair(ref words[at + 2], fourth.X, third.X);
            PtxConvert.RoundBfloat16Pair(ref words[at + 3], fourth.Y, third.Y);
        }
        else
        {
            words[at] = Interop.FloatAsInt(first.X * GemmKernels.Tf32Rounding);
            words[at + 1] = Interop.FloatAsInt(first.Y * GemmKernels.Tf32Rounding);
            words[at + 2] = Interop.FloatAsInt(second.X * GemmKernels.Tf32Rounding);
            words[at + 3] = Interop.FloatAsInt(second.Y * GemmKernels.Tf32Rounding);
        }
    }

    /// <summary>Adds the product of two strips, the even columns of the second and then the odd ones.</summary>
    private static void AddProduct(ArrayView<float> sums, int at, int a0, int a1, int a2, int a3, int b0, int b1, int b2, int b3, int bfloat16)
    {
        if (bfloat16 != 0)
        {
            PtxMatrix.MultiplyBfloat16(ref sums[at], ref sums[at + 1], ref sums[at + 2], ref sums[at + 3], a0, a1, a2, a3, b0, b2);
            PtxMatrix.MultiplyBfloat16(ref sums[at + 4], ref sums[at + 5], ref sums[at + 6], ref sums[at + 7], a0, a1, a2, a3, b1, b3);
        }
        else
        {
            PtxMatrix.MultiplyTf32(ref sums[at], ref sums[at + 1], ref sums[at + 2], ref sums[at + 3], a0, a1, a2, a3, b0, b2);
            PtxMatrix.MultiplyTf32(ref sums[at + 4], ref sums[at + 5], ref sums[at + 6], ref sums[at + 7], a0, a1, a2, a3, b1, b3);
        }
    }

    /// <summary>Writes the sums out, by way of shared memory: registers have no numbers, and code for each product would be longer than all else.</summary>
    private static void FinishStrips(
        ArrayView<float> shared, ArrayView<float> tiles, ArrayView<float> partial, TileCovarianceSize size, TilePair pair, ArrayView<float> sums, int strips, int square)
    {
        ArrayView<FloatX4> quads = shared.Cast<FloatX4>();
        int products = ProductsOf(strips, square);
        Group.Barrier();
        for (int product = 0; product < MostProducts; product++)
        {
            if (product < products)
            {
                // Even columns of the second strip came first.
                int at = StripSums * product;
                int to = (2 * product * Group.DimX) + Group.IdxX;
                quads[to] = new FloatX4(sums[at], sums[at + 4], sums[at + 1], sums[at + 5]);
                quads[to + Group.DimX] = new FloatX4(sums[at + 2], sums[at + 6], sums[at + 3], sums[at + 7]);
            }
        }

        int partners = strips / 2;
        int second = TakesSecond(strips) ? 1 : 0;
        for (int product = 0; product < products; product++)
        {
            int line = product / partners;
            int left = line < 2 ? line : second;
            int right = line < 2 ? (2 * square) + (line * (1 - square)) + product - (line * partners) : second + partners;
            int from = (2 * product * Group.DimX) + Group.IdxX;
            FinishProduct(
                tiles, partial, size, pair, StripAt(left, strips, square), StripAt(right, strips, square), quads[from], quads[from + Group.DimX]);
        }
    }

    /// <summary>Writes this thread's 2 x 4 sums of a product of two strips, as a part or into the tile and mirrored.</summary>
    private static void FinishProduct(
        ArrayView<float> tiles, ArrayView<float> partial, TileCovarianceSize size, TilePair pair, int left, int right, FloatX4 upper, FloatX4 lower)
    {
        int row = (Strip * left) + (Group.IdxX % 32 / 4 * 2);
        int column = (Strip * right) + (Group.IdxX % 4 * 4);
        bool inside = XMath.Max(pair.Row + row + 1, pair.Column + column + 3) < pair.Dimension;
        if (size.Parts > 1)
        {
            StorePart(partial, size, row, column, upper, lower);
        }
        else if (size.WideTiles != 0 && pair.Dimension % 4 == 0 && pair.Offset % 4 == 0 && inside && (size.Squares != 0 || left != right))
        {
            StoreMirrored(tiles, size, pair, pair.Row + row, pair.Column + column, upper, lower);
        }
        else
        {
            // Strips around the end of the piece give the mirror image of what is above the diagonal.
            bool turned = size.Squares == 0 && left > right;
            StoreRow(tiles, size, pair, row, column, turned, upper);
            StoreRow(tiles, size, pair, row + 1, column, turned, lower);
        }
    }

    /// <summary>Writes sums where <see cref="Total"/> looks for those of their block; nothing into blocks below the diagonal.</summary>
    private static void StorePart(ArrayView<float> partial, TileCovarianceSize size, int row, int column, FloatX4 upper, FloatX4 lower)
    {
        int i = row / Block;
        int j = column / Block;
        long group = (long)Grid.IdxX * BlocksOf(size);
        if (size.Squares != 0 || i <= j)
        {
            ArrayView<FloatX4> quads = partial.Cast<FloatX4>();
            long to = ((group + NumberOf(size, i, j)) * BlockElements) + (row % Block * Block) + (column % Block);
            quads[to / 4] = upper;
            quads[(to + Block) / 4] = lower;
        }
        else if (i / 2 != j / 2)
        {
            ArrayView<FloatX2> pairs = partial.Cast<FloatX2>();
            long to = ((group + NumberOf(size, j, i)) * BlockElements) + (column % Block * Block) + (row % Block);
            pairs[to / 2] = new FloatX2(upper.X, lower.X);
            pairs[(to + Block) / 2] = new FloatX2(upper.Y, lower.Y);
            pairs[(to + (2 * Block)) / 2] = new FloatX2(upper.Z, lower.Z);
            pairs[(to + (3 * Block)) / 2] = new FloatX2(upper.W, lower.W);
        }
    }

    /// <summary>Number of a block: what <see cref="RowAndColumn"/> takes apart.</summary>
    private static int NumberOf(TileCovarianceSize size, int i, int j) =>
        size.Squares != 0 ? (i * size.BlockRows) + j : (i * size.BlockRows) - (i * (i - 1) / 2) + j - i;

    /// <summary>Writes 2 x 4 elements and their mirror image.</summary>
    private static void StoreMirrored(ArrayView<float> tiles, TileCovarianceSize size, TilePair pair, int row, int column, FloatX4 upper, FloatX4 lower)
    {
        ArrayView<FloatX4> quads = tiles.Cast<FloatX4>();
        ArrayView<FloatX2> pairs = tiles.Cast<FloatX2>();
        long to = (pair.Offset + ((long)row * pair.Dimension) + column) / 4;
        FloatX4 first = size.Scale * upper;
        FloatX4 second = size.Scale * lower;
        if (size.Decay != 0f)
        {
            first = Fused.MultiplyAdd(size.Scale, upper, size.Decay * quads[to]);
            second = Fused.MultiplyAdd(size.Scale, lower, size.Decay * quads[to + (pair.Dimension / 4)]);
        }

        quads[to] = first;
        quads[to + (pair.Dimension / 4)] = second;
        int pitch = pair.Dimension / 2;
        long mirror = (pair.Offset + ((long)column * pair.Dimension) + row) / 2;
        pairs[mirror] = new FloatX2(first.X, second.X);
        pairs[mirror + pitch] = new FloatX2(first.Y, second.Y);
        pairs[mirror + (2 * pitch)] = new FloatX2(first.Z, second.Z);
        pairs[mirror + (3 * pitch)] = new FloatX2(first.W, second.W);
    }

    /// <summary>Writes 4 elements of a row, or of a column, and their mirror images, those on and above the diagonal.</summary>
    private static void StoreRow(ArrayView<float> tiles, TileCovarianceSize size, TilePair pair, int row, int column, bool turned, FloatX4 sums)
    {
        int r = turned ? column : row;
        int c = turned ? row : column;
        int down = turned ? 1 : 0;
        StoreElement(tiles, size, pair, r, c, sums.X);
        StoreElement(tiles, size, pair, r + down, c + 1 - down, sums.Y);
        StoreElement(tiles, size, pair, r + (2 * down), c + (2 * (1 - down)), sums.Z);
        StoreElement(tiles, size, pair, r + (3 * down), c + (3 * (1 - down)), sums.W);
    }
}
