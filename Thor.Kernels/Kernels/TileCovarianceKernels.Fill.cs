namespace Thor.Kernels.Kernels;

/// <content>Filling panels: the columns of a piece, zeros beyond the tile and the last row.</content>
public static partial class TileCovarianceKernels
{
    /// <summary>Copies 4 columns of every apart-th row of a step, from the first that is this thread's on.</summary>
    private static void FillRows(
        ReadOnlyView<float> x,
        ArrayView<FloatX4> panels,
        int into,
        long at,
        int columns,
        int firstRow,
        int rows,
        int inStep,
        int apart,
        int quad,
        TileCovarianceSize size,
        int half,
        bool wide)
    {
        ReadOnlyView<FloatX4> quads = x.Cast<FloatX4>();
        int place = into + (quad / 2) + (quad % 2 * (half / 4));
        for (int row = inStep; row < rows; row += apart)
        {
            FloatX4 value = FloatX4.Splat(0f);
            if (firstRow + row < size.Rows)
            {
                if (wide && columns >= 4)
                {
                    value = quads[at / 4];
                }
                else
                {
                    value = Partial(x, at, columns);
                }
            }

            // Panels of teams follow one another, so that a row's place depends on its number alone.
            panels[place + (row * (TileRegisters.RowWords(half) / 4))] = value;
            at += apart * size.RowStride;
        }
    }

    /// <summary>Up to 4 elements, zeros behind them.</summary>
    private static FloatX4 Partial(ReadOnlyView<float> x, long at, int count)
    {
        FloatX4 value = FloatX4.Splat(0f);
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

        return value;
    }

    /// <summary>For each column of a piece: its pixel relative to that of the window, and that pixel's row and column, 16 bits each.</summary>
    private static void DescribeColumns(ArrayView<int> table, TilePatchSize patches, int first, int width)
    {
        for (int column = Group.IdxX; column < width; column += Group.DimX)
        {
            int x = (first + column) % patches.KernelX;
            int rest = (first + column) / patches.KernelX;
            int down = (rest % patches.KernelY * patches.DilationY) - patches.PaddingY;
            int right = (x * patches.DilationX) - patches.PaddingX;
            table[2 * column] = (((rest / patches.KernelY * patches.Height) + down) * patches.Width) + right;
            table[(2 * column) + 1] = (down << 16) | (right & 0xFFFF);
        }
    }

    /// <summary>8 threads fill neighbouring rows, that is window positions, of one column.</summary>
    private static void FillPatches(
        ReadOnlyView<float> images,
        ArrayView<float> shared,
        ArrayView<int> table,
        int into,
        TileCovarianceSize size,
        TilePatchSize patches,
        int columns,
        int firstRow,
        int width,
        int half)
    {
        int inPanel = Group.IdxX % PanelRows;
        int apart = Group.DimX / PanelRows;
        for (int team = 0; team < size.Teams; team++)
        {
            int row = firstRow + (team * PanelRows) + inPanel;
            int image = Divisor.Quotient(row, patches.ByPositions);
            int position = row - (image * patches.Positions);
            int outputY = Divisor.Quotient(position, patches.ByOutputWidth);
            int top = outputY * patches.StrideY;
            int left = (position - (outputY * patches.OutputWidth)) * patches.StrideX;
            long pixel = (image * patches.ImageStride) + patches.FirstPixel + (top * patches.Width) + left;
            int place = into + (((team * PanelRows) + inPanel) * TileRegisters.RowWords(half));
            for (int column = Group.IdxX / PanelRows; column < width && Group.IdxX < apart * PanelRows; column += apart)
            {
                int offset = table[2 * column];
                int shift = table[(2 * column) + 1];
                int y = top + (shift >> 16);
                int x = left + ((shift << 16) >> 16);
                float value = 0f;
                if (row < size.Rows && column < columns && y >= 0 && y < patches.Height && x >= 0 && x < patches.Width)
                {
                    value = images[pixel + offset];
                }

                shared[place + TileRegisters.Place(column, half)] = value;
            }
        }
    }
}
