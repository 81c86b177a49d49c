namespace Thor.Kernels.Kernels;

/// <summary>
/// tiles = decay tiles + scale (diagonal tiles of X^T X) on GPUs, for X that is stored or that a convolution sees; patches are formed
/// while they are loaded and never written down.
/// </summary>
/// <remarks>
/// A tile is cut into pieces of 128 columns. Of a piece with itself only the triangle is computed: a thread owns one block of 8 x 8 sums on or
/// above the diagonal, 136 threads make a team, or fewer for smaller tiles, and as many teams as a group holds take turns at its rows. Of two
/// pieces 256 threads compute the square. Where there are few pairs, several groups share the rows of one; which rows is decided by the
/// shape and the device. Sums of teams, then of groups, are added in order, scaled, averaged and mirrored once at the end.
/// <para>
/// Shared memory: two sets of panels of 8 rows per team, 10.3 KiB for a tile of 128, one being filled while the other is multiplied;
/// one barrier per 8 rows. 512 multiply-adds of a thread per 32 loads of 16 bytes.
/// </para>
/// </remarks>
public static partial class TileCovarianceKernels
{
    /// <summary>Most threads of a group.</summary>
    public const int GroupThreads = 256;

    /// <summary>Columns of a piece.</summary>
    public const int Piece = 128;

    /// <summary>Threads of a group of <see cref="Total"/>.</summary>
    internal const int TotalThreads = Slices * BlockElements;

    private const int Slices = 4;
    private const int Block = TileRegisters.Block;
    private const int BlockElements = TileRegisters.BlockElements;
    private const int PanelRows = TileRegisters.PanelRows;

    /// <summary>X stored row by row.</summary>
    /// <param name="x">From element (0, 0) on.</param>
    /// <param name="tiles">Packed tiles.</param>
    /// <param name="partial">Sums of each group, where several share a pair; else any view.</param>
    /// <param name="size">Sizes.</param>
    /// <param name="wide">Not 0 if every 4th element of a tile's row of X begins at a multiple of 16 bytes.</param>
    /// <param name="half">Words of a half row of a panel, see <see cref="TileInverseKernels.HalfOf"/>; a constant, so that addresses are.</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(8)]
    [KernelVariants(16)]
    [KernelVariants(48)]
    [KernelVariants(80)]
    public static void StoredRows(
        ReadOnlyView<float> x, ArrayView<float> tiles, ArrayView<float> partial, TileCovarianceSize size, int wide, SpecializedValue<int> half)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<FloatX4> panels = shared.Cast<FloatX4>();
        ArrayView<float> own = LocalMemory.Allocate<float>(BlockElements);
        TilePair pair = Pair(size, Grid.IdxX / size.Parts);
        int panel = PanelWords(half);
        int set = PanelsOf(size) * panel;
        int rows = size.Teams * PanelRows;
        int steps = (size.Rows + rows - 1) / rows;
        int part = Grid.IdxX % size.Parts;
        int first = (int)((long)steps * part / size.Parts);

        // A ragged last tile does not have all pairs; no early return, which some compilers do not get right before barriers.
        int end = pair.Column < pair.Dimension ? (int)((long)steps * (part + 1) / size.Parts) : first;
        int i = Group.IdxX % BlocksOf(size);
        int team = Group.IdxX / BlocksOf(size);
        int j = RowAndColumn(size, ref i);
        int left = (XMath.Min(team, size.Teams - 1) * panel / 4) + i;
        int right = left - i + (size.Squares * panel / 4) + j;

