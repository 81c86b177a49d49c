namespace Thor.Kernels.Kernels;

/// <summary>
/// Copies between layouts whose neighbours in memory lie along different axes: the result's columns are dense, and so is the operand
/// along another axis, across.
/// </summary>
/// <remarks>
/// GPU: groups of 64 x 4 threads move a tile of 64 x 64 words through shared memory (16640 bytes, a word of padding per line against bank
/// conflicts), so that reads and writes are both of whole lines; a thread has sixteen words under way. Processor: a thread moves a
/// tile of 128 x 128, reading lines, or a strip of 32 x 512 by
/// squares in registers. No arithmetic but the conversion.
/// </remarks>
internal static partial class TransposeKernels
{
    /// <summary>Edge of a group's tile.</summary>
    public const int Tile = 64;

    /// <summary>Lines of threads in a group.</summary>
    public const int Lines = 4;

    /// <summary>Edge of a tile of <see cref="Blocks"/>.</summary>
    public const int ProcessorTile = 128;

    /// <summary>Edge of a tile of <see cref="Squares"/>.</summary>
    public const int SquaresTile = 32;

    /// <summary>Columns of a thread of <see cref="Squares"/>, tile after tile.</summary>
    public const int StripColumns = 512;

    /// <summary>Edge of a square in registers.</summary>
    public const int Edge = 8;

    /// <summary>Tiles by groups.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="y">The result.</param>
    /// <param name="loop">Columns are dense in y and step by StepA in x; rows are the other axes but the one across.</param>
    /// <param name="across">Extent of the axis along which x is dense.</param>
    /// <param name="stepAcross">Distance in y along it.</param>
    /// <param name="operation">Copy, ToInteger or ToFloat of ElementOperation.</param>
    [Kernel(MaxGroupSize = Tile * Lines)]
    [KernelVariants(64), KernelVariants(65), KernelVariants(66)]
    public static void Tiles(ReadOnlyView<int> x, ArrayView<int> y, RowLoop loop, int across, long stepAcross, SpecializedValue<int> operation)
    {
        ArrayView<int> tile = SharedMemory.Allocate<int>(Tile * (Tile + 1));
        int tilesOfColumns = (loop.Columns + Tile - 1) / Tile;
        int tilesAcross = (across + Tile - 1) / Tile;
        int index = Grid.IdxX / tilesOfColumns;
        int row = index / tilesAcross;
        int firstColumn = (Grid.IdxX - (index * tilesOfColumns)) * Tile;
        int firstAcross = (index - (row * tilesAcross)) * Tile;
        ReadOnlyView<int> from = x.SubView(RowLoops.A(loop, row));
        ArrayView<int> to = y.SubView(RowLoops.Y(loop, row));

        int depth = firstAcross + Group.IdxX;
        for (int line = 0; line < Tile; line += Lines)
        {
            int column = firstColumn + line + Group.IdxY;
            if (column < loop.Columns && depth < across)
            {
                tile[((line + Group.IdxY) * (Tile + 1)) + Group.IdxX] = from[(column * loop.StepA) + depth];
            }
        }

        Group.Barrier();
        int outColumn = firstColumn + Group.IdxX;
        for (int line = 0; line < Tile; line += Lines)
        {
            int outDepth = firstAcross + line + Group.IdxY;
            if (outColumn < loop.Columns && outDepth < across)
            {
                int word = ElementwiseMath.Move(operation.Value, tile[(Group.IdxX * (Tile + 1)) + line + Group.IdxY]);
                to[(outDepth * stepAcross) + outColumn] = word;
            }
        }
    }

    /// <summary>Tiles by threads of a processor.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="y">The result.</param>
    /// <param name="loop">Columns are dense in y and step by StepA in x; rows are the other axes but the one across.</param>
    /// <param name="across">Extent of the axis along which x is dense.</param>
    /// <param name="stepAcross">Distance in y along it.</param>
    /// <param name="operation">Copy, ToInteger or ToFloat of ElementOperation.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void Blocks(ReadOnlyView<int> x, ArrayView<int> y, RowLoop loop, int across, long stepAcross, SpecializedValue<int> operation)
    {
        int tilesOfColumns = (loop.Columns + ProcessorTile - 1) / ProcessorTile;
        int tilesAcross = (across + ProcessorTile - 1) / ProcessorTile;
        int index = Grid.IdxX / tilesOfColumns;
        int row = index / tilesAcross;
        int firstColumn = (Grid.IdxX - (index * tilesOfColumns)) * ProcessorTile;
        int firstAcross = (index - (row * tilesAcross)) * ProcessorTile;
        int lastColumn = XMath.Min(loop.Columns, firstColumn + ProcessorTile);
        int lastAcross = XMath.Min(across, firstAcross + ProcessorTile);
        MoveLines(
            x.SubView(RowLoops.A(loop, row)),
            y.SubView(RowLoops.Y(loop, row)),
            loop.StepA,
            stepAcross,
            firstColumn,
            lastColumn,
            firstAcross,
            lastAcross,
            operation.Value);
    }

