namespace Thor.Kernels.Kernels;

/// <content>Tiles into scratch, and inverses out of it.</content>
public static partial class TileInverseProcessorKernels
{
    private const int LoadedColumns = 16;

    /// <summary>First state of a block row: minus the scaled, damped tiles, with what is far below the rounding of the diagonal set to zero.</summary>
    private static void Load(TileLane left, TileLane right, int n, int block, ArrayView<float> source, ArrayView<float> square)
    {
        int blocks = Blocks(n);
        int stride = Pitch(blocks) * 2 * Block;
        int first = block * Block;
        int padded = blocks * Block;

        // Whole registers, though what lies left of the diagonal is not used.
        int start = first / LoadedColumns * LoadedColumns;
        for (int i = first; i < XMath.Min(first + Block, n); i++)
        {
            ArrayView<float> a = source.SubView(left.Offset + ((long)i * n) + start, n - start);
            ArrayView<float> b = source.SubView(right.Offset + ((long)i * n) + start, n - start);
            ArrayView<float> row = square.SubView((i * stride) + (2 * start), 2 * (padded - start));
            for (int j = 0; j < Iterations.Independent(n - start); j++)
            {
                float x = a[j] * -left.Scale;
                float y = b[j] * -right.Scale;
                row[2 * j] = XMath.Abs(x) < SourceFloor ? 0f : x;
                row[(2 * j) + 1] = XMath.Abs(y) < SourceFloor ? 0f : y;
            }

            for (int j = n - start; j < padded - start; j++)
            {
                row[2 * j] = 0f;
                row[(2 * j) + 1] = 0f;
            }

            int diagonal = i - start;
            row[2 * diagonal] = -(a[diagonal] * left.Scale) - left.Shift;
            row[(2 * diagonal) + 1] = -(b[diagonal] * right.Scale) - right.Shift;
        }

        for (int i = XMath.Max(first, n); i < first + Block; i++)
        {
            int row = i * stride;
            for (int j = first; j < padded; j++)
            {
                square[row + (2 * j)] = j == i ? -1f : 0f;
                square[row + (2 * j) + 1] = j == i ? -1f : 0f;
            }
        }
    }

    /// <summary>Asks for the lines that strips of small tiles were too few for.</summary>
    private static void FetchRest(ArrayView<float> tiles, ref TileFetch ahead)
    {
        while (ahead.Done < 2 * ahead.Lines)
        {
            long tile = ahead.Done < ahead.Lines ? ahead.Left : ahead.Right;
            int line = ahead.Done < ahead.Lines ? ahead.Done : ahead.Done - ahead.Lines;
            Prefetch.Read(ref tiles[tile + (line * ProcessorBlocks.Lanes)]);
            ahead.Done++;
        }
    }

    /// <summary>Writes the rows of inverses, scaled, with zeros for what is below the floor off the diagonal.</summary>
    private static void Save(TileLane left, TileLane right, int n, ArrayView<float> destination, ArrayView<float> square)
    {
        int stride = Pitch(Blocks(n)) * 2 * Block;
        for (int i = 0; i < n; i++)
        {
            ArrayView<float> row = square.SubView(i * stride, 2 * n);
            if (left.Status == 0 && right.Status == 0)
            {
                ArrayView<float> a = destination.SubView(left.Offset + ((long)i * n), n);
                ArrayView<float> b = destination.SubView(right.Offset + ((long)i * n), n);
                for (int j = 0; j < Iterations.Independent(n); j++)
                {
                    float x = row[2 * j];
                    float y = row[(2 * j) + 1];
                    a[j] = XMath.Abs(x) < left.Floor ? 0f : x * left.Scale;
                    b[j] = XMath.Abs(y) < right.Floor ? 0f : y * right.Scale;
                }

                a[i] = row[2 * i] * left.Scale;
                b[i] = row[(2 * i) + 1] * right.Scale;
            }
            else if (left.Status == 0)
            {
                SaveAlone(left, n, i, destination, row);
            }
            else if (right.Status == 0)
            {
                SaveAlone(right, n, i, destination, row.SubView(1, (2 * n) - 1));
            }
        }
    }

    private static void SaveAlone(TileLane lane, int n, int i, ArrayView<float> destination, ArrayView<float> row)
    {
        ArrayView<float> to = destination.SubView(lane.Offset + ((long)i * n), n);
        for (int j = 0; j < n; j++)
        {
            float value = row[2 * j];
            to[j] = j != i && XMath.Abs(value) < lane.Floor ? 0f : value * lane.Scale;
        }
    }
}
