namespace Thor.Kernels.Kernels;

/// <summary>As <see cref="BatchNormKernels"/>, for processors: one thread a group, which owns a channel's part of some images or some planes.</summary>
public static partial class BatchNormProcessorKernels
{
    private const int Count = 16;

    /// <summary>Per channel and segment of images the sums of d and d^2 with d the distance from the channel's first element.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Sums(ReadOnlyView<float> x, ArrayView<float> partial, int channels, int plane, int batch, int imagesPerSegment)
    {
        int channel = Grid.IdxY;
        float center = x[channel * plane];
        int whole = plane / Count * Count;
        FloatPair sum = FloatPair.From(0f);
        FloatPair product = FloatPair.From(0f);
        int end = XMath.Min(batch, (Grid.IdxX + 1) * imagesPerSegment);
        for (int image = Grid.IdxX * imagesPerSegment; image < end; image++)
        {
            int offset = ((image * channels) + channel) * plane;
            FloatX16 sums = FloatX16.Splat(0f);
            FloatX16 products = FloatX16.Splat(0f);
            for (int i = 0; i < whole; i += Count)
            {
                FloatX16 d = ProcessorLanes.Load16(x, offset + i) - FloatX16.Splat(center);
                sums = sums + d;
                products = Fused.MultiplyAdd(d, d, products);
            }

            float s = ProcessorLanes.Sum(sums);
            float p = ProcessorLanes.Sum(products);
            for (int i = whole; i < plane; i++)
            {
                float d = x[offset + i] - center;
                s += d;
                p = Fused.MultiplyAdd(d, d, p);
            }

            sum = FloatPair.Add(sum, FloatPair.From(s));
            product = FloatPair.Add(product, FloatPair.From(p));
        }

        BatchNormKernels.Put(partial, (channel * Grid.DimX) + Grid.IdxX, sum, product);
    }

    /// <summary>Per channel and segment of images the sums of g and g (x - mean).</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void GradientSums(
        ReadOnlyView<float> x,
        ReadOnlyView<float> gradient,
        ReadOnlyView<float> mean,
        ArrayView<float> partial,
        int channels,
        int plane,
        int batch,
        int imagesPerSegment)
    {
        int channel = Grid.IdxY;
        float center = mean[channel];
        int whole = plane / Count * Count;
        FloatPair sum = FloatPair.From(0f);
        FloatPair product = FloatPair.From(0f);
        int end = XMath.Min(batch, (Grid.IdxX + 1) * imagesPerSegment);
        for (int image = Grid.IdxX * imagesPerSegment; image < end; image++)
        {
            int offset = ((image * channels) + channel) * plane;
            FloatX16 sums = FloatX16.Splat(0f);
            FloatX16 products = FloatX16.Splat(0f);
            for (int i = 0; i < whole; i += Count)
            {
                FloatX16 g = ProcessorLanes.Load16(gradient, offset + i);
                FloatX16 d = ProcessorLanes.Load16(x, offset + i) - FloatX16.Splat(center);
                sums = sums + g;
                products = Fused.MultiplyAdd(g, d, products);
            }

            float s = ProcessorLanes.Sum(sums);
            float p = ProcessorLanes.Sum(products);
            for (int i = whole; i < plane; i++)
            {
                float g = gradient[offset + i];
                s += g;
                p = Fused.MultiplyAdd(g, x[offset + i] - center, p);
            }

            sum = FloatPair.Add(sum, FloatPair.From(s));
            product = FloatPair.Add(product, FloatPair.From(p));
        }

        BatchNormKernels.Put(partial, (channel * Grid.DimX) + Grid.IdxX, sum, product);
    }

    /// <summary>y = scale (x - mean) + bias, some planes a thread.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Apply(
        ReadOnlyView<float> x,
        ReadOnlyView<float> mean,
        ReadOnlyView<float> bias,
        ReadOnlyView<float> lines,
        ArrayView<float> y,
        int channels,
        int plane,
        int planes,
        int planesPerThread)
    {
        int whole = plane / Count * Count;
        int last = XMath.Min(planes, (Grid.IdxX + 1) * planesPerThread);
        for (int at = Grid.IdxX * planesPerThread; at < last; at++)
        {
            int channel = at % channels;
            int offset = at * plane;
            float center = mean[channel];
            float scale = lines[channel * BatchNormKernels.LineFloats];
            float shift = bias[channel];
            for (int i = 0; i < whole; i += Count)
            {
                FloatX16 d = ProcessorLanes.Load16(x, offset + i) - FloatX16.Splat(center);
                ProcessorLanes.Store16(y, offset + i, Fused.MultiplyAdd(scale, d, FloatX16.Splat(shift)));
            }

            for (int i = whole; i < plane; i++)
            {
                y[offset + i] = Fused.MultiplyAdd(x[offset + i] - center, scale, shift);
            }
        }
    }

    /// <summary>dx = scale g + (slope (x - mean) + shift), some planes a thread; dx may be the gradient.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void ApplyGradient(
        ReadOnlyView<float> x,
        ArrayView<float> gradient,
        ReadOnlyView<float> mean,
        ReadOnlyView<float> lines,
        ArrayView<float> dx,
        int channels,
        int plane,
        int planes,
        int planesPerThread)
    {
        int whole = plane / Count * Count;
        int last = XMath.Min(planes, (Grid.IdxX + 1) * planesPerThread);
        for (int at = Grid.IdxX * planesPerThread; at < last; at++)
        {
            int channel = at % channels;
            int offset = at * plane;
            float center = mean[channel];
            float scale = lines[channel * BatchNormKernels.LineFloats];
            float slope = lines[(channel * BatchNormKernels.LineFloats) + 1];
            float shift = lines[(channel * BatchNormKernels.LineFloats) + 2];
            for (int i = 0; i < whole; i += Count)
            {
                FloatX16 d = ProcessorLanes.Load16(x, offset + i) - FloatX16.Splat(center);
                FloatX16 fromMean = Fused.MultiplyAdd(slope, d, FloatX16.Splat(shift));
                FloatX16 g = ProcessorLanes.Load16(gradient, offset + i);
                ProcessorLanes.Store16(dx, offset + i, Fused.MultiplyAdd(scale, g, fromMean));
            }

            for (int i = whole; i < plane; i++)
            {
                float fromMean = Fused.MultiplyAdd(x[offset + i] - center, slope, shift);
                dx[offset + i] = Fused.MultiplyAdd(gradient[offset + i], scale, fromMean);
            }
        }
    }

    /// <summary>y = x scale + shift, some planes a thread; y may be x.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Affine(
        ArrayView<float> x, ReadOnlyView<float> scale, ReadOnlyView<float> shift, ArrayView<float> y, int channels, int plane, int planes, int planesPerThread)
    {
        int whole = plane / Count * Count;
        int last = XMath.Min(planes, (Grid.IdxX + 1) * planesPerThread);
        for (int at = Grid.IdxX * planesPerThread; at < last; at++)
        {
            int offset = at * plane;
            float factor = scale[at % channels];
            float offsetOfChannel = shift[at % channels];
            for (int i = 0; i < whole; i += Count)
            {
                ProcessorLanes.Store16(y, offset + i, Fused.MultiplyAdd(factor, ProcessorLanes.Load16(x, offset + i), FloatX16.Splat(offsetOfChannel)));
            }

            for (int i = whole; i < plane; i++)
            {
                y[offset + i] = Fused.MultiplyAdd(x[offset + i], factor, offsetOfChannel);
            }
        }
    }
}
