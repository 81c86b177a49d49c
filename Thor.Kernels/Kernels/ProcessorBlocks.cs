namespace Thor.Kernels.Kernels;

/// <summary>Products of matrices in blocks of 16 rows of 16 lanes, whose sums a processor keeps in 16 registers.</summary>
internal static class ProcessorBlocks
{
    /// <summary>Rows and lanes of a block.</summary>
    public const int Block = 16;

    /// <summary>sums += P^T Q for 16 columns of P and 16 of Q, both row by row.</summary>
    /// <param name="p">P.</param>
    /// <param name="left">Element of P's first row and first column.</param>
    /// <param name="leftStride">From row to row of P.</param>
    /// <param name="q">Q in lanes of 16.</param>
    /// <param name="right">Lanes of Q's first row.</param>
    /// <param name="rightPitch">From row to row of Q, in lanes of 16.</param>
    /// <param name="rows">Rows of both.</param>
    /// <param name="sums">16 rows.</param>
    public static void Accumulate(
        ArrayView<float> p, int left, int leftStride, ArrayView<FloatX16> q, int right, int rightPitch, int rows, ArrayView<FloatX16> sums)
    {
        for (int row = 0; row < rows; row++)
        {
            FloatX16 lanes = q[right + (row * rightPitch)];
            int at = left + (row * leftStride);
            for (int r = 0; r < Block; r++)
            {
                sums[r] = Fused.MultiplyAdd(p[at + r], lanes, sums[r]);
            }
        }
    }
}
