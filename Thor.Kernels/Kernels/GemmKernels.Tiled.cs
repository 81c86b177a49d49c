namespace Thor.Kernels.Kernels;

/// <content>
/// The portable kernel. A group of (blockRows / threadTile) (blockColumns / threadTile) threads along x computes a block of c; each thread
/// holds threadTile x threadTile sums in registers. Blocks of 8 steps of a and b lie in shared memory twice, as a[step][row] and
/// b[step][column] with rows of 4 floats more than the block, 64 (blockRows + blockColumns + 8) bytes in all: while one is multiplied, the next is on
/// its way through registers. Per step a thread reads 2 threadTile floats and does threadTile^2 multiply-adds; per step a block
/// reads blockRows + blockColumns floats and does blockRows blockColumns multiply-adds.
/// </content>
public static partial class GemmKernels
{
    /// <summary>Steps of a block of <see cref="Tiled"/>.</summary>
    public const int TiledDepth = 8;

    /// <summary>c = alpha a b + beta c (+ bias).</summary>
    /// <param name="a">From element (0, 0) of the first matrix on.</param>
    /// <param name="b">From element (0, 0) of the first matrix on.</param>
    /// <param name="c">From element (0, 0) of the first matrix on.</param>
    /// <param name="bias">One number per column; any view if there is none.</param>
    /// <param name="sizes">Sizes, strides and factors.</param>
    /// <param name="blockRows">Rows of a block, a multiple of 8 threadTile.</param>
    /// <param name="blockColumns">Columns of a block, a multiple of 4 threadTile.</param>
    /// <param name="threadTile">Rows and columns of a thread: 4 or 8.</param>
    [Kernel(MaxGroupSize = 256)]
    [KernelVariants(128, 128, 8)]
    [KernelVariants(64, 64, 8)]
    [KernelVariants(32, 32, 4)]
    public static void Tiled(
        ReadOnlyView<float> a,
        ReadOnlyView<float> b,
        ArrayView<float> c,
        ReadOnlyView<float> bias,
        GemmSizes sizes,
        SpecializedValue<int> blockRows,
        SpecializedValue<int> blockColumns,
        SpecializedValue<int> threadTile)
    {
        ArrayView<FloatX4> rows = SharedMemory.Allocate<FloatX4>(2 * TiledDepth * ((blockRows / 4) + 1));
        ArrayView<FloatX4> columns = SharedMemory.Allocate<FloatX4>(2 * TiledDepth * ((blockColumns / 4) + 1));
        ArrayView<float> sums = LocalMemory.Allocate<float>(threadTile * threadTile);
        ArrayView<float> left = LocalMemory.Allocate<float>(threadTile);
        ArrayView<float> right = LocalMemory.Allocate<float>(threadTile);
        ArrayView<float> nextRows = LocalMemory.Allocate<float>(TiledDepth * threadTile * threadTile / blockColumns);
        ArrayView<float> nextColumns = LocalMemory.Allocate<float>(TiledDepth * threadTile * threadTile / blockRows);

        GemmPlace place = Place(sizes, blockRows, blockColumns);
        int thread = Group.IdxX;
        int lanes = blockRows * blockColumns / (threadTile * threadTile * TiledDepth); // threads per step of a block

        // Which elements of a block a thread copies: neighbours in memory go to neighbouring threads.
        int rowStep = sizes.AStep == 1 ? thread % TiledDepth : thread / lanes;
        int rowLane = sizes.AStep == 1 ? thread / TiledDepth : thread % lanes;
        int columnStep = sizes.BStep == 1 ? thread % TiledDepth : thread / lanes;
        int columnLane = sizes.BStep == 1 ? thread / TiledDepth : thread % lanes;

        int firstRow = LaneRow(threadTile, blockRows / (8 * threadTile));
        int firstColumn = LaneColumn(threadTile, blockRows / (8 * threadTile));
        for (int i = 0; i < threadTile * threadTile; i++)
        {
            sums[i] = 0f;
        }

        int blocks = (place.Depth + TiledDepth - 1) / TiledDepth;
        for (int block = -1; block < blocks; block++)
        {
            // The copy runs one block ahead: its loads are under way while the block before is multiplied.
            int step = (block + 1) * TiledDepth;
            for (int i = 0; i < TiledDepth * threadTile * threadTile / blockColumns; i++)
            {
                int row = place.Row + rowLane + (i * lanes);
                nextRows[i] = 0f;
                if (row < sizes.Rows && step + rowStep < place.Depth)
                {
                    nextRows[i] = a[place.A + (row * sizes.ARow) + ((step + rowStep) * sizes.AStep)];
                }
            }

            for (int i = 0; i < TiledDepth * threadTile * threadTile / blockRows; i++)
            {
                int column = place.Column + columnLane + (i * lanes);
                nextColumns[i] = 0f;
                if (column < sizes.Columns && step + columnStep < place.Depth)
                {
                    nextColumns[i] = b[place.B + (column * sizes.BColumn) + ((step + columnStep) * sizes.BStep)];
                }
            }

            if (block >= 0)
            {
                int buffer = (block % 2) * TiledDepth;
                for (int k = 0; k < TiledDepth; k++)
                {
                    for (int i = 0; i < threadTile / 4; i++)
                    {
                        Spread(left, 4 * i, rows[((buffer + k) * ((blockRows / 4) + 1)) + firstRow + (8 * i)]);
                        Spread(right, 4 * i, columns[((buffer + k) * ((blockColumns / 4) + 1)) + firstColumn + (4 * i)]);
                    }

                    for (int i = 0; i < threadTile; i++)
                    {
                        for (int j = 0; j < threadTile; j++)
                        {
                            sums[(i * threadTile) + j] = Fused.MultiplyAdd(left[i], right[j], sums[(i * threadTile) + j]);
                        }
                    }
                }
            }

            // The other buffer was read before the last barrier.
            ArrayView<float> rowsAhead = rows.Cast<float>();
            ArrayView<float> columnsAhead = columns.Cast<float>();
            int ahead = ((block + 1) % 2) * TiledDepth;
            for (int i = 0; i < TiledDepth * threadTile * threadTile / blockColumns; i++)
            {
                rowsAhead[((ahead + rowStep) * (blockRows + 4)) + rowLane + (i * lanes)] = nextRows[i];
            }

            for (int i = 0; i < TiledDepth * threadTile * threadTile / blockRows; i++)
            {
                columnsAhead[((ahead + columnStep) * (blockColumns + 4)) + columnLane + (i * lanes)] = nextColumns[i];
            }

            Group.Barrier();
        }

        for (int j = 0; j < threadTile / 4; j++)
        {
            int column = place.Column + ((firstColumn + (4 * j)) * 4);
            FloatX4 added = Bias(bias, sizes, column);
            for (int i = 0; i < threadTile; i++)
            {
                int row = place.Row + ((firstRow + (8 * (i / 4))) * 4) + (i % 4);
                int at = (i * threadTile) + (4 * j);
                FloatX4 sum = new FloatX4(sums[at], sums[at + 1], sums[at + 2], sums[at + 3]);
                Finish(c, sizes, place.C, row, column, sum, added);
            }
        }
    }
}
