using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Launches convolutions. Shapes and views were validated by the caller; filters are not empty.</summary>
public static class ConvolutionLaunch
{
    private const int GroupSize = ConvolutionKernels.GroupSize;

    // Kernels index images with ints: larger batches go in several launches.
    private const int MostElements = 1 << 30;

    // With fewer channels in a group than this, blocks of rows would be mostly empty.
    private const int LeastRows = 5;

    // Groups that keep a large GPU busy, and the least positions that one is worth.
    private const int EnoughGroups = 512;

    private const int LeastPositions = 256;

    /// <summary>y = x cross-correlated with w, plus bias per output channel if it is not empty.</summary>
    public static void Forward(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> w, ArrayView<float> bias, ArrayView<float> y, in ConvolutionShape shape) =>
        Forward(stream, x, w, bias, y, shape, stream.Accelerator.Properties.IsProcessor);

    internal static void Forward(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> w,
        ArrayView<float> bias,
        ArrayView<float> y,
        in ConvolutionShape shape,
        bool processor,
        ConvolutionBlock? block = null)
    {
        long inputs = (long)shape.Inputs * shape.InputPlane;
        long outputs = (long)shape.Outputs * shape.OutputPlane;
        int most = ImagesPerLaunch(inputs, outputs);
        int hasBias = bias.IsValid ? 1 : 0;
        for (int first = 0; first < shape.Batch; first += most)
        {
            int images = Math.Min(most, shape.Batch - first);
            ArrayView<float> from = x.SubView(first * inputs, images * inputs);
            ArrayView<float> to = y.SubView(first * outputs, images * outputs);
            if (processor)
            {
                ConvolutionProcessorLaunch.Forward(stream, from, w, bias, to, shape, images);
                continue;
            }

            ConvolutionSize size = ConvolutionSize.Of(shape, images);
            ArrayView<float> shift = bias.IsValid ? bias : w;
            if (shape.GroupOutputs < LeastRows)
            {
                int count = checked((int)(images * outputs));
                stream.Launch(KernelConfig.Cover(count, GroupSize), new ConvolutionKernels.ForwardDirectKernel(from, w, shift, to, size, hasBias, count));
            }
            else
            {
                int columns = images * shape.OutputPlane;
                ConvolutionBlock form = block ?? ConvolutionBlock.For(shape.GroupOutputs, columns, shape.Geometry.Groups);
                stream.Launch(
                    form.Config(shape.GroupOutputs, columns, shape.Geometry.Groups),
                    new ConvolutionKernels.ForwardKernel(
                        from, w, shift, to, size, hasBias, SpecializedValue.New(form.ThreadRows), SpecializedValue.New(form.RowsPerThread)));
            }
        }
    }

    /// <summary>dx = the adjoint in the images, applied to dy.</summary>
    public static void InputGradient(AcceleratorStream stream, ArrayView<float> dy, ArrayView<float> w, ArrayView<float> dx, in ConvolutionShape shape) =>
        InputGradient(stream, dy, w, dx, shape, stream.Accelerator.Properties.IsProcessor);

    internal static void InputGradient(
        AcceleratorStream stream,
        ArrayView<float> dy,
        ArrayView<float> w,
        ArrayView<float> dx,
        in ConvolutionShape shape,
        bool processor,
        ConvolutionBlock? block = null)
    {
        long inputs = (long)shape.Inputs * shape.InputPlane;
        long outputs = (long)shape.Outputs * shape.OutputPlane;
        int most = ImagesPerLaunch(inputs, outputs);
        for (int first = 0; first < shape.Batch; first += most)
        {
            int images = Math.Min(most, shape.Batch - first);
            ArrayView<float> from = dy.SubView(first * outputs, images * outputs);
            ArrayView<float> to = dx.SubView(first * inputs, images * inputs);
            if (processor)
            {
                ConvolutionProcessorLaunch.InputGradient(stream, from, w, to, shape, images);
                continue;
            }

            ConvolutionSize size = ConvolutionSize.Of(shape, images);
            if (shape.GroupInputs < LeastRows)
            {
                int count = checked((int)(images * inputs));
                stream.Launch(KernelConfig.Cover(count, GroupSize), new ConvolutionKernels.InputGradientDirectKernel(from, w, to, size, count));
            }
            else
            {
                Convolution2d geometry = shape.Geometry;
                int depths = geometry.Groups * geometry.StrideY * geometry.StrideX;

                // The most that a class of pixels has.
                int columns = images * ((shape.Height + geometry.StrideY - 1) / geometry.StrideY) * ((shape.Width + geometry.StrideX - 1) / geometry.StrideX);
                ConvolutionBlock form = block ?? ConvolutionBlock.For(shape.GroupInputs, columns, depths);
                stream.Launch(
                    form.Config(shape.GroupInputs, columns, depths),
                    new ConvolutionKernels.InputGradientKernel(
                        from, w, to, size, SpecializedValue.New(form.ThreadRows), SpecializedValue.New(form.RowsPerThread)));
            }
        }
    }

