namespace Thor.Kernels.Kernels;

/// <content>
/// The second pass of products whose sums were cut into parts: groups of 256 threads along x, each thread one element of c. It reads a float per
/// part and adds them in the order of the parts.
/// </content>
public static partial class GemmKernels
{
    /// <summary>c = alpha (sum of parts) + beta c (+ bias).</summary>
    /// <param name="parts">For each part of the sums the results of all products, contiguous.</param>
    /// <param name="c">From element (0, 0) of the first matrix on.</param>
    /// <param name="bias">One number per column; any view if there is none.</param>
    /// <param name="sizes">Sizes, strides of c, factors and the number of parts.</param>
    [Kernel(MaxGroupSize = 256)]
    public static void Combine(ReadOnlyView<float> parts, ArrayView<float> c, ReadOnlyView<float> bias, GemmSizes sizes)
    {
        long elements = (long)sizes.Rows * sizes.Columns * sizes.Inner * sizes.Outer;
        long index = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (index >= elements)
        {
            return;
        }

        float sum = 0f;
        for (int part = 0; part < sizes.Splits; part++)
        {
            sum += parts[index + (part * elements)];
        }

        long line = index / sizes.Columns;
        int column = (int)(index - (line * sizes.Columns));
        int product = (int)(line / sizes.Rows);
        int row = (int)(line - ((long)product * sizes.Rows));
        int outer = product / sizes.Inner;
        int inner = product - (outer * sizes.Inner);
        long at = (outer * sizes.COuter) + (inner * sizes.CInner) + (row * sizes.CRow) + column;
        float added = 0f;
        if (sizes.HasBias != 0)
        {
            added = bias[column];
        }

        Finish(c, sizes, at, column, Fused.MultiplyAdd(sizes.Alpha, sum, added));
    }
}
