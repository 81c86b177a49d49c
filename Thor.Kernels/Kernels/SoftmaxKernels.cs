namespace Thor.Kernels.Kernels;

/// <summary>Softmax and its logarithm over contiguous rows of n elements, and their first-order gradients.</summary>
/// <remarks>
/// Groups are (lanes, 256 / lanes) threads: lanes threads share a row and own its elements i, i + lanes, ...; 1 KiB of shared memory per
/// reduction. A row is read two or three times, all but once from cache; about ten operations per exponential and element.
/// Threads past the last row repeat it and write nothing, because all must meet at the barriers.
/// </remarks>
public static partial class SoftmaxKernels
{
    /// <summary>y = e^(x - max) / sum(e^(x - max)) of each row.</summary>
    [Kernel(MaxGroupSize = RowReduction.GroupSize)]
    [KernelVariants(8)]
    [KernelVariants(32)]
    [KernelVariants(256)]
    public static void Softmax(ReadOnlyView<float> x, ArrayView<float> y, int rows, int n, SpecializedValue<int> lanes)
    {
        ArrayView<float> maxima = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        ArrayView<float> sums = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        int candidate = (Grid.IdxX * Group.DimY) + Group.IdxY;
        bool active = candidate < rows;
        long offset = (long)XMath.Min(candidate, rows - 1) * n;
        ReadOnlyView<float> source = x.SubView(offset, n);
        ArrayView<float> target = y.SubView(offset, n);
        int firstPlace = Group.IdxY * lanes;
        float largest = float.NegativeInfinity;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            largest = XMath.Max(largest, source[i]);
        }

        maxima[firstPlace + Group.IdxX] = largest;
        RowReduction.Largest(maxima, lanes);
        largest = maxima[firstPlace];
        float sum = 0f;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            sum += KernelMath.Exp(source[i] - largest);
        }

        sums[firstPlace + Group.IdxX] = sum;
        RowReduction.Sum(sums, lanes);
        float scale = 1f / sums[firstPlace];
        if (active)
        {
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                target[i] = KernelMath.Exp(source[i] - largest) * scale;
            }
        }
    }

    /// <summary>y = x - max - log(sum(e^(x - max))) of each row.</summary>
    [Kernel(MaxGroupSize = RowReduction.GroupSize)]
    [KernelVariants(8)]
    [KernelVariants(32)]
    [KernelVariants(256)]
    public static void LogSoftmax(ReadOnlyView<float> x, ArrayView<float> y, int rows, int n, SpecializedValue<int> lanes)
    {
        ArrayView<float> maxima = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        ArrayView<float> sums = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        int candidate = (Grid.IdxX * Group.DimY) + Group.IdxY;
        bool active = candidate < rows;
        long offset = (long)XMath.Min(candidate, rows - 1) * n;
        ReadOnlyView<float> source = x.SubView(offset, n);
        ArrayView<float> target = y.SubView(offset, n);
        int firstPlace = Group.IdxY * lanes;
        float largest = float.NegativeInfinity;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            largest = XMath.Max(largest, source[i]);
        }

        maxima[firstPlace + Group.IdxX] = largest;
        RowReduction.Largest(maxima, lanes);
        largest = maxima[firstPlace];
        float sum = 0f;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            sum += KernelMath.Exp(source[i] - largest);
        }

        sums[firstPlace + Group.IdxX] = sum;
        RowReduction.Sum(sums, lanes);
        float log = KernelMath.Log(sums[firstPlace]);
        if (active)
        {
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                target[i] = (source[i] - largest) - log;
            }
        }
    }

    /// <summary>dx = y (g - sum(g y)) of each row, for y = softmax(x).</summary>
    [Kernel(MaxGroupSize = RowReduction.GroupSize)]
    [KernelVariants(8)]
    [KernelVariants(32)]
    [KernelVariants(256)]
    public static void SoftmaxGradient(
        ReadOnlyView<float> y, ReadOnlyView<float> gradient, ArrayView<float> dx, int rows, int n, SpecializedValue<int> lanes)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        int candidate = (Grid.IdxX * Group.DimY) + Group.IdxY;
        bool active = candidate < rows;
        long offset = (long)XMath.Min(candidate, rows - 1) * n;
        ReadOnlyView<float> probabilities = y.SubView(offset, n);
        ReadOnlyView<float> source = gradient.SubView(offset, n);
        ArrayView<float> target = dx.SubView(offset, n);
        int firstPlace = Group.IdxY * lanes;
        float sum = 0f;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            sum = Fused.MultiplyAdd(probabilities[i], source[i], sum);
        }

        sums[firstPlace + Group.IdxX] = sum;
        RowReduction.Sum(sums, lanes);
        float dot = sums[firstPlace];
        if (active)
        {
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                target[i] = probabilities[i] * (source[i] - dot);
            }
        }
    }

    /// <summary>dx = g - e^y sum(g) of each row, for y = log softmax(x).</summary>
    [Kernel(MaxGroupSize = RowReduction.GroupSize)]
    [KernelVariants(8)]
    [KernelVariants(32)]
    [KernelVariants(256)]
    public static void LogSoftmaxGradient(
        ReadOnlyView<float> y, ReadOnlyView<float> gradient, ArrayView<float> dx, int rows, int n, SpecializedValue<int> lanes)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(RowReduction.GroupSize);
        int candidate = (Grid.IdxX * Group.DimY) + Group.IdxY;
        bool active = candidate < rows;
        long offset = (long)XMath.Min(candidate, rows - 1) * n;
        ReadOnlyView<float> logarithms = y.SubView(offset, n);
        ReadOnlyView<float> source = gradient.SubView(offset, n);
        ArrayView<float> target = dx.SubView(offset, n);
        int firstPlace = Group.IdxY * lanes;
        float sum = 0f;
        for (int i = Group.IdxX; i < n; i += lanes)
        {
            sum += source[i];
        }

        sums[firstPlace + Group.IdxX] = sum;
        RowReduction.Sum(sums, lanes);
        float total = sums[firstPlace];
        if (active)
        {
            for (int i = Group.IdxX; i < n; i += lanes)
            {
                target[i] = Fused.MultiplyAdd(KernelMath.Exp(logarithms[i]), -total, source[i]);
            }
        }
    }
}
