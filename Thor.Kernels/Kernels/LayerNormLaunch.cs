using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Launches <see cref="LayerNormKernels"/> over rows of n elements. Shapes and views were validated by the caller.</summary>
public static class LayerNormLaunch
{
    // Segments whose sums over rows are added in order at the end.
    private const int MostSegments = 64;

    private const int LeastRowsPerSegment = 32;

    /// <summary>y = weight (x - mean) * inverse + bias, with mean and inverse of each row written.</summary>
    public static void Forward(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> weight,
        ArrayView<float> bias,
        double epsilon,
        ArrayView<float> y,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        int rows,
        int n) => Forward(stream, x, weight, bias, epsilon, y, mean, inverse, rows, n, stream.Accelerator.Properties.IsProcessor);

    internal static void Forward(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> weight,
        ArrayView<float> bias,
        double epsilon,
        ArrayView<float> y,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        int rows,
        int n,
        bool processor)
    {
        RowPartition partition = new(rows, n, RowPartition.CheapGrain);
        if (processor)
        {
            stream.Launch(
                partition.ByThreads,
                new LayerNormProcessorKernels.ForwardKernel(x, weight, bias, y, mean, inverse, (float)epsilon, rows, n, partition.RowsPerThread));
        }
        else
        {
            stream.Launch(
                partition.ByGroups,
                new LayerNormKernels.ForwardKernel(x, weight, bias, y, mean, inverse, (float)epsilon, rows, n, partition.Lanes));
        }
    }

    /// <summary>dx, dWeight and dBias; dx may be the gradient.</summary>
    public static void Gradient(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> gradient,
        ArrayView<float> weight,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        ArrayView<float> dx,
        ArrayView<float> dWeight,
        ArrayView<float> dBias,
        int rows,
        int n) => Gradient(stream, x, gradient, weight, mean, inverse, dx, dWeight, dBias, rows, n, stream.Accelerator.Properties.IsProcessor);

    internal static void Gradient(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> gradient,
        ArrayView<float> weight,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        ArrayView<float> dx,
        ArrayView<float> dWeight,
        ArrayView<float> dBias,
        int rows,
        int n,
        bool processor)
    {
        int rowsPerSegment = Math.Max(LeastRowsPerSegment, (rows + MostSegments - 1) / MostSegments);
        int segments = (rows + rowsPerSegment - 1) / rowsPerSegment;
        using MemoryBuffer scratch = stream.Accelerator.Allocate(Math.Max(1, 2L * segments * n) * sizeof(float));
        ArrayView<float> partial = new(scratch, 0, 2L * segments * n);
        if (processor)
        {
            stream.Launch(
                new KernelConfig(segments, 1),
                new LayerNormProcessorKernels.GradientKernel(x, gradient, weight, mean, inverse, dx, partial, rows, n, rowsPerSegment));
        }
        else
        {
            // The sums over rows come first: they read the gradient, which dx may overwrite.
            Index3D grid = new((n + LayerNormKernels.ColumnsPerGroup - 1) / LayerNormKernels.ColumnsPerGroup, segments, 1);
            stream.Launch(
                new KernelConfig(grid, (LayerNormKernels.ColumnsPerGroup, LayerNormKernels.RowsPerGroup)),
                new LayerNormKernels.GradientColumnsKernel(x, gradient, mean, inverse, partial, rows, n, rowsPerSegment));
            RowPartition partition = new(rows, n, RowPartition.CheapGrain);
            stream.Launch(
                partition.ByGroups, new LayerNormKernels.GradientRowsKernel(x, gradient, weight, mean, inverse, dx, rows, n, partition.Lanes));
        }

        stream.Launch(
            KernelConfig.Cover(n, RowReduction.GroupSize), new LayerNormKernels.FinishColumnsKernel(partial, dWeight, dBias, n, segments));
    }
}