        // Of every row of a step this thread copies 4 elements, if there are threads for whole rows.
        int perRow = size.BlockRows * Block / 4;
        int apart = Group.DimX / perRow;
        int quad = Group.IdxX % perRow;
        int inStep = Group.IdxX / perRow;
        inStep = inStep < apart ? inStep : rows;
        long at = (((long)(first * rows) + inStep) * size.RowStride) + pair.First + (4 * quad);
        TileRegisters.Clear(own);
        for (int step = first; step < end; step++)
        {
            int into = step % 2 * set;
            FillRows(x, panels, into / 4, at + pair.Row, pair.Dimension - pair.Row - (4 * quad), step * rows, rows, inStep, apart, quad, size, half, wide != 0);
            if (size.Squares != 0)
            {
                FillRows(
                    x, panels, (into + panel) / 4, at + pair.Column, pair.Dimension - pair.Column - (4 * quad), step * rows, rows, inStep, apart, quad, size, half, wide != 0);
            }

            at += rows * size.RowStride;
            Group.Barrier();
            Multiply(panels, (into / 4) + left, (into / 4) + right, half, own);
        }

        Finish(shared, tiles, partial, size, pair, own);
    }

    /// <summary>X the patches of a convolution.</summary>
    /// <param name="images">(batch, channels, height, width).</param>
    /// <param name="tiles">Packed tiles.</param>
    /// <param name="partial">Sums of each group, where several share a pair; else any view.</param>
    /// <param name="size">Sizes.</param>
    /// <param name="patches">Which patches.</param>
    /// <param name="half">Words of a half row of a panel.</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(8)]
    [KernelVariants(16)]
    [KernelVariants(48)]
    [KernelVariants(80)]
    public static void PatchRows(
        ReadOnlyView<float> images,
        ArrayView<float> tiles,
        ArrayView<float> partial,
        TileCovarianceSize size,
        TilePatchSize patches,
        SpecializedValue<int> half)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        ArrayView<FloatX4> panels = shared.Cast<FloatX4>();
        ArrayView<float> own = LocalMemory.Allocate<float>(BlockElements);
        TilePair pair = Pair(size, Grid.IdxX / size.Parts);
        int width = size.BlockRows * Block;
        int panel = PanelWords(half);
        int set = PanelsOf(size) * panel;
        int rows = size.Teams * PanelRows;
        int steps = (size.Rows + rows - 1) / rows;
        int part = Grid.IdxX % size.Parts;
        int first = (int)((long)steps * part / size.Parts);

        // A ragged last tile does not have all pairs; no early return, which some compilers do not get right before barriers.
        int end = pair.Column < pair.Dimension ? (int)((long)steps * (part + 1) / size.Parts) : first;
        int i = Group.IdxX % BlocksOf(size);
        int team = Group.IdxX / BlocksOf(size);
        int j = RowAndColumn(size, ref i);
        int left = (XMath.Min(team, size.Teams - 1) * panel / 4) + i;
        int right = left - i + (size.Squares * panel / 4) + j;

        ArrayView<int> table = shared.Cast<int>().SubView(2 * set, (1 + size.Squares) * 2 * width);
        DescribeColumns(table, patches, pair.First + pair.Row, width);
        if (size.Squares != 0)
        {
            DescribeColumns(table.SubView(2 * width), patches, pair.First + pair.Column, width);
        }

        TileRegisters.Clear(own);
        Group.Barrier();
        for (int step = first; step < end; step++)
        {
            int into = step % 2 * set;
            FillPatches(images, shared, table, into, size, patches, pair.Dimension - pair.Row, step * rows, width, half);
            if (size.Squares != 0)
            {
                FillPatches(images, shared, table.SubView(2 * width), into + panel, size, patches, pair.Dimension - pair.Column, step * rows, width, half);
            }

            Group.Barrier();
            Multiply(panels, (into / 4) + left, (into / 4) + right, half, own);
        }

        Finish(shared, tiles, partial, size, pair, own);
    }

    /// <summary>
    /// Adds up the sums of the groups that share a pair: 64 elements a group, of each every fourth sum by one of four threads, whose
    /// sums are added in order.
    /// </summary>
    [Kernel(MaxGroupSize = TotalThreads)]
    public static void Total(ReadOnlyView<float> partial, ArrayView<float> tiles, TileCovarianceSize size)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(TotalThreads);
        int elements = BlocksOf(size) * BlockElements;
        int lane = Group.IdxX % BlockElements;
        int index = (Grid.IdxX * BlockElements) + lane;
        int element = index % elements;
        int slice = Group.IdxX / BlockElements;
        long at = ((((long)(index / elements) * size.Parts) + slice) * elements) + element;
        float sum = 0f;
        for (int part = slice; part < size.Parts; part += Slices)
        {
            sum += partial[at];
            at += (long)Slices * elements;
        }

        sums[Group.IdxX] = sum;
        Group.Barrier();
        if (slice == 0)
        {
            for (int other = 1; other < Slices; other++)
            {
                sum += sums[(other * BlockElements) + lane];
            }

            int inner = element % BlockElements;
            int i = element / BlockElements;
            int j = RowAndColumn(size, ref i);
            TilePair pair = Pair(size, index / elements);
            StoreElement(tiles, size, pair, (i * Block) + (inner / Block), (j * Block) + (inner % Block), sum);
        }
    }

    /// <summary>Words of shared memory of a group.</summary>
    internal static int SharedWords(in TileCovarianceSize size, bool patches, bool async)
    {
        int panels = (async ? Sets : 2) * PanelsOf(size) * PanelWords(TileInverseKernels.HalfOf(size.BlockRows));
        int table = patches ? 2 * (1 + size.Squares) * size.BlockRows * Block : 0;
        return Math.Max(panels + table, size.Teams > 1 ? BlocksOf(size) * BlockElements : 0);
    }

    /// <summary>Threads that own the blocks of a pair.</summary>
    internal static int BlocksOf(TileCovarianceSize size) =>
        size.Squares != 0 ? size.BlockRows * size.BlockRows : size.BlockRows * (size.BlockRows + 1) / 2;

    private static int PanelWords(int half) => PanelRows * TileRegisters.RowWords(half);

    private static int PanelsOf(TileCovarianceSize size) => (1 + size.Squares) * size.Teams;

    /// <summary>A pair by its number. Pairs that a ragged last tile does not have begin beyond its dimension.</summary>
    private static TilePair Pair(TileCovarianceSize size, int number)
    {
        int tile = number / size.PairsPerTile;
        int rest = number % size.PairsPerTile;
        TilePair pair = default;
        pair.First = tile * size.TileSize;
        pair.Dimension = XMath.Min(size.TileSize, size.Dimension - pair.First);
        pair.Offset = (long)tile * size.TileSize * size.TileSize;
        if (size.Squares == 0)
        {
            pair.Row = rest * Piece;
            pair.Column = rest * Piece;
        }
        else
        {
            int i = 0;
            while (rest >= size.Pieces - 1 - i)
            {
                rest -= size.Pieces - 1 - i;
                i++;
            }

            pair.Row = i * Piece;
            pair.Column = (i + 1 + rest) * Piece;
        }

        return pair;
    }

    /// <summary>Block row and column of a block by its number, which the row replaces.</summary>
    /// <returns>The column.</returns>
    private static int RowAndColumn(TileCovarianceSize size, ref int number)
    {
        int block = number;
        if (size.Squares != 0)
        {
            number = block / size.BlockRows;
            return block % size.BlockRows;
        }

        int i = 0;
        while (block >= size.BlockRows - i)
        {
            block -= size.BlockRows - i;
            i++;
        }

        number = i;
        return i + block;
    }

    /// <summary>Threads beyond the last team multiply too; nobody reads their sums.</summary>
    private static void Multiply(ArrayView<FloatX4> panels, int left, int right, int half, ArrayView<float> own)
    {
        int pitch = TileRegisters.RowWords(half) / 4;
        TileRegisters.Accumulate(panels, left, pitch, half / 4, right, pitch, half / 4, own);
    }

    /// <summary>Adds the sums of all teams to those of the first, in order, and writes them out.</summary>
    private static void Finish(
        ArrayView<float> shared, ArrayView<float> tiles, ArrayView<float> partial, TileCovarianceSize size, TilePair pair, ArrayView<float> own)
    {
        int blocks = BlocksOf(size);
        int team = Group.IdxX / blocks;
        int block = Group.IdxX % blocks;
        for (int other = 1; other < size.Teams; other++)
        {
            Group.Barrier();
            if (team == other)
            {
                for (int e = 0; e < BlockElements; e++)
                {
                    shared[(e * blocks) + block] = own[e];
                }
            }

            Group.Barrier();
            if (team == 0)
            {
                for (int e = 0; e < BlockElements; e++)
                {
                    own[e] += shared[(e * blocks) + block];
                }
            }
        }

        if (team != 0)
        {
            return;
        }

        if (size.Parts > 1)
        {
            ArrayView<FloatX4> quads = partial.Cast<FloatX4>();
            long at = (((long)Grid.IdxX * blocks) + block) * (BlockElements / 4);
            for (int q = 0; q < BlockElements / 4; q++)
            {
                quads[at + q] = new FloatX4(own[4 * q], own[(4 * q) + 1], own[(4 * q) + 2], own[(4 * q) + 3]);
            }

            return;
        }

        int i = block;
        int j = RowAndColumn(size, ref i);
        int row = pair.Row + (i * Block);
        int column = pair.Column + (j * Block);
        long target = pair.Offset + ((long)row * pair.Dimension) + column;
        if (size.WideTiles != 0 && pair.Dimension % 4 == 0 && pair.Offset % 4 == 0 && XMath.Max(row, column) + Block <= pair.Dimension)
        {
            StoreBlock(tiles, size, pair, target, own);
            if (row != column)
            {
                TileRegisters.Transpose(own);
                StoreBlock(tiles, size, pair, pair.Offset + ((long)column * pair.Dimension) + row, own);
            }
        }
        else
        {
            for (int r = 0; r < Block; r++)
            {
                for (int c = 0; c < Block; c++)
                {
                    StoreElement(tiles, size, pair, (i * Block) + r, (j * Block) + c, own[(r * Block) + c]);
                }
            }
        }
    }

    /// <summary>Writes a whole block; both halves of one on the diagonal are the same sums.</summary>
    private static void StoreBlock(ArrayView<float> tiles, TileCovarianceSize size, TilePair pair, long at, ArrayView<float> own)
    {
        ArrayView<FloatX4> quads = tiles.Cast<FloatX4>();
        for (int q = 0; q < BlockElements / 4; q++)
        {
            long to = (at + ((long)(q / 2) * pair.Dimension) + (q % 2 * 4)) / 4;
            FloatX4 value = size.Scale * new FloatX4(own[4 * q], own[(4 * q) + 1], own[(4 * q) + 2], own[(4 * q) + 3]);
            if (size.Decay != 0f)
            {
                FloatX4 sum = new(own[4 * q], own[(4 * q) + 1], own[(4 * q) + 2], own[(4 * q) + 3]);
                value = Fused.MultiplyAdd(size.Scale, sum, size.Decay * quads[to]);
            }

            quads[to] = value;
        }
    }

    /// <summary>Writes an element above the diagonal and its mirror image.</summary>
    private static void StoreElement(ArrayView<float> tiles, TileCovarianceSize size, TilePair pair, int r, int c, float sum)
    {
        int row = pair.Row + r;
        int column = pair.Column + c;
        if (row <= column && column < pair.Dimension)
        {
            long at = pair.Offset + ((long)row * pair.Dimension) + column;
            float value = size.Scale * sum;
            if (size.Decay != 0f)
            {
                value = Fused.MultiplyAdd(size.Scale, sum, size.Decay * tiles[at]);
            }

            tiles[at] = value;
            tiles[pair.Offset + ((long)column * pair.Dimension) + row] = value;
        }
    }
}
