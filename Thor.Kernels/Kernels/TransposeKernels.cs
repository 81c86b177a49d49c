namespace Thor.Kernels.Kernels;

/// <summary>
/// Copies between layouts whose neighbours in memory lie along different axes: the result's columns are dense, and so is the operand
/// along another axis, across.
/// </summary>
/// <remarks>
/// GPU: groups of 32 x 8 threads move a tile of 32 x 32 words through shared memory (4224 bytes, a word of padding per line against bank
/// conflicts), so that reads and writes are both of whole lines; a thread has four words under way. Processor: a thread moves a tile of 64 x 64, which stays in the first-level cache, reading
/// lines. No arithmetic but the conversion.
/// </remarks>
internal static partial class TransposeKernels
{
    /// <summary>Edge of a group's tile.</summary>
    public const int Tile = 32;

    /// <summary>Lines of threads in a group.</summary>
    public const int Lines = 8;

    /// <summary>Edge of a processor's tile.</summary>
    public const int ProcessorTile = 64;

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
                int word = ElementwiseMath.Unary(operation.Value, tile[(Group.IdxX * (Tile + 1)) + line + Group.IdxY]);
                to[(outDepth * stepAcross) + outColumn] = word;
            }
        }
    }

    /// <summary>Tiles by threads of a processor; parameters as those of <see cref="Tiles"/>.</summary>
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
        ReadOnlyView<int> from = x.SubView(RowLoops.A(loop, row));
        ArrayView<int> to = y.SubView(RowLoops.Y(loop, row));
        for (int column = firstColumn; column < lastColumn; column++)
        {
            ReadOnlyView<int> line = from.SubView(column * loop.StepA);
            for (int depth = firstAcross; depth < lastAcross; depth++)
            {
                int word = ElementwiseMath.Unary(operation.Value, line[depth]);
                to[(depth * stepAcross) + column] = word;
            }
        }
    }
}