    /// <summary>
    /// The same word for word, where all lines begin at multiples of 32 bytes: squares of 8 x 8 in registers, which compilers turn by shuffles.
    /// Parameters are those of <see cref="Blocks"/>.
    /// </summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Squares(ReadOnlyView<int> x, ArrayView<int> y, RowLoop loop, int across, long stepAcross)
    {
        int tilesOfColumns = (loop.Columns + StripColumns - 1) / StripColumns;
        int tilesAcross = (across + SquaresTile - 1) / SquaresTile;
        int index = Grid.IdxX / tilesOfColumns;
        int row = index / tilesAcross;
        int firstColumn = (Grid.IdxX - (index * tilesOfColumns)) * StripColumns;
        int firstAcross = (index - (row * tilesAcross)) * SquaresTile;
        int lastColumn = XMath.Min(loop.Columns, firstColumn + StripColumns);
        int lastAcross = XMath.Min(across, firstAcross + SquaresTile);
        int wholeColumns = firstColumn + ((lastColumn - firstColumn) / Edge * Edge);
        int wholeAcross = firstAcross + ((lastAcross - firstAcross) / Edge * Edge);
        ReadOnlyView<int> from = x.SubView(RowLoops.A(loop, row));
        ArrayView<int> to = y.SubView(RowLoops.Y(loop, row));
        ReadOnlyView<FloatX8> eights = from.Cast<FloatX8>();
        ArrayView<FloatX8> turned = to.Cast<FloatX8>();
        long stepX = loop.StepA / Edge;
        long stepY = stepAcross / Edge;
        for (int tile = firstColumn; tile < wholeColumns; tile += SquaresTile)
        {
            int last = XMath.Min(wholeColumns, tile + SquaresTile);
            for (int depth = firstAcross; depth < wholeAcross; depth += Edge)
            {
                for (int column = tile; column < last; column += Edge)
                {
                    long at = (column * stepX) + (depth / Edge);
                    FloatX8 v0 = eights[at];
                    FloatX8 v1 = eights[at + stepX];
                    FloatX8 v2 = eights[at + (2 * stepX)];
                    FloatX8 v3 = eights[at + (3 * stepX)];
                    FloatX8 v4 = eights[at + (4 * stepX)];
                    FloatX8 v5 = eights[at + (5 * stepX)];
                    FloatX8 v6 = eights[at + (6 * stepX)];
                    FloatX8 v7 = eights[at + (7 * stepX)];
                    long place = (depth * stepY) + (column / Edge);
                    turned[place] = Eight(v0.S0, v1.S0, v2.S0, v3.S0, v4.S0, v5.S0, v6.S0, v7.S0);
                    turned[place + stepY] = Eight(v0.S1, v1.S1, v2.S1, v3.S1, v4.S1, v5.S1, v6.S1, v7.S1);
                    turned[place + (2 * stepY)] = Eight(v0.S2, v1.S2, v2.S2, v3.S2, v4.S2, v5.S2, v6.S2, v7.S2);
                    turned[place + (3 * stepY)] = Eight(v0.S3, v1.S3, v2.S3, v3.S3, v4.S3, v5.S3, v6.S3, v7.S3);
                    turned[place + (4 * stepY)] = Eight(v0.S4, v1.S4, v2.S4, v3.S4, v4.S4, v5.S4, v6.S4, v7.S4);
                    turned[place + (5 * stepY)] = Eight(v0.S5, v1.S5, v2.S5, v3.S5, v4.S5, v5.S5, v6.S5, v7.S5);
                    turned[place + (6 * stepY)] = Eight(v0.S6, v1.S6, v2.S6, v3.S6, v4.S6, v5.S6, v6.S6, v7.S6);
                    turned[place + (7 * stepY)] = Eight(v0.S7, v1.S7, v2.S7, v3.S7, v4.S7, v5.S7, v6.S7, v7.S7);
                }
            }
        }

        MoveLines(from, to, loop.StepA, stepAcross, wholeColumns, lastColumn, firstAcross, wholeAcross, ElementOperation.Copy);
        MoveLines(from, to, loop.StepA, stepAcross, firstColumn, lastColumn, wholeAcross, lastAcross, ElementOperation.Copy);
    }

    private static void MoveLines(
        ReadOnlyView<int> from,
        ArrayView<int> to,
        long stepX,
        long stepY,
        int firstColumn,
        int lastColumn,
        int firstAcross,
        int lastAcross,
        int operation)
    {
        for (int column = firstColumn; column < lastColumn; column++)
        {
            ReadOnlyView<int> line = from.SubView(column * stepX);
            for (int depth = firstAcross; depth < lastAcross; depth++)
            {
                int word = ElementwiseMath.Move(operation, line[depth]);
                to[(depth * stepY) + column] = word;
            }
        }
    }

    private static FloatX8 Eight(float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7)
    {
        FloatX8 v;
        v.S0 = s0;
        v.S1 = s1;
        v.S2 = s2;
        v.S3 = s3;
        v.S4 = s4;
        v.S5 = s5;
        v.S6 = s6;
        v.S7 = s7;
        return v;
    }
}
