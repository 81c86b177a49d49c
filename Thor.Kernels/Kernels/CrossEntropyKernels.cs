namespace Thor.Kernels.Kernels;

/// <summary>Cross-entropy fused with softmax over contiguous rows of logits, and its gradient.</summary>
/// <remarks>
/// Losses: groups of (lanes, 256 / lanes) threads, lanes threads a row, 1 KiB of shared memory per reduction; a row is read two or three
/// times, all but once from cache. Gradient: groups of 256 threads over all elements, one a thread, no shared memory. About ten
/// operations per exponential. LossesByRows and GradientByRows, for processors: one thread a group, some rows a thread.
/// A label outside [0, classes) that is not the ignored one is noted, and its row has no loss and no gradient.
/// </remarks>
public static partial class CrossEntropyKernels
{
    /// <summary>normalizers = log-sum-exp of each row; losses = normalizer - (1 - s) logit of the label - s mean of the logits, 0 for the ignored label.</summary>
    [Kernel(MaxGroupSize = RowReduction.GroupSize)]
    [KernelVariants(8)]
    [KernelVariants(32)]
    [KernelVariants(256)]
    public static void Losses(
        ReadOnlyView<float> logits,
        ReadOnlyView<int> labels,
        ArrayView<float> losses,
        ArrayView<float> normalizers,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int rows,
        int classes,
        SpecializedValue<int> lanes)
    {
        ArrayView<float> maxima = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        ArrayView<float> exponentials = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        ArrayView<float> sums = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        int row = (Grid.IdxX * Group.DimY) + Group.IdxY;
        ReadOnlyView<float> x = logits.SubView((long)XMath.Min(row, rows - 1) * classes, classes);
        int firstPlace = Group.IdxY * lanes;
        float largest = float.NegativeInfinity;
        float sum = 0f;
        for (int i = Group.IdxX; i < classes; i += lanes)
        {
            largest = XMath.Max(largest, x[i]);
            sum += x[i];
        }

        maxima[firstPlace + Group.IdxX] = largest;
        sums[firstPlace + Group.IdxX] = sum;
        RowReduction.Largest(maxima, lanes);
        RowReduction.Sum(sums, lanes);
        largest = maxima[firstPlace];
        float exponential = 0f;
        for (int i = Group.IdxX; i < classes; i += lanes)
        {
            exponential += KernelMath.Exp(x[i] - largest);
        }

        exponentials[firstPlace + Group.IdxX] = exponential;
        RowReduction.Sum(exponentials, lanes);
        if (row < rows && Group.IdxX == 0)
        {
            float log = KernelMath.Log(exponentials[firstPlace]);
            normalizers[row] = largest + log;
            float loss = Loss(x, labels[row], faults, target, row, classes, largest, log, sums[firstPlace]);
            losses[row] = loss;
        }
    }

    /// <summary>As <see cref="Losses"/>, each thread some rows.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void LossesByRows(
        ReadOnlyView<float> logits,
        ReadOnlyView<int> labels,
        ArrayView<float> losses,
        ArrayView<float> normalizers,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int rows,
        int classes,
        int rowsPerThread)
    {
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> x = logits.SubView((long)row * classes, classes);
            float largest = ProcessorRows.Largest(x, classes);
            float sum = target.Smoothing > 0f ? ProcessorRows.Sum(x, classes) : 0f;
            float log = KernelMath.Log(ProcessorRows.SumOfExponentials(x, classes, largest));
            normalizers[row] = largest + log;
            float loss = Loss(x, labels[row], faults, target, row, classes, largest, log, sum);
            losses[row] = loss;
        }
    }

    /// <summary>dlogits = scale of the row * (softmax - smoothed one-hot row), 0 for the ignored label.</summary>
    [Kernel(MaxGroupSize = 256)]
    public static void Gradient(
        ReadOnlyView<float> logits,
        ReadOnlyView<int> labels,
        ReadOnlyView<float> normalizers,
        ReadOnlyView<float> scales,
        ArrayView<float> dlogits,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int firstRow,
        int classes,
        int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int row = firstRow + (i / classes);
            int column = i % classes;
            bool counts = Counts(labels[row], faults, target, row, classes);
            dlogits[i] = counts ? Slope(logits[i], column == labels[row], normalizers[row], scales[row], target) : 0f;
        }
    }

    /// <summary>As <see cref="Gradient"/>, each thread some rows.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void GradientByRows(
        ReadOnlyView<float> logits,
        ReadOnlyView<int> labels,
        ReadOnlyView<float> normalizers,
        ReadOnlyView<float> scales,
        ArrayView<float> dlogits,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int rows,
        int classes,
        int rowsPerThread)
    {
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> x = logits.SubView((long)row * classes, classes);
            ArrayView<float> dx = dlogits.SubView((long)row * classes, classes);
            bool counts = Counts(labels[row], faults, target, row, classes);
            for (int i = 0; i < classes; i++)
            {
                dx[i] = counts ? Slope(x[i], i == labels[row], normalizers[row], scales[row], target) : 0f;
            }
        }
    }

    private static float Loss(
        ReadOnlyView<float> x,
        int label,
        ArrayView<int> faults,
        CrossEntropyTarget target,
        int row,
        int classes,
        float largest,
        float log,
        float sum)
    {
        float loss = 0f;
        if (Counts(label, faults, target, row, classes))
        {
            // Differences first: the loss may be much smaller than the logits.
            loss = log + (target.Certain * (largest - x[label]));
            if (target.Smoothing > 0f)
            {
                loss += (target.Smoothing * largest) - (target.Spread * sum);
            }
        }

        return loss;
    }

    private static float Slope(float logit, bool isLabel, float normalizer, float scale, CrossEntropyTarget target)
    {
        float slope = Fused.MultiplyAdd(KernelMath.Exp(logit - normalizer), scale, -scale * target.Spread);
        return isLabel ? slope - (scale * target.Certain) : slope;
    }

    private static bool Counts(int label, ArrayView<int> faults, CrossEntropyTarget target, int row, int classes)
    {
        bool inside = label >= 0 && label < classes;
        if (!inside && label != target.Ignored)
        {
            DeviceFaults.Record(faults, DeviceFaults.LabelOutsideClasses, row, label, classes);
        }

        return inside && label != target.Ignored;
    }
}
