using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Launches <see cref="ConvolutionProcessorKernels"/>. Padded copies and packed filters live in scratch memory of the device.</summary>
internal static class ConvolutionProcessorLaunch
{
    // Elements that make it worth waking another thread.
    private const int CopyGrain = 1 << 14;

    private const int ProductGrain = 1 << 17;

    // Bytes of images and gradients that a segment's blocks read again and again: they should stay in the second-level cache.
    private const int SegmentBytes = 1 << 19;

    // Segments' sums are added at the end: not too many.
    private const int MostSegments = 32;

    // Elements of padded copies at a time: larger batches take turns.
    private const int MostPadded = 1 << 27;

    public static void Forward(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> w, ArrayView<float> bias, ArrayView<float> y, in ConvolutionShape shape, int images)
    {
        CorrelationSize size = CorrelationSize.Forward(shape, images);
        int taps = shape.KernelY * shape.KernelX;
        PackedFilters filters = new(size.Outputs * size.Inputs * taps, size.Inputs * taps, taps, Turned: false);
        Correlate(stream, x, w, bias, y, size, CopyOfImages(shape, size), filters);
    }

    public static void InputGradient(
        AcceleratorStream stream, ArrayView<float> dy, ArrayView<float> w, ArrayView<float> dx, in ConvolutionShape shape, int images)
    {
        CorrelationSize size = CorrelationSize.InputGradient(shape, images);
        Convolution2d geometry = shape.Geometry;
        int taps = shape.KernelY * shape.KernelX;
        PaddedCopy copy = new()
        {
            Height = shape.OutputHeight,
            Width = shape.OutputWidth,
            StepY = geometry.StrideY,
            StepX = geometry.StrideX,
            Top = ((shape.KernelY - 1) * geometry.DilationY) - geometry.PaddingY,
            Left = ((shape.KernelX - 1) * geometry.DilationX) - geometry.PaddingX,
            PhasesY = 1,
            PhasesX = 1,
            Rows = size.Rows,
            Pitch = size.Pitch,
            Plane = size.Plane,
        };
        PackedFilters filters = new(size.Outputs * size.Inputs * taps, taps, size.Outputs * taps, Turned: true);
        Correlate(stream, dy, w, default, dx, size, copy, filters);
    }

    public static void WeightGradient(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dw, in ConvolutionShape shape)
    {
        CorrelationSize size = CorrelationSize.Forward(shape, shape.Batch);
        int gradientPlane = ConvolutionLaunch.Filled(((size.OutputHeight - 1) * size.Pitch) + size.OutputWidth, ConvolutionProcessorKernels.Count);
        PaddedCopy gradientCopy = new()
        {
            Height = size.OutputHeight,
            Width = size.OutputWidth,
            StepY = 1,
            StepX = 1,
            PhasesY = 1,
            PhasesX = 1,
            Rows = size.OutputHeight,
            Pitch = size.Pitch,
            Plane = gradientPlane,
        };
        int length = dw.IntLength;
        long inputs = (long)shape.Inputs * size.Plane;
        long outputs = (long)shape.Outputs * gradientPlane;
        int fewest = (shape.Batch + MostSegments - 1) / MostSegments;
        int imagesPerSegment = (int)Math.Clamp(SegmentBytes / ((inputs + outputs) * sizeof(float)), fewest, shape.Batch);
        int segments = (shape.Batch + imagesPerSegment - 1) / imagesPerSegment;
        int segmentsAtOnce = (int)Math.Clamp(MostPadded / ((inputs + outputs) * imagesPerSegment), 1, segments);
        int imagesAtOnce = Math.Min(shape.Batch, segmentsAtOnce * imagesPerSegment);

        Accelerator device = stream.Accelerator;
        using MemoryBuffer<float> padded = device.Allocate<float>(checked((int)(imagesAtOnce * inputs)));
        using MemoryBuffer<float> gradient = device.Allocate<float>(checked((int)(imagesAtOnce * outputs)));
        using MemoryBuffer<int> taps = device.Allocate<int>(size.Inputs * size.KernelY * size.KernelX);
        using MemoryBuffer<float>? splits = segments == 1 ? null : device.Allocate<float>(checked(segments * length));
        stream.Launch(new KernelConfig(size.Inputs, 1), new ConvolutionProcessorKernels.TapsKernel(taps.View, size));
        for (int first = 0; first < shape.Batch; first += imagesAtOnce)
        {
            int images = Math.Min(imagesAtOnce, shape.Batch - first);
            int some = (images + imagesPerSegment - 1) / imagesPerSegment;
            Pad(stream, Images(x, first, images, shape.Inputs * shape.InputPlane), padded.View, CopyOfImages(shape, size), images * shape.Inputs);
            Pad(stream, Images(dy, first, images, shape.Outputs * shape.OutputPlane), gradient.View, gradientCopy, images * shape.Outputs);
            const int block = ConvolutionProcessorKernels.WeightBlock;
            Index3D grid = new((taps.Length + block - 1) / block, (size.Outputs + block - 1) / block * size.Groups, some);
            ArrayView<float> target = splits is null ? dw : splits.View.SubView((long)(first / imagesPerSegment) * length, (long)some * length);
            size.Batch = images;
            stream.Launch(
                new KernelConfig(grid, 1),
                new ConvolutionProcessorKernels.WeightSumsKernel(padded.View, gradient.View, taps.View, target, size, imagesPerSegment, gradientPlane));
        }

        if (splits is not null)
        {
            stream.Launch(KernelConfig.Cover(length, 256), new ConvolutionKernels.AddSplitsKernel(splits.View, dw, length, segments));
        }
    }

