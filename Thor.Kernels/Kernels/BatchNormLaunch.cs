using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Launches <see cref="BatchNormKernels"/> over (batch, channels, plane). Shapes and views were validated by the caller.</summary>
public static class BatchNormLaunch
{
    private const int GroupSize = 256;

    // Groups that keep a large GPU busy, and the least elements that a group of its own is worth.
    private const int EnoughGroups = 512;

    private const int LeastSegment = 2048;

    // On processors: channels that are enough work items without cutting them, and the most ranges of images otherwise.
    private const int ManyChannels = 16;

    private const int ProcessorGrain = 1 << 14;

    // Kernels index with ints.
    private const int MostElements = 1 << 30;

    /// <summary>y = weight (x - mean) inverse + bias, with mean and inverse of each channel written.</summary>
    public static void Forward(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> weight,
        ArrayView<float> bias,
        double epsilon,
        ArrayView<float> y,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        int batch,
        int channels,
        int plane) => Forward(stream, x, weight, bias, epsilon, y, mean, inverse, batch, channels, plane, stream.Accelerator.Properties.IsProcessor);

    internal static void Forward(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> weight,
        ArrayView<float> bias,
        double epsilon,
        ArrayView<float> y,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        int batch,
        int channels,
        int plane,
        bool processor)
    {
        int segments = Segments(batch, channels, plane, processor, out int imagesPerSegment, out BatchNormShape shape);
        int count = Count(batch, channels, plane);
        using MemoryBuffer scratch = Scratch(stream, channels, segments, out ArrayView<float> partial, out ArrayView<float> lines);
        if (processor)
        {
            stream.Launch(
                new KernelConfig((segments, channels), 1), new BatchNormProcessorKernels.SumsKernel(x, partial, channels, plane, batch, imagesPerSegment));
        }
        else
        {
            stream.Launch(new KernelConfig((segments, channels), GroupSize), new BatchNormKernels.SumsKernel(x, partial, shape));
        }

        stream.Launch(
            KernelConfig.Cover(channels, GroupSize),
            new BatchNormKernels.FinishKernel(partial, x, weight, mean, inverse, lines, shape, (float)epsilon, segments));
        if (processor)
        {
            int perThread = PlanesPerThread(plane);
            stream.Launch(
                KernelConfig.Cover(((long)batch * channels + perThread - 1) / perThread, 1),
                new BatchNormProcessorKernels.ApplyKernel(x, mean, bias, lines, y, channels, plane, batch * channels, perThread));
        }
        else
        {
            stream.Launch(KernelConfig.Cover(count, GroupSize), new BatchNormKernels.ApplyKernel(x, mean, bias, lines, y, shape, count));
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
        int batch,
        int channels,
        int plane) =>
        Gradient(stream, x, gradient, weight, mean, inverse, dx, dWeight, dBias, batch, channels, plane, stream.Accelerator.Properties.IsProcessor);

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
        int batch,
        int channels,
        int plane,
        bool processor)
    {
        int segments = Segments(batch, channels, plane, processor, out int imagesPerSegment, out BatchNormShape shape);
        int count = Count(batch, channels, plane);
        using MemoryBuffer scratch = Scratch(stream, channels, segments, out ArrayView<float> partial, out ArrayView<float> lines);
        if (processor)
        {
            stream.Launch(
                new KernelConfig((segments, channels), 1),
                new BatchNormProcessorKernels.GradientSumsKernel(x, gradient, mean, partial, channels, plane, batch, imagesPerSegment));
        }
        else
        {
            stream.Launch(
                new KernelConfig((segments, channels), GroupSize), new BatchNormKernels.GradientSumsKernel(x, gradient, mean, partial, shape));
        }

        stream.Launch(
            KernelConfig.Cover(channels, GroupSize),
            new BatchNormKernels.FinishGradientKernel(partial, weight, inverse, dWeight, dBias, lines, shape, segments));
        if (processor)
        {
            int perThread = PlanesPerThread(plane);
            stream.Launch(
                KernelConfig.Cover(((long)batch * channels + perThread - 1) / perThread, 1),
                new BatchNormProcessorKernels.ApplyGradientKernel(x, gradient, mean, lines, dx, channels, plane, batch * channels, perThread));
        }
        else
        {
            stream.Launch(KernelConfig.Cover(count, GroupSize), new BatchNormKernels.ApplyGradientKernel(x, gradient, mean, lines, dx, shape, count));
        }
    }

    /// <summary>y = x scale + shift per channel; y may be x.</summary>
    public static void ChannelAffine(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> scale, ArrayView<float> shift, ArrayView<float> y, int batch, int channels, int plane) =>
        ChannelAffine(stream, x, scale, shift, y, batch, channels, plane, stream.Accelerator.Properties.IsProcessor);

    internal static void ChannelAffine(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> scale,
        ArrayView<float> shift,
        ArrayView<float> y,
        int batch,
        int channels,
        int plane,
        bool processor)
    {
        int count = Count(batch, channels, plane);
        if (processor)
        {
            int perThread = PlanesPerThread(plane);
            stream.Launch(
                KernelConfig.Cover(((long)batch * channels + perThread - 1) / perThread, 1),
                new BatchNormProcessorKernels.AffineKernel(x, scale, shift, y, channels, plane, batch * channels, perThread));
        }
        else
        {
            BatchNormShape shape = BatchNormShape.Of(batch, channels, plane, batch * plane);
            stream.Launch(KernelConfig.Cover(count, GroupSize), new BatchNormKernels.AffineKernel(x, scale, shift, y, shape, count));
        }
    }

    private static int Count(int batch, int channels, int plane)
    {
        long count = (long)batch * channels * plane;
        return count <= MostElements
            ? (int)count
            : throw new DeviceException($"Batch normalisation of {batch} x {channels} x {plane} elements: {MostElements} are the most on a device.");
    }

    private static int PlanesPerThread(int plane) => Math.Max(1, ProcessorGrain / Math.Max(1, plane));

    private static int Segments(int batch, int channels, int plane, bool processor, out int imagesPerSegment, out BatchNormShape shape)
    {
        long perChannel = (long)batch * plane;
        int segments = processor
            ? channels >= ManyChannels ? 1 : (int)Math.Clamp(perChannel / ProcessorGrain, 1, Math.Min(Math.Max(1, batch), ManyChannels))
            : (int)Math.Clamp(perChannel / LeastSegment, 1, Math.Max(1, EnoughGroups / Math.Max(1, channels)));
        imagesPerSegment = (batch + segments - 1) / segments;
        shape = BatchNormShape.Of(batch, channels, plane, (int)((perChannel + segments - 1) / segments));
        return segments;
    }

    private static MemoryBuffer Scratch(AcceleratorStream stream, int channels, int segments, out ArrayView<float> partial, out ArrayView<float> lines)
    {
        long partialLength = (long)channels * segments * BatchNormKernels.PartialFloats;
        long lineLength = (long)channels * BatchNormKernels.LineFloats;
        MemoryBuffer scratch = stream.Accelerator.Allocate(Math.Max(1, partialLength + lineLength) * sizeof(float));
        partial = new ArrayView<float>(scratch, 0, partialLength);
        lines = new ArrayView<float>(scratch, partialLength * sizeof(float), lineLength);
        return scratch;
    }
}
