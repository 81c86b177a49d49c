namespace Thor.Kernels.Kernels;

/// <content>
/// The kernels for processors, where a group is one thread and a vector of 16 floats is a register. Pack copies an operand into panels
/// of lanes (rows of a, columns of b) that lie step by step; Panels multiplies a panel of 8 rows with one of 32 columns, 16 vectors of sums in
/// registers: per step 2 vectors and 8 broadcast floats are read for 256 multiply-adds. Direct does without packing, for few rows.
/// </content>
public static partial class GemmKernels
{
    /// <summary>Rows of a panel of a.</summary>
    public const int PanelRows = 8;

    /// <summary>Columns of a panel of b.</summary>
    public const int PanelColumns = 32;

    /// <summary>Lanes that a group of <see cref="Pack"/> copies: several panels, so that whole cache lines are read where lanes are neighbours.</summary>
    public const int PackLanes = 64;

    /// <summary>Steps that a group of <see cref="Pack"/> copies.</summary>
    public const int PackSteps = 64;

    /// <summary>Columns of a block of <see cref="Direct"/>.</summary>
    public const int DirectColumns = 32;

    /// <summary>Copies lanes into panels: panel p holds lanes p width and on, step by step, zeros where there are none.</summary>
    /// <param name="x">From (lane 0, step 0) of the first matrix on.</param>
    /// <param name="panels">Panels of all steps, matrix after matrix.</param>
    /// <param name="lanes">Number of lanes.</param>
    /// <param name="steps">Number of steps.</param>
    /// <param name="laneStride">Distance between lanes.</param>
    /// <param name="stepStride">Distance between steps.</param>
    /// <param name="inner">Extent of the inner batch axis.</param>
    /// <param name="innerStride">Distance between matrices along the inner batch axis.</param>
    /// <param name="outerStride">Distance between matrices along the outer batch axis.</param>
    /// <param name="width">Lanes of a panel.</param>
    [Kernel(MaxGroupSize = 1)]
    [KernelVariants(PanelRows)]
    [KernelVariants(PanelColumns)]
    public static void Pack(
        ReadOnlyView<float> x,
        ArrayView<float> panels,
        int lanes,
        int steps,
        long laneStride,
        long stepStride,
        int inner,
        long innerStride,
        long outerStride,
        SpecializedValue<int> width)
    {
        int across = (lanes + PackLanes - 1) / PackLanes;
        int along = (steps + PackSteps - 1) / PackSteps;
        int matrix = Grid.IdxX / (across * along);
        int piece = Grid.IdxX - (matrix * across * along);
        int firstLane = piece / along * PackLanes;
        int first = (piece % along) * PackSteps;
        int end = XMath.Min(steps, first + PackSteps);
        int outer = matrix / inner;
        int matrixLanes = (lanes + width - 1) / width * width;
        int count = XMath.Min(PackLanes, lanes - firstLane);
        int padded = XMath.Min(PackLanes, matrixLanes - firstLane);
        long source = ((matrix - (outer * inner)) * innerStride) + (outer * outerStride) + (firstLane * laneStride);
        long target = (((long)matrix * matrixLanes) + firstLane) * steps;
        if (count == PackLanes && laneStride == 1)
        {
            for (int step = first; step < end; step++)
            {
                for (int panel = 0; panel < PackLanes / width; panel++)
                {
                    long from = source + (step * stepStride) + (panel * width);
                    long to = target + ((((long)panel * steps) + step) * width);
                    for (int lane = 0; lane < width; lane++)
                    {
                        panels[to + lane] = x[from + lane];
                    }
                }
            }
        }
        else
        {
            for (int lane = 0; lane < padded; lane++)
            {
                long from = source + (lane * laneStride);
                long to = target + ((long)(lane / width) * steps * width) + (lane % width);
                for (int step = first; step < end; step++)
                {
                    float value = 0f;
                    if (lane < count)
                    {
                        value = x[from + (step * stepStride)];
                    }

                    panels[to + ((long)step * width)] = value;
                }
            }
        }
    }

    /// <summary>c = alpha a b + beta c (+ bias) from packed operands.</summary>
    /// <param name="left">Panels of <see cref="PanelRows"/> rows of a.</param>
    /// <param name="right">Panels of <see cref="PanelColumns"/> columns of b, from a multiple of 64 bytes on.</param>
    /// <param name="c">From element (0, 0) of the first matrix on.</param>
    /// <param name="bias">One number per column; any view if there is none.</param>
    /// <param name="sizes">Sizes, factors and strides; batch strides of a and b are those of the packed matrices.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void Panels(ReadOnlyView<float> left, ReadOnlyView<float> right, ArrayView<float> c, ReadOnlyView<float> bias, GemmSizes sizes)
    {
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(2 * PanelRows);
        ArrayView<FloatX16> line = LocalMemory.Allocate<FloatX16>(2); // of a row on its way to c: the sums stay in registers
        GemmPlace place = Place(sizes, PanelRows, PanelColumns);
        ReadOnlyView<float> rows = left.SubView(place.A + ((long)place.Row * sizes.Depth));
        ReadOnlyView<FloatX16> columns = right.SubView(place.B + ((long)place.Column * sizes.Depth)).Cast<FloatX16>();
        for (int i = 0; i < 2 * PanelRows; i++)
        {
            sums[i] = FloatX16.Splat(0f);
        }

        for (int step = 0; step < sizes.Depth; step++)
        {
            FloatX16 low = columns[2 * step];
            FloatX16 high = columns[(2 * step) + 1];
            for (int row = 0; row < PanelRows; row++)
            {
                float x = rows[(step * PanelRows) + row];
                sums[2 * row] = Fused.MultiplyAdd(x, low, sums[2 * row]);
                sums[(2 * row) + 1] = Fused.MultiplyAdd(x, high, sums[(2 * row) + 1]);
            }
        }

        int count = XMath.Min(PanelColumns, sizes.Columns - place.Column);
        if (count == PanelColumns)
        {
            FloatX16 low = FloatX16.Splat(0f);
            FloatX16 high = FloatX16.Splat(0f);
            if (sizes.HasBias != 0)
            {
                low = Sixteen(bias, place.Column);
                high = Sixteen(bias, place.Column + 16);
            }

            for (int row = 0; row < PanelRows; row++)
            {
                if (place.Row + row < sizes.Rows)
                {
                    long at = place.C + ((place.Row + row) * sizes.CRow) + place.Column;
                    FinishSixteen(c, sizes, at, Fused.MultiplyAdd(sizes.Alpha, sums[2 * row], low));
                    FinishSixteen(c, sizes, at + 16, Fused.MultiplyAdd(sizes.Alpha, sums[(2 * row) + 1], high));
                }
            }

            return;
        }

        for (int row = 0; row < PanelRows; row++)
        {
            line[0] = sums[2 * row];
            line[1] = sums[(2 * row) + 1];
            FinishLine(c, bias, sizes, place.C, place.Row + row, place.Column, count, line.Cast<float>());
        }
    }