    /// <summary>dw = the adjoint in the filters, applied to dy; zero for an empty batch.</summary>
    public static void WeightGradient(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dw, in ConvolutionShape shape) =>
        WeightGradient(stream, x, dy, dw, shape, stream.Accelerator.Properties.IsProcessor);

    internal static void WeightGradient(
        AcceleratorStream stream,
        ArrayView<float> x,
        ArrayView<float> dy,
        ArrayView<float> dw,
        in ConvolutionShape shape,
        bool processor,
        ConvolutionBlock? block = null)
    {
        if (Math.Max((long)shape.Inputs * shape.InputPlane, (long)shape.Outputs * shape.OutputPlane) * shape.Batch > MostElements)
        {
            throw new DeviceException(
                $"The weight gradient of a convolution of {shape.Batch} x {shape.Inputs} x {shape.Height} x {shape.Width} elements: {MostElements} are the most on a device.");
        }

        if (shape.Batch == 0)
        {
            stream.Clear(dw.Buffer!, dw.OffsetInBytes, dw.LengthInBytes); // filters are not empty
            return;
        }

        if (processor)
        {
            ConvolutionProcessorLaunch.WeightGradient(stream, x, dy, dw, shape);
            return;
        }

        ConvolutionSize size = ConvolutionSize.Of(shape, shape.Batch);
        int length = dw.IntLength;
        if (shape.GroupOutputs < LeastRows)
        {
            stream.Launch(new KernelConfig(length, GroupSize), new ConvolutionKernels.WeightGradientDirectKernel(x, dy, dw, size));
            return;
        }

        int columns = shape.GroupInputs * shape.KernelY * shape.KernelX;
        int groups = shape.Geometry.Groups;
        ConvolutionBlock form = block ?? ConvolutionBlock.For(shape.GroupOutputs, columns, groups);
        int positions = shape.Batch * shape.OutputPlane;
        Index3D grid = form.Grid(shape.GroupOutputs, columns, groups);
        int splits = (int)Math.Clamp(EnoughGroups / ((long)grid.X * grid.Y * grid.Z), 1, Math.Max(1, positions / LeastPositions));
        int perSplit = Filled((positions + splits - 1) / splits, ConvolutionKernels.Depth);
        splits = (positions + perSplit - 1) / perSplit;
        KernelConfig config = form.Config(shape.GroupOutputs, columns, groups * splits);
        using MemoryBuffer? scratch = splits == 1 ? null : stream.Accelerator.Allocate((long)splits * length * sizeof(float));
        ArrayView<float> partial = scratch is null ? dw : new ArrayView<float>(scratch, 0, (long)splits * length);
        stream.Launch(
            config,
            new ConvolutionKernels.WeightGradientKernel(
                x, dy, partial, size, groups, perSplit, SpecializedValue.New(form.ThreadRows), SpecializedValue.New(form.RowsPerThread)));
        if (scratch is not null)
        {
            stream.Launch(KernelConfig.Cover(length, GroupSize), new ConvolutionKernels.AddSplitsKernel(partial, dw, length, splits));
        }
    }

    internal static int Filled(int extent, int size) => (extent + size - 1) / size * size;

    private static int ImagesPerLaunch(long inputs, long outputs) => (int)Math.Max(1, MostElements / Math.Max(1, Math.Max(inputs, outputs)));
}
