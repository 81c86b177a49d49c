namespace Thor.Kernels.Kernels;

/// <summary>Layer normalisation over contiguous rows of n elements, and its first-order gradients.</summary>
/// <remarks>
/// Forward, GradientRows: groups of (lanes, 256 / lanes) threads, lanes threads a row, 1 KiB of shared memory per reduction; a row is read
/// three times, twice from cache. GradientColumns: groups of (32 columns, 8 rows) threads over a segment of rows, 2 KiB of shared memory.
/// FinishColumns: one thread a column adds the segments in order. All are bound by memory.
/// </remarks>
public static partial class LayerNormKernels
{
    /// <summary>Columns that a group of <see cref="GradientColumns"/> owns.</summary>
    public const int ColumnsPerGroup = 32;

    /// <summary>Rows that a group of <see cref="GradientColumns"/> reads at a time.</summary>
    public const int RowsPerGroup = 8;

    /// <summary>y = weight (x - mean) * inverse + bias, with mean and inverse = 1 / sqrt(biased variance + epsilon) of each row written.</summary>
    [Kernel(MaxGroupSize = RowReduction.GroupSize)]
    [KernelVariants(8)]
    [KernelVariants(32)]
    [KernelVariants(256)]
    public static void Forward(
        ReadOnlyView<float> x,
        ReadOnlyView<float> weight,
        ReadOnlyView<float> bias,
        ArrayView<float> y,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        float epsilon,
        int rows,
        int n,
        SpecializedValue<int> lanes)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        ArrayView<float> squares = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        int row = (Grid.IdxX * Group.DimY) + Group.IdxY;
        long offset = (long)XMath.Min(row, rows - 1) * n;
        ReadOnlyView<float> source = x.SubView(offset, n);
        ArrayView<float> target = y.SubView(offset, n);
        int firstPlace = Group.IdxY * lanes;
        float sum = 0f;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            sum += source[i];
        }

        sums[firstPlace + Group.IdxX] = sum;
        RowReduction.Sum(sums, lanes);
        float center = sums[firstPlace] / (float)n;
        float square = 0f;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            float away = source[i] - center;
            square = Fused.MultiplyAdd(away, away, square);
        }

        squares[firstPlace + Group.IdxX] = square;
        RowReduction.Sum(squares, lanes);
        float scale = 1f / XMath.Sqrt((squares[firstPlace] / (float)n) + epsilon);
        if (row < rows)
        {
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                target[i] = Fused.MultiplyAdd((source[i] - center) * scale, weight[i], bias[i]);
            }

            if (Group.IdxX == 0)
            {
                mean[row] = center;
                inverse[row] = scale;
            }
        }
    }

    /// <summary>With h = weight g and z = (x - mean) inverse: dx = inverse (h - mean(h) - z mean(h z)) of each row; dx may be the gradient.</summary>
    [Kernel(MaxGroupSize = RowReduction.GroupSize)]
    [KernelVariants(8)]
    [KernelVariants(32)]
    [KernelVariants(256)]
    public static void GradientRows(
        ReadOnlyView<float> x,
        ArrayView<float> gradient,
        ReadOnlyView<float> weight,
        ReadOnlyView<float> mean,
        ReadOnlyView<float> inverse,
        ArrayView<float> dx,
        int rows,
        int n,
        SpecializedValue<int> lanes)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        ArrayView<float> products = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        int candidate = (Grid.IdxX * Group.DimY) + Group.IdxY;
        bool active = candidate < rows;
        int row = XMath.Min(candidate, rows - 1);
        ReadOnlyView<float> source = x.SubView((long)row * n, n);
        ArrayView<float> slope = gradient.SubView((long)row * n, n);
        ArrayView<float> target = dx.SubView((long)row * n, n);
        int firstPlace = Group.IdxY * lanes;
        float center = mean[row];
        float scale = inverse[row];
        float sum = 0f;
        float product = 0f;
        if (active)
        {
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                float h = slope[i] * weight[i];
                sum += h;
                product = Fused.MultiplyAdd(h, (source[i] - center) * scale, product);
            }
        }

        sums[firstPlace + Group.IdxX] = sum;
        products[firstPlace + Group.IdxX] = product;
        RowReduction.Sum(sums, lanes);
        RowReduction.Sum(products, lanes);
        float meanH = sums[firstPlace] / (float)n;
        float meanProduct = products[firstPlace] / (float)n;
        if (active)
        {
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                float z = (source[i] - center) * scale;
                target[i] = Fused.MultiplyAdd(-z, meanProduct, (slope[i] * weight[i]) - meanH) * scale;
            }
        }
    }

    /// <summary>partial[segment, 0, :] = sum of g z and partial[segment, 1, :] = sum of g over a segment of rows.</summary>
    [Kernel(MaxGroupSize = ColumnsPerGroup * RowsPerGroup)]
    public static void GradientColumns(
        ReadOnlyView<float> x,
        ReadOnlyView<float> gradient,
        ReadOnlyView<float> mean,
        ReadOnlyView<float> inverse,
        ArrayView<float> partial,
        int rows,
        int n,
        int rowsPerSegment)
    {
        ArrayView<float> products = SharedMemory.Allocate<float>(ColumnsPerGroup * RowsPerGroup);
        ArrayView<float> sums = SharedMemory.Allocate<float>(ColumnsPerGroup * RowsPerGroup);
        int column = (Grid.IdxX * ColumnsPerGroup) + Group.IdxX;
        int place = (Group.IdxY * ColumnsPerGroup) + Group.IdxX;
        int begin = Grid.IdxY * rowsPerSegment;
        int end = XMath.Min(rows, begin + rowsPerSegment);
        float product = 0f;
        float sum = 0f;
        if (column < n)
        {
            for (int row = begin + Group.IdxY; row < end; row += RowsPerGroup)
            {
                long at = ((long)row * n) + column;
                float g = gradient[at];
                product = Fused.MultiplyAdd(g, (x[at] - mean[row]) * inverse[row], product);
                sum += g;
            }
        }

        products[place] = product;
        sums[place] = sum;
        for (int half = RowsPerGroup / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxY < half)
            {
                products[place] += products[place + (half * ColumnsPerGroup)];
                sums[place] += sums[place + (half * ColumnsPerGroup)];
            }
        }

        if (Group.IdxY == 0 && column < n)
        {
            partial[(2 * Grid.IdxY * n) + column] = products[place];
            partial[(((2 * Grid.IdxY) + 1) * n) + column] = sums[place];
        }
    }

    /// <summary>dWeight and dBias from the segments, in order.</summary>
    [Kernel(MaxGroupSize = 256)]
    public static void FinishColumns(ReadOnlyView<float> partial, ArrayView<float> dWeight, ArrayView<float> dBias, int n, int segments)
    {
        int column = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (column < n)
        {
            float product = 0f;
            float sum = 0f;
            for (int segment = 0; segment < segments; segment++)
            {
                product += partial[(2 * segment * n) + column];
                sum += partial[(((2 * segment) + 1) * n) + column];
            }

            dWeight[column] = product;
            dBias[column] = sum;
        }
    }
}
