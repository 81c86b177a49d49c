using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>
/// Launches <see cref="CrossEntropyKernels"/> over rows of logits. Shapes and views were validated by the caller; labels are checked on the
/// device, and the first that is wrong is noted in the faults.
/// </summary>
public static class CrossEntropyLaunch
{
    // The gradient indexes elements with ints: more than this go in several launches.
    private const int MostElements = 1 << 30;

    /// <summary>Losses and log-sum-exp of each row.</summary>
    public static void Losses(
        AcceleratorStream stream,
        ArrayView<float> logits,
        ArrayView<int> labels,
        ArrayView<float> losses,
        ArrayView<float> normalizers,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int rows,
        int classes) => Losses(stream, logits, labels, losses, normalizers, faults, target, rows, classes, stream.Accelerator.Properties.IsProcessor);

    internal static void Losses(
        AcceleratorStream stream,
        ArrayView<float> logits,
        ArrayView<int> labels,
        ArrayView<float> losses,
        ArrayView<float> normalizers,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int rows,
        int classes,
        bool processor)
    {
        RowPartition partition = new(rows, classes, RowPartition.CostlyGrain);
        if (processor)
        {
            stream.Launch(
                partition.ByThreads,
                new CrossEntropyKernels.LossesByRowsKernel(logits, labels, losses, normalizers, faults, target, rows, classes, partition.RowsPerThread));
        }
        else
        {
            stream.Launch(
                partition.ByGroups,
                new CrossEntropyKernels.LossesKernel(logits, labels, losses, normalizers, faults, target, rows, classes, partition.Lanes));
        }
    }

    /// <summary>dlogits = scale of the row * (softmax - smoothed one-hot row).</summary>
    public static void Gradient(
        AcceleratorStream stream,
        ArrayView<float> logits,
        ArrayView<int> labels,
        ArrayView<float> normalizers,
        ArrayView<float> scales,
        ArrayView<float> dlogits,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int rows,
        int classes) =>
        Gradient(stream, logits, labels, normalizers, scales, dlogits, faults, target, rows, classes, stream.Accelerator.Properties.IsProcessor);

    internal static void Gradient(
        AcceleratorStream stream,
        ArrayView<float> logits,
        ArrayView<int> labels,
        ArrayView<float> normalizers,
        ArrayView<float> scales,
        ArrayView<float> dlogits,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int rows,
        int classes,
        bool processor)
    {
        if (processor)
        {
            RowPartition partition = new(rows, classes, RowPartition.CostlyGrain);
            stream.Launch(
                partition.ByThreads,
                new CrossEntropyKernels.GradientByRowsKernel(
                    logits, labels, normalizers, scales, dlogits, faults, target, rows, classes, partition.RowsPerThread));
            return;
        }

        int most = Math.Max(1, MostElements / Math.Max(1, classes));
        for (int first = 0; first < rows; first += most)
        {
            int count = Math.Min(most, rows - first) * classes;
            ArrayView<float> from = logits.SubView((long)first * classes, count);
            ArrayView<float> to = dlogits.SubView((long)first * classes, count);
            stream.Launch(
                KernelConfig.Cover(count, RowReduction.GroupSize),
                new CrossEntropyKernels.GradientKernel(from, labels, normalizers, scales, to, faults, target, first, classes, count));
        }
    }
}