    /// <summary>c = alpha a b + beta c (+ bias), a vector of columns at a time from where the operands are.</summary>
    /// <param name="a">From element (0, 0) of the first matrix on.</param>
    /// <param name="b">From element (0, 0) of the first matrix on.</param>
    /// <param name="c">From element (0, 0) of the first matrix on.</param>
    /// <param name="bias">One number per column; any view if there is none.</param>
    /// <param name="sizes">Sizes, strides and factors.</param>
    /// <param name="blockRows">Rows of a block.</param>
    [Kernel(MaxGroupSize = 1)]
    [KernelVariants(1)]
    [KernelVariants(4)]
    public static void Direct(
        ReadOnlyView<float> a, ReadOnlyView<float> b, ArrayView<float> c, ReadOnlyView<float> bias, GemmSizes sizes, SpecializedValue<int> blockRows)
    {
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(2 * blockRows);
        ArrayView<FloatX16> line = LocalMemory.Allocate<FloatX16>(2);
        ArrayView<long> rows = LocalMemory.Allocate<long>(blockRows);
        GemmPlace place = Place(sizes, blockRows, DirectColumns);
        int count = XMath.Min(DirectColumns, sizes.Columns - place.Column);
        for (int row = 0; row < blockRows; row++)
        {
            // Rows below the last repeat it and are not written.
            rows[row] = place.A + (XMath.Min(place.Row + row, sizes.Rows - 1) * sizes.ARow);
            sums[2 * row] = FloatX16.Splat(0f);
            sums[(2 * row) + 1] = FloatX16.Splat(0f);
        }

        long at = place.B + (place.Column * sizes.BColumn);
        if (count == DirectColumns && sizes.BColumn == 1)
        {
            for (int step = 0; step < sizes.Depth; step++)
            {
                FloatX16 low = Sixteen(b, at + (step * sizes.BStep));
                FloatX16 high = Sixteen(b, at + (step * sizes.BStep) + 16);
                for (int row = 0; row < blockRows; row++)
                {
                    float x = a[rows[row] + (step * sizes.AStep)];
                    sums[2 * row] = Fused.MultiplyAdd(x, low, sums[2 * row]);
                    sums[(2 * row) + 1] = Fused.MultiplyAdd(x, high, sums[(2 * row) + 1]);
                }
            }
        }
        else
        {
            int lowLast = XMath.Min(15, count - 1);
            int highLast = XMath.Max(0, count - 17);
            long highAt = at + (XMath.Min(16, count - 1) * sizes.BColumn);
            for (int step = 0; step < sizes.Depth; step++)
            {
                FloatX16 low = Sixteen(b, at + (step * sizes.BStep), sizes.BColumn, lowLast);
                FloatX16 high = FloatX16.Splat(0f);
                if (count > 16)
                {
                    high = Sixteen(b, highAt + (step * sizes.BStep), sizes.BColumn, highLast);
                }

                for (int row = 0; row < blockRows; row++)
                {
                    float x = a[rows[row] + (step * sizes.AStep)];
                    sums[2 * row] = Fused.MultiplyAdd(x, low, sums[2 * row]);
                    sums[(2 * row) + 1] = Fused.MultiplyAdd(x, high, sums[(2 * row) + 1]);
                }
            }
        }

        for (int row = 0; row < blockRows; row++)
        {
            line[0] = sums[2 * row];
            line[1] = sums[(2 * row) + 1];
            FinishLine(c, bias, sizes, place.C, place.Row + row, place.Column, count, line.Cast<float>());
        }
    }

    /// <summary>Writes the sums of a row from a column on.</summary>
    private static void FinishLine(
        ArrayView<float> c, ReadOnlyView<float> bias, GemmSizes sizes, long origin, int row, int column, int count, ArrayView<float> line)
    {
        if (row >= sizes.Rows)
        {
            return;
        }

        long at = origin + (row * sizes.CRow) + column;
        for (int j = 0; j < count; j++)
        {
            float result = sizes.HasBias != 0 ? Fused.MultiplyAdd(sizes.Alpha, line[j], bias[column + j]) : sizes.Alpha * line[j];
            if (sizes.Beta != 0f)
            {
                result = Fused.MultiplyAdd(sizes.Beta, c[at + j], result);
            }

            c[at + j] = result;
        }
    }
}
