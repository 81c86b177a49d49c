namespace Thor.Kernels.Host;

/// <summary>
/// One sweep of filter taps over a grid of positions: the forward product is one pass; the input gradient is one pass per residue of the
/// strides, each a dense stride-1 convolution with the taps that reach that residue. Everything a pass needs is prepared once per call.
/// </summary>
/// <remarks>
/// Steps of the sum run over (tap row, channel, tap column), so that the tap rows that lie inside the image form one range and the others are
/// never multiplied. Tiles are positions x output channels (lanes are channels; weights are packed in panels of two registers, the last
/// of one if that is enough; results are transposed on the way out) or, where rows of the grid fill registers, output channels x positions (lanes are columns).
/// </remarks>
internal unsafe struct ConvolutionPass<T>
    where T : unmanaged
{
    /// <summary>Rows of positions.</summary>
    public int GridRows;

    /// <summary>Columns of positions.</summary>
    public int GridColumns;

    /// <summary>Rows of the window between rows of positions; columns are neighbours.</summary>
    public int RowStep;

    /// <summary>Rows of taps.</summary>
    public int TapRows;

    /// <summary>Columns of taps.</summary>
    public int TapColumns;

    /// <summary>Per tap row, its row in the filter.</summary>
    public int* FilterRows;

    /// <summary>Per tap row, its row in the window from the position's; ascending.</summary>
    public int* WindowRows;

    /// <summary>Per tap column, its column in the filter.</summary>
    public int* FilterColumns;

    /// <summary>Per tap column, its offset in a row of the window from the position's.</summary>
    public int* WindowColumns;

    /// <summary>Element of a target plane that the first position goes to.</summary>
    public int Target;

    /// <summary>Distance in a target plane between rows of positions.</summary>
    public int TargetRow;

    /// <summary>Distance in a target plane between columns of positions.</summary>
    public int TargetColumn;

    /// <summary>Lanes are columns, not channels.</summary>
    public bool ColumnLanes;

    /// <summary>Rows of a tile.</summary>
    public int Rows;

    /// <summary>Two registers of channels per panel: table, and places of the tiles. With column lanes, the only ones.</summary>
    public int* Offsets;

    /// <summary>Places of the tiles.</summary>
    public Spot* Spots;

    /// <summary>Number of places.</summary>
    public int SpotCount;

    /// <summary>For the last panel of one register: table and places; each place is two stretches of positions.</summary>
    public int* NarrowOffsets;

    /// <summary>Places of the narrow panel's tiles.</summary>
    public Spot* NarrowSpots;

    /// <summary>Number of narrow places.</summary>
    public int NarrowSpotCount;

    /// <summary>Packed weights of all groups.</summary>
    public T* Weights;

    /// <summary>Elements of the packed weights of one group.</summary>
    public long GroupWeights;

    /// <summary>One tile's (or two halves') place: offsets in the window and in a target plane, and the range of steps that are inside the image.</summary>
    internal readonly record struct Spot(int Source, int Second, int Target, int TargetSecond, int First, int Count);

    /// <summary>Chooses the tiles and prepares tables and weights.</summary>
    /// <param name="arena">Memory that lasts through the call.</param>
    /// <param name="window">The source image as the tiles see it.</param>
    /// <param name="outputs">Output channels of a group.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="lanes">Elements of a register.</param>
    /// <param name="maximumRows">Most rows of a tile.</param>
    /// <param name="weights">Filters: (ky, kx) fastest.</param>
    /// <param name="weightStrides">Distances in the filters between groups, outputs, channels and filter rows.</param>
    public void Prepare(
        Arena arena, in ImageWindow window, int outputs, int groups, int lanes, int maximumRows,
        T* weights, (long Group, long Output, long Channel, long Row) weightStrides)
    {
        Flatten(window);
        ColumnLanes = PrefersColumns(GridColumns, outputs, TapRows * window.Channels * TapColumns, lanes, maximumRows);
        Rows = ConvolutionTiling.Rows(ColumnLanes ? outputs : GridColumns, maximumRows);
        if (ColumnLanes)
        {
            Offsets = Table(arena, window, outputs);
            Spots = Places(arena, window, lanes, 2, out SpotCount);
        }
        else
        {
            Offsets = Table(arena, window, 2 * lanes);
            Spots = Places(arena, window, Rows, 1, out SpotCount);
            NarrowOffsets = Table(arena, window, lanes);
            NarrowSpots = Places(arena, window, Rows, 2, out NarrowSpotCount);
        }

        Pack(arena, window.Channels, outputs, groups, lanes, weights, weightStrides);
    }

    /// <summary>Where positions follow each other without gaps over row ends, they are one long row.</summary>
    private void Flatten(in ImageWindow window)
    {
        if (GridRows > 1 && RowStep == 1 && window.Split == 1 && window.Columns == GridColumns && TargetColumn == 1 && TargetRow == GridColumns
            && TapColumns == 1 && WindowColumns[0] == 0)
        {
            GridColumns *= GridRows;
            GridRows = 1;
        }
    }

    /// <summary>
    /// Compares how full the registers are either way; a tile of channels pays some 8 steps for transposing, a tile of columns about 2 for
    /// storing rows that straddle cache lines.
    /// </summary>
    private static bool PrefersColumns(int columns, int outputs, int steps, int lanes, int maximumRows)
    {
        if (columns < lanes)
        {
            return false;
        }

        double channelTiles = (double)ConvolutionTiling.Filled(outputs, lanes) * ConvolutionTiling.Filled(columns, ConvolutionTiling.Rows(columns, maximumRows)) * (steps + 8);
        double columnTiles = (double)ConvolutionTiling.Filled(columns, lanes) * ConvolutionTiling.Filled(outputs, ConvolutionTiling.Rows(outputs, maximumRows)) * (steps + 2);
        return columnTiles < channelTiles;
    }

    private readonly int* Table(Arena arena, in ImageWindow window, int width)
    {
        int* table = arena.Take<int>(2L * TapRows * window.Channels * TapColumns);
        int* next = table;
        for (int j = 0; j < TapRows; j++)
        {
            for (int c = 0; c < window.Channels; c++)
            {
                for (int i = 0; i < TapColumns; i++)
                {
                    int image = (c * window.Plane) + (WindowRows[j] * window.Pitch) + WindowColumns[i];
                    int weight = (int)((next - table) / 2) * width;
                    *next++ = ColumnLanes ? weight : image;
                    *next++ = ColumnLanes ? image : weight;
                }
            }
        }

        return table;
    }

    /// <summary>Cuts every row of positions into stretches of one length, the last moved back so that it ends with the row, and takes them one by one or in pairs.</summary>
    private readonly Spot* Places(Arena arena, in ImageWindow window, int length, int together, out int count)
    {
        int perRow = (GridColumns + length - 1) / length;
        int stretches = GridRows * perRow;
        count = (stretches + together - 1) / together;
        Spot* spots = arena.Take<Spot>(count);
        for (int s = 0; s < count; s++)
        {
            int first = s * together;
            int last = Math.Min(first + together, stretches) - 1;
            (int row, int column) = (first / perRow, Math.Min(first % perRow * length, GridColumns - length));
            (int row2, int column2) = (last / perRow, Math.Min(last % perRow * length, GridColumns - length));
            int begin = TapRows;
            int end = 0;
            for (int j = 0; j < TapRows; j++)
            {
                int y = window.Top + WindowRows[j];
                bool inside = GridRows == 1
                    || (uint)(y + (row * RowStep)) < (uint)window.Height || (uint)(y + (row2 * RowStep)) < (uint)window.Height;
                begin = inside ? Math.Min(begin, j) : begin;
                end = inside ? j + 1 : end;
            }

            int perTapRow = window.Channels * TapColumns;
            int source = (row * RowStep * window.Pitch) + column;
            int target = Target + (row * TargetRow) + (column * TargetColumn);
            spots[s] = new Spot(
                source,
                (row2 * RowStep * window.Pitch) + column2 - source,
                target,
                Target + (row2 * TargetRow) + (column2 * TargetColumn) - target,
                Math.Min(begin, end) * perTapRow,
                Math.Max(0, end - begin) * perTapRow);
        }

        return spots;
    }

    private void Pack(
        Arena arena, int channels, int outputs, int groups, int lanes, T* weights, (long Group, long Output, long Channel, long Row) strides)
    {
        int steps = TapRows * channels * TapColumns;
        GroupWeights = (long)steps * (ColumnLanes ? outputs : ConvolutionTiling.Filled(outputs, lanes));
        Weights = arena.TakeZeroed<T>(groups * GroupWeights);
        for (int g = 0; g < groups; g++)
        {
            T* panel = Weights + (g * GroupWeights);
            int width;
            for (int first = 0; first < outputs; first += width)
            {
                width = ColumnLanes ? outputs : ConvolutionTiling.PanelRegisters(outputs, first, lanes) * lanes;
                int used = Math.Min(width, outputs - first);
                for (int j = 0; j < TapRows; j++)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        for (int i = 0; i < TapColumns; i++)
                        {
                            T* from = weights + (g * strides.Group) + (first * strides.Output) + (c * strides.Channel) + (FilterRows[j] * strides.Row) + FilterColumns[i];
                            for (int o = 0; o < used; o++)
                            {
                                panel[o] = from[o * strides.Output];
                            }

                            panel += width;
                        }
                    }
                }
            }
        }
    }
}
