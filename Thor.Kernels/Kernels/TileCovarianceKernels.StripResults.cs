namespace Thor.Kernels.Kernels;

/// <content>Sums of strips on their way out: as parts of groups that share a pair, or scaled, averaged and mirrored into the tile.</content>
public static partial class TileCovarianceKernels
{
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
