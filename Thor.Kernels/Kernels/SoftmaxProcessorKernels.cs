namespace Thor.Kernels.Kernels;

/// <summary>As <see cref="SoftmaxKernels"/>, for processors: one thread a group, some rows a thread, sums in 16 parts.</summary>
public static partial class SoftmaxProcessorKernels
{
    /// <summary>y = e^(x - max) / sum(e^(x - max)) of each row.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Softmax(ReadOnlyView<float> x, ArrayView<float> y, int rows, int n, int rowsPerThread)
    {
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> source = x.SubView((long)row * n, n);
            ArrayView<float> target = y.SubView((long)row * n, n);
            float largest = ProcessorRows.Largest(source, n);
            float scale = 1f / ProcessorRows.SumOfExponentials(source, n, largest);
            for (int i = 0; i < n; i++)
            {
                target[i] = KernelMath.Exp(source[i] - largest) * scale;
            }
        }
    }

    /// <summary>y = x - max - log(sum(e^(x - max))) of each row.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void LogSoftmax(ReadOnlyView<float> x, ArrayView<float> y, int rows, int n, int rowsPerThread)
    {
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> source = x.SubView((long)row * n, n);
            ArrayView<float> target = y.SubView((long)row * n, n);
            float largest = ProcessorRows.Largest(source, n);
            float log = KernelMath.Log(ProcessorRows.SumOfExponentials(source, n, largest));
            for (int i = 0; i < n; i++)
            {
                target[i] = (source[i] - largest) - log;
            }
        }
    }

    /// <summary>dx = y (g - sum(g y)) of each row, for y = softmax(x).</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void SoftmaxGradient(
        ReadOnlyView<float> y, ReadOnlyView<float> gradient, ArrayView<float> dx, int rows, int n, int rowsPerThread)
    {
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> probabilities = y.SubView((long)row * n, n);
            ReadOnlyView<float> source = gradient.SubView((long)row * n, n);
            ArrayView<float> target = dx.SubView((long)row * n, n);
            float dot = ProcessorRows.Dot(probabilities, source, n);
            for (int i = 0; i < n; i++)
            {
                target[i] = probabilities[i] * (source[i] - dot);
            }
        }
    }

    /// <summary>dx = g - e^y sum(g) of each row, for y = log softmax(x).</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void LogSoftmaxGradient(
        ReadOnlyView<float> y, ReadOnlyView<float> gradient, ArrayView<float> dx, int rows, int n, int rowsPerThread)
    {
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> logarithms = y.SubView((long)row * n, n);
            ReadOnlyView<float> source = gradient.SubView((long)row * n, n);
            ArrayView<float> target = dx.SubView((long)row * n, n);
            float sum = ProcessorRows.Sum(source, n);
            for (int i = 0; i < n; i++)
            {
                target[i] = Fused.MultiplyAdd(KernelMath.Exp(logarithms[i]), -sum, source[i]);
            }
        }
    }
}
