namespace Thor.Engine.Backends;

/// <summary>The leading axes of matrices, where they step evenly and where they lead.</summary>
internal static class BatchAxes
{
    /// <summary>Whether an axis goes on where the batch of those behind it ends.</summary>
    /// <param name="x">A tensor of matrices.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="batches">Matrices along the axes behind it that were joined so far.</param>
    /// <param name="batchStride">Distance between two of these; set by the first axis.</param>
    public static bool Continues(Tensor x, int axis, int batches, ref long batchStride)
    {
        int extent = x.Shape.Extents[axis];
        long stride = extent == 1 ? 0 : x.Strides[axis];
        if (batches == 1)
        {
            batchStride = stride;
            return true;
        }

        return extent == 1 || stride == batches * batchStride;
    }

    /// <summary>Where the matrix of a number begins, counted along the first so many axes.</summary>
    public static long Distance(Tensor x, int axes, long index)
    {
        long offset = 0;
        for (int axis = axes - 1; axis >= 0; axis--)
        {
            int extent = x.Shape.Extents[axis];
            offset += index % extent * x.Strides[axis];
            index /= extent;
        }

        return offset;
    }
}