    private static void Correlate(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> w,
        ArrayView<float> bias,
        ArrayView<float> y,
        CorrelationSize size,
        PaddedCopy copy,
        PackedFilters filters)
    {
        int channels = size.Outputs == 1 ? 1 : size.Outputs <= 4 ? 4 : 8;
        int blocks = (size.Outputs + channels - 1) / channels;
        int length = size.Inputs * size.KernelY * size.KernelX;
        int planesPerImage = size.Groups * size.Inputs;
        int batch = size.Batch;
        int imagesAtOnce = (int)Math.Clamp(MostPadded / ((long)planesPerImage * size.Plane), 1, Math.Max(1, batch));
        int vectors = ConvolutionProcessorKernels.Vectors(size.OutputHeight, size.OutputWidth, size.Pitch);
        int perThread = 2 * Math.Max(1, ProductGrain / (2 * ConvolutionProcessorKernels.Count * channels * length));

        Accelerator device = stream.Accelerator;
        using MemoryBuffer<float> padded = device.Allocate<float>(checked(imagesAtOnce * planesPerImage * size.Plane));
        using MemoryBuffer<float> packed = device.Allocate<float>(checked(size.Groups * blocks * length * channels));
        using MemoryBuffer<int> taps = device.Allocate<int>(length);
        stream.Launch(new KernelConfig(size.Inputs, 1), new ConvolutionProcessorKernels.TapsKernel(taps.View, size));
        stream.Launch(
            new KernelConfig((size.Inputs, blocks, size.Groups), 1),
            new ConvolutionProcessorKernels.PackWeightsKernel(
                w, packed.View, size, filters.GroupStride, filters.OutputStride, filters.InputStride, filters.Turned ? 1 : 0, channels));
        for (int first = 0; first < batch; first += imagesAtOnce)
        {
            int images = Math.Min(imagesAtOnce, batch - first);
            size.Batch = images;
            Pad(stream, Images(x, first, images, planesPerImage * copy.Height * copy.Width), padded.View, copy, images * planesPerImage);
            ArrayView<float> target = Images(y, first, images, size.Groups * size.Outputs * size.OutputHeight * size.OutputWidth);
            Index3D grid = new(blocks, (vectors + perThread - 1) / perThread, images * size.Groups);
            stream.Launch(
                new KernelConfig(grid, 1),
                new ConvolutionProcessorKernels.CorrelateKernel(
                    padded.View, packed.View, taps.View, bias.IsValid ? bias : w, target, size, bias.IsValid ? 1 : 0, perThread, SpecializedValue.New(channels)));
        }
    }

    private static ArrayView<float> Images(ArrayView<float> images, int first, int count, int length) =>
        images.SubView((long)first * length, (long)count * length);

    private static void Pad(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> padded, PaddedCopy copy, int planes)
    {
        int perThread = Math.Max(1, CopyGrain / copy.Plane);
        stream.Launch(
            KernelConfig.Cover((planes + perThread - 1) / perThread, 1), new ConvolutionProcessorKernels.PadKernel(x, padded, copy, planes, perThread));
    }

    private static PaddedCopy CopyOfImages(in ConvolutionShape shape, in CorrelationSize size) => new()
    {
        Height = shape.Height,
        Width = shape.Width,
        StepY = 1,
        StepX = 1,
        Top = shape.Geometry.PaddingY,
        Left = shape.Geometry.PaddingX,
        PhasesY = size.StrideY,
        PhasesX = size.StrideX,
        Rows = size.Rows,
        Pitch = size.Pitch,
        Plane = size.Plane,
    };

    /// <summary>Where the weights of a group, an output and an input channel are.</summary>
    private readonly record struct PackedFilters(int GroupStride, int OutputStride, int InputStride, bool Turned);
}
