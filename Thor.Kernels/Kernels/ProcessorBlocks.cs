namespace Thor.Kernels.Kernels;

/// <summary>
/// c = alpha P^T Q (+ c) for P (steps, rows) and Q (steps, columns), both row by row, in blocks of 8 rows of up to 3 x 16 lanes whose sums a
/// processor keeps in 24 registers: per step 24 multiply-adds of 16 lanes for 3 loads of 16 floats and 8 of one float.
/// </summary>
internal static class ProcessorBlocks
{
    /// <summary>Lanes of a register.</summary>
    public const int Lanes = 16;

    /// <summary>Rows of a block.</summary>
    public const int Rows = 8;

    /// <summary>The product. Rows come in eights and columns in sixteens.</summary>
    /// <param name="p">P.</param>
    /// <param name="left">Element of P's first row and column.</param>
    /// <param name="leftStride">From row to row of P, in elements.</param>
    /// <param name="q">Q in lanes of 16.</param>
    /// <param name="right">Lanes of Q's first row.</param>
    /// <param name="rightPitch">From row to row of Q, in lanes of 16.</param>
    /// <param name="steps">Rows of both.</param>
    /// <param name="c">The result in lanes of 16.</param>
    /// <param name="target">Lanes of the result's first row.</param>
    /// <param name="targetPitch">From row to row of the result, in lanes of 16.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result, in lanes of 16.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="accumulate">Whether the old result is added.</param>
    public static void Multiply(
        ArrayView<float> p,
        int left,
        int leftStride,
        ArrayView<FloatX16> q,
        int right,
        int rightPitch,
        int steps,
        ArrayView<FloatX16> c,
        int target,
        int targetPitch,
        int rows,
        int columns,
        float alpha,
        bool accumulate)
    {
        int column = 0;
        while (column < columns)
        {
            // Two and two rather than three and one.
            int width = columns - column == 4 ? 2 : XMath.Min(3, columns - column);
            for (int row = 0; row < rows; row += Rows)
            {
                int to = target + (row * targetPitch) + column;
                if (width == 3)
                {
                    Block3(p, left + row, leftStride, q, right + column, rightPitch, steps, c, to, targetPitch, alpha, accumulate);
                }
                else if (width == 2)
                {
                    Block2(p, left + row, leftStride, q, right + column, rightPitch, steps, c, to, targetPitch, alpha, accumulate);
                }
                else
                {
                    Block1(p, left + row, leftStride, q, right + column, rightPitch, steps, c, to, targetPitch, alpha, accumulate);
                }
            }

            column += width;
        }
    }

    private static void Block3(
        ArrayView<float> p,
        int left,
        int leftStride,
        ArrayView<FloatX16> q,
        int right,
        int rightPitch,
        int steps,
        ArrayView<FloatX16> c,
        int to,
        int pitch,
        float alpha,
        bool accumulate)
    {
        // In the function that uses them, so that they are registers whether or not it is inlined.
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(3 * Rows);
        for (int i = 0; i < 3 * Rows; i++)
        {
            sums[i] = FloatX16.Splat(0f);
        }

        for (int step = 0; step < steps; step++)
        {
            FloatX16 b0 = q[right + (step * rightPitch)];
            FloatX16 b1 = q[right + (step * rightPitch) + 1];
            FloatX16 b2 = q[right + (step * rightPitch) + 2];
            int at = left + (step * leftStride);
            for (int r = 0; r < Rows; r++)
            {
                float a = p[at + r];
                sums[3 * r] = Fused.MultiplyAdd(a, b0, sums[3 * r]);
                sums[(3 * r) + 1] = Fused.MultiplyAdd(a, b1, sums[(3 * r) + 1]);
                sums[(3 * r) + 2] = Fused.MultiplyAdd(a, b2, sums[(3 * r) + 2]);
            }
        }

        for (int r = 0; r < Rows; r++)
        {
            Store(c, to + (r * pitch), sums[3 * r], alpha, accumulate);
            Store(c, to + (r * pitch) + 1, sums[(3 * r) + 1], alpha, accumulate);
            Store(c, to + (r * pitch) + 2, sums[(3 * r) + 2], alpha, accumulate);
        }
    }

    private static void Block2(
        ArrayView<float> p,
        int left,
        int leftStride,
        ArrayView<FloatX16> q,
        int right,
        int rightPitch,
        int steps,
        ArrayView<FloatX16> c,
        int to,
        int pitch,
        float alpha,
        bool accumulate)
    {
        // In the function that uses them, so that they are registers whether or not it is inlined.
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(2 * Rows);
        for (int i = 0; i < 2 * Rows; i++)
        {
            sums[i] = FloatX16.Splat(0f);
        }

        for (int step = 0; step < steps; step++)
        {
            FloatX16 b0 = q[right + (step * rightPitch)];
            FloatX16 b1 = q[right + (step * rightPitch) + 1];
            int at = left + (step * leftStride);
            for (int r = 0; r < Rows; r++)
            {
                float a = p[at + r];
                sums[2 * r] = Fused.MultiplyAdd(a, b0, sums[2 * r]);
                sums[(2 * r) + 1] = Fused.MultiplyAdd(a, b1, sums[(2 * r) + 1]);
            }
        }

        for (int r = 0; r < Rows; r++)
        {
            Store(c, to + (r * pitch), sums[2 * r], alpha, accumulate);
            Store(c, to + (r * pitch) + 1, sums[(2 * r) + 1], alpha, accumulate);
        }
    }

    private static void Block1(
        ArrayView<float> p,
        int left,
        int leftStride,
        ArrayView<FloatX16> q,
        int right,
        int rightPitch,
        int steps,
        ArrayView<FloatX16> c,
        int to,
        int pitch,
        float alpha,
        bool accumulate)
    {
        // In the function that uses them, so that they are registers whether or not it is inlined.
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(Rows);
        for (int i = 0; i < Rows; i++)
        {
            sums[i] = FloatX16.Splat(0f);
        }

        for (int step = 0; step < steps; step++)
        {
            FloatX16 b0 = q[right + (step * rightPitch)];
            int at = left + (step * leftStride);
            for (int r = 0; r < Rows; r++)
            {
                float a = p[at + r];
                sums[r] = Fused.MultiplyAdd(a, b0, sums[r]);
            }
        }

        for (int r = 0; r < Rows; r++)
        {
            Store(c, to + (r * pitch), sums[r], alpha, accumulate);
        }
    }

    private static void Store(ArrayView<FloatX16> c, int to, FloatX16 sum, float alpha, bool accumulate)
    {
        FloatX16 value = alpha * sum;
        if (accumulate)
        {
            value = Fused.MultiplyAdd(alpha, sum, c[to]);
        }

        c[to] = value;
    }
}
