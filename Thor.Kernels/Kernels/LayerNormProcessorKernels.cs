namespace Thor.Kernels.Kernels;

/// <summary>As <see cref="LayerNormKernels"/>, for processors: one thread a group, some rows a thread.</summary>
public static partial class LayerNormProcessorKernels
{
    private const int Count = 16;

    /// <summary>y = weight (x - mean) * inverse + bias, with mean and inverse = 1 / sqrt(biased variance + epsilon) of each row written.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Forward(
        ReadOnlyView<float> x,
        ReadOnlyView<float> weight,
        ReadOnlyView<float> bias,
        ArrayView<float> y,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        float epsilon,
        int rows,
        int n,
        int rowsPerThread)
    {
        int whole = n / Count * Count;
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> source = x.SubView((long)row * n, n);
            ArrayView<float> target = y.SubView((long)row * n, n);
            float center = ProcessorRows.Sum(source, n) / (float)n;
            float scale = 1f / XMath.Sqrt((Spread(source, n, center) / (float)n) + epsilon);
            mean[row] = center;
            inverse[row] = scale;
            for (int i = 0; i < whole; i += Count)
            {
                FloatX16 z = scale * (ProcessorLanes.Load16(source, i) - FloatX16.Splat(center));
                ProcessorLanes.Store16(target, i, Fused.MultiplyAdd(z, ProcessorLanes.Load16(weight, i), ProcessorLanes.Load16(bias, i)));
            }

            for (int i = whole; i < n; i++)
            {
                target[i] = Fused.MultiplyAdd((source[i] - center) * scale, weight[i], bias[i]);
            }
        }
    }

    /// <summary>dx of each row, and the row's terms added to the thread's partial[thread, 0, :] = sum of g z and partial[thread, 1, :] = sum of g; dx may be the gradient.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Gradient(
        ReadOnlyView<float> x,
        ArrayView<float> gradient,
        ReadOnlyView<float> weight,
        ReadOnlyView<float> mean,
        ReadOnlyView<float> inverse,
        ArrayView<float> dx,
        ArrayView<float> partial,
        int rows,
        int n,
        int rowsPerThread)
    {
        ArrayView<float> dWeight = partial.SubView((long)Grid.IdxX * 2 * n, n);
        ArrayView<float> dBias = partial.SubView((((long)Grid.IdxX * 2) + 1) * n, n);
        for (int i = 0; i < n; i++)
        {
            dWeight[i] = 0f;
            dBias[i] = 0f;
        }

        int whole = n / Count * Count;
        int last = XMath.Min(rows, (Grid.IdxX + 1) * rowsPerThread);
        for (int row = Grid.IdxX * rowsPerThread; row < last; row++)
        {
            ReadOnlyView<float> source = x.SubView((long)row * n, n);
            ArrayView<float> slope = gradient.SubView((long)row * n, n);
            ArrayView<float> target = dx.SubView((long)row * n, n);
            float center = mean[row];
            float scale = inverse[row];
            FloatX16 sums = FloatX16.Splat(0f);
            FloatX16 products = FloatX16.Splat(0f);
            for (int i = 0; i < whole; i += Count)
            {
                FloatX16 z = scale * (ProcessorLanes.Load16(source, i) - FloatX16.Splat(center));
                FloatX16 g = ProcessorLanes.Load16(slope, i);
                FloatX16 h = g * ProcessorLanes.Load16(weight, i);
                sums = sums + h;
                products = Fused.MultiplyAdd(h, z, products);
                ProcessorLanes.Store16(dWeight, i, Fused.MultiplyAdd(g, z, ProcessorLanes.Load16(dWeight, i)));
                ProcessorLanes.Store16(dBias, i, g + ProcessorLanes.Load16(dBias, i));
            }

            float sum = ProcessorLanes.Sum(sums);
            float product = ProcessorLanes.Sum(products);
            for (int i = whole; i < n; i++)
            {
                float z = (source[i] - center) * scale;
                float h = slope[i] * weight[i];
                sum += h;
                product = Fused.MultiplyAdd(h, z, product);
                dWeight[i] = Fused.MultiplyAdd(slope[i], z, dWeight[i]);
                dBias[i] += slope[i];
            }

            float meanH = sum / (float)n;
            float meanProduct = product / (float)n;
            for (int i = 0; i < whole; i += Count)
            {
                FloatX16 z = scale * (ProcessorLanes.Load16(source, i) - FloatX16.Splat(center));
                FloatX16 h = ProcessorLanes.Load16(slope, i) * ProcessorLanes.Load16(weight, i);
                FloatX16 rest = Fused.MultiplyAdd(-meanProduct, z, h - FloatX16.Splat(meanH));
                ProcessorLanes.Store16(target, i, scale * rest);
            }

            for (int i = whole; i < n; i++)
            {
                float z = (source[i] - center) * scale;
                target[i] = Fused.MultiplyAdd(-z, meanProduct, (slope[i] * weight[i]) - meanH) * scale;
            }
        }
    }

    private static float Spread(ReadOnlyView<float> x, int n, float center)
    {
        int whole = n / Count * Count;
        FloatX16 parts = FloatX16.Splat(0f);
        for (int i = 0; i < whole; i += Count)
        {
            FloatX16 away = ProcessorLanes.Load16(x, i) - FloatX16.Splat(center);
            parts = Fused.MultiplyAdd(away, away, parts);
        }

        float sum = ProcessorLanes.Sum(parts);
        for (int i = whole; i < n; i++)
        {
            float away = x[i] - center;
            sum = Fused.MultiplyAdd(away, away, sum);
        }

        return sum;
    }
}
