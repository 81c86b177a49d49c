using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Launches <see cref="SoftmaxKernels"/> over rows of n elements. Shapes and views were validated by the caller; results may not overlap operands.</summary>
public static class SoftmaxLaunch
{
    /// <summary>y = softmax of each row of x.</summary>
    public static void Softmax(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, int rows, int n) =>
        Softmax(stream, x, y, rows, n, stream.Accelerator.Properties.IsProcessor);

    internal static void Softmax(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, int rows, int n, bool processor)
    {
        RowPartition partition = new(rows, n, RowPartition.CostlyGrain);
        if (n > 0 && processor)
        {
            stream.Launch(partition.ByThreads, new SoftmaxProcessorKernels.SoftmaxKernel(x, y, rows, n, partition.RowsPerThread));
        }
        else if (n > 0)
        {
            stream.Launch(partition.ByGroups, new SoftmaxKernels.SoftmaxKernel(x, y, rows, n, partition.Lanes));
        }
    }

    /// <summary>y = log softmax of each row of x.</summary>
    public static void LogSoftmax(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, int rows, int n) =>
        LogSoftmax(stream, x, y, rows, n, stream.Accelerator.Properties.IsProcessor);

    internal static void LogSoftmax(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, int rows, int n, bool processor)
    {
        RowPartition partition = new(rows, n, RowPartition.CostlyGrain);
        if (n > 0 && processor)
        {
            stream.Launch(partition.ByThreads, new SoftmaxProcessorKernels.LogSoftmaxKernel(x, y, rows, n, partition.RowsPerThread));
        }
        else if (n > 0)
        {
            stream.Launch(partition.ByGroups, new SoftmaxKernels.LogSoftmaxKernel(x, y, rows, n, partition.Lanes));
        }
    }

    /// <summary>dx = y (g - sum(g y)) of each row, for y = softmax(x).</summary>
    public static void SoftmaxGradient(
        AcceleratorStream stream, ArrayView<float> y, ArrayView<float> gradient, ArrayView<float> dx, int rows, int n) =>
        SoftmaxGradient(stream, y, gradient, dx, rows, n, stream.Accelerator.Properties.IsProcessor);

    internal static void SoftmaxGradient(
        AcceleratorStream stream, ArrayView<float> y, ArrayView<float> gradient, ArrayView<float> dx, int rows, int n, bool processor)
    {
        RowPartition partition = new(rows, n, RowPartition.CheapGrain);
        if (n > 0 && processor)
        {
            stream.Launch(partition.ByThreads, new SoftmaxProcessorKernels.SoftmaxGradientKernel(y, gradient, dx, rows, n, partition.RowsPerThread));
        }
        else if (n > 0)
        {
            stream.Launch(partition.ByGroups, new SoftmaxKernels.SoftmaxGradientKernel(y, gradient, dx, rows, n, partition.Lanes));
        }
    }

    /// <summary>dx = g - e^y sum(g) of each row, for y = log softmax(x).</summary>
    public static void LogSoftmaxGradient(
        AcceleratorStream stream, ArrayView<float> y, ArrayView<float> gradient, ArrayView<float> dx, int rows, int n) =>
        LogSoftmaxGradient(stream, y, gradient, dx, rows, n, stream.Accelerator.Properties.IsProcessor);

    internal static void LogSoftmaxGradient(
        AcceleratorStream stream, ArrayView<float> y, ArrayView<float> gradient, ArrayView<float> dx, int rows, int n, bool processor)
    {
        RowPartition partition = new(rows, n, RowPartition.CostlyGrain);
        if (n > 0 && processor)
        {
            stream.Launch(partition.ByThreads, new SoftmaxProcessorKernels.LogSoftmaxGradientKernel(y, gradient, dx, rows, n, partition.RowsPerThread));
        }
        else if (n > 0)
        {
            stream.Launch(partition.ByGroups, new SoftmaxKernels.LogSoftmaxGradientKernel(y, gradient, dx, rows, n, partition.Lanes));
        }
    }
}
