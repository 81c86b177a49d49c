namespace Thor.Kernels.Kernels;

/// <content>
/// X stored row by row, on CUDA: copies to shared memory that pass by the registers. Of four sets of panels three are on their way while one is
/// multiplied; 21 KiB for a tile of 128, one barrier per 8 rows.
/// </content>
public static partial class TileCovarianceKernels
{
    private const int Sets = 4;

    /// <summary>As <see cref="StoredRows"/>, for X of which every 4th element of a tile's row begins at a multiple of 16 bytes.</summary>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(8)]
    [KernelVariants(16)]
    [KernelVariants(48)]
    [KernelVariants(80)]
    public static void StoredRowsAsync(
        ReadOnlyView<float> x, ArrayView<float> tiles, ArrayView<float> partial, TileCovarianceSize size, SpecializedValue<int> half)
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
        for (int step = first; step < first + Sets - 1; step++)
        {
            CopyRows(x, shared, step % Sets * set, at, step < end ? step * rows : size.Rows, rows, inStep, apart, quad, size, pair, half, wide: 1);
            at += rows * size.RowStride;
        }

        for (int step = first; step < end; step++)
        {
            // This step's set is there; the one that comes next but two takes the place of the last, which all have multiplied.
            PtxAsyncCopy.WaitAllBut2();
            Group.Barrier();
            int next = step + Sets - 1;
            CopyRows(x, shared, next % Sets * set, at, next < end ? next * rows : size.Rows, rows, inStep, apart, quad, size, pair, half, wide: 1);
            at += rows * size.RowStride;
            int from = step % Sets * set / 4;
            Multiply(panels, from + left, from + right, half, own);
        }

        Finish(shared, tiles, partial, size, pair, own);
    }

    /// <summary>Starts a step's copies of this thread, of rows beyond the last zeros, and closes them into a batch.</summary>
    private static void CopyRows(
        ReadOnlyView<float> x,
        ArrayView<float> shared,
        int into,
        long at,
        int firstRow,
        int rows,
        int inStep,
        int apart,
        int quad,
        TileCovarianceSize size,
        TilePair pair,
        int half,
        int wide)
    {
        int place = into + TileRegisters.Place(4 * quad, half);
        for (int row = inStep; row < rows; row += apart)
        {
            int to = place + (row * TileRegisters.RowWords(half));
            bool exists = firstRow + row < size.Rows;
            Copy(x, shared, to, at + pair.Row, exists ? pair.Dimension - pair.Row - (4 * quad) : 0, wide);
            if (size.Squares != 0)
            {
                int second = to + (rows * TileRegisters.RowWords(half));
                Copy(x, shared, second, at + pair.Column, exists ? pair.Dimension - pair.Column - (4 * quad) : 0, wide);
            }

            at += apart * size.RowStride;
        }

        PtxAsyncCopy.Commit();
    }

    /// <summary>Starts the copy of up to 4 elements, zeros behind them.</summary>
    private static void Copy(ReadOnlyView<float> x, ArrayView<float> shared, int to, long at, int count, int wide)
    {
        if (wide != 0)
        {
            int bytes = XMath.Max(0, XMath.Min(16, 4 * count));
            PtxAsyncCopy.Copy16(shared.SubView(to, 4), x.SubView(bytes > 0 ? at : 0), bytes);
        }
        else
        {
            for (int i = 0; i < 4; i++)
            {
                PtxAsyncCopy.Copy4(shared.SubView(to + i, 1), x.SubView(i < count ? at + i : 0), i < count ? 4 : 0);
            }
        }
    }
}
