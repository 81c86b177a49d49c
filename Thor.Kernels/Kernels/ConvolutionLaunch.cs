using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Launches convolutions. Shapes and views were validated by the caller; filters are not empty.</summary>
public static class ConvolutionLaunch
{
    private const int GroupSize = 256;

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
        bool processor)
    {
        long inputs = (long)shape.Inputs * shape.InputPlane;
        long outputs = (long)shape.Outputs * shape.OutputPlane;
        int most = ImagesPerLaunch(inputs, outputs);
        bool hasBias = bias.IsValid;
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
            ArrayView<float> shift = hasBias ? bias : w;
            if (shape.GroupOutputs < LeastRows)
            {
                int count = checked((int)(images * outputs));
                stream.Launch(KernelConfig.Cover(count, GroupSize), new ConvolutionKernels.ForwardDirectKernel(from, w, shift, to, size, hasBias, count));
            }
            else
            {
                int rows = RowsPerThread(shape.GroupOutputs, images * shape.OutputPlane, shape.Geometry.Groups);
                stream.Launch(
                    Blocks(shape.GroupOutputs, images * shape.OutputPlane, shape.Geometry.Groups, rows),
                    new ConvolutionKernels.ForwardKernel(from, w, shift, to, size, hasBias, SpecializedValue.New(rows)));
            }
        }
    }

    /// <summary>dx = the adjoint in the images, applied to dy.</summary>
    public static void InputGradient(AcceleratorStream stream, ArrayView<float> dy, ArrayView<float> w, ArrayView<float> dx, in ConvolutionShape shape) =>
        InputGradient(stream, dy, w, dx, shape, stream.Accelerator.Properties.IsProcessor);

    internal static void InputGradient(
        AcceleratorStream stream, ArrayView<float> dy, ArrayView<float> w, ArrayView<float> dx, in ConvolutionShape shape, bool processor)
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
                int rows = RowsPerThread(shape.GroupInputs, images * shape.InputPlane, shape.Geometry.Groups);
                stream.Launch(
                    Blocks(shape.GroupInputs, images * shape.InputPlane, shape.Geometry.Groups, rows),
                    new ConvolutionKernels.InputGradientKernel(from, w, to, size, SpecializedValue.New(rows)));
            }
        }
    }

    /// <summary>dw = the adjoint in the filters, applied to dy; zero for an empty batch.</summary>
    public static void WeightGradient(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dw, in ConvolutionShape shape) =>
        WeightGradient(stream, x, dy, dw, shape, stream.Accelerator.Properties.IsProcessor);

    internal static void WeightGradient(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dw, in ConvolutionShape shape, bool processor)
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
        int rows = shape.GroupOutputs > 4 * ConvolutionKernels.ThreadRows ? 8 : 4;
        KernelConfig blocks = Blocks(shape.GroupOutputs, columns, groups, rows);
        int positions = shape.Batch * shape.OutputPlane;
        int splits = (int)Math.Clamp(EnoughGroups / blocks.Grid.Size, 1, Math.Max(1, positions / LeastPositions));
        int perSplit = Filled((positions + splits - 1) / splits, ConvolutionKernels.Depth);
        splits = (positions + perSplit - 1) / perSplit;
        KernelConfig config = blocks with { Grid = new Index3D(blocks.Grid.X, blocks.Grid.Y, groups * splits) };
        if (splits == 1)
        {
            stream.Launch(config, new ConvolutionKernels.WeightGradientKernel(x, dy, dw, size, groups, perSplit, SpecializedValue.New(rows)));
            return;
        }

        using MemoryBuffer scratch = stream.Accelerator.Allocate((long)splits * length * sizeof(float));
        ArrayView<float> partial = new(scratch, 0, (long)splits * length);
        stream.Launch(config, new ConvolutionKernels.WeightGradientKernel(x, dy, partial, size, groups, perSplit, SpecializedValue.New(rows)));
        stream.Launch(KernelConfig.Cover(length, GroupSize), new ConvolutionKernels.AddSplitsKernel(partial, dw, length, splits));
    }

    internal static int Filled(int extent, int size) => (extent + size - 1) / size * size;

    private static int ImagesPerLaunch(long inputs, long outputs) => (int)Math.Max(1, MostElements / Math.Max(1, Math.Max(inputs, outputs)));

    // Blocks of 128 rows load less per product, but only where they are full and still enough for all multiprocessors.
    private static int RowsPerThread(int rows, int columns, int groups)
    {
        int tall = 8 * ConvolutionKernels.ThreadRows;
        long blocks = (long)((rows + tall - 1) / tall) * ((columns + ConvolutionKernels.BlockColumns - 1) / ConvolutionKernels.BlockColumns) * groups;
        return rows > tall / 2 && blocks >= EnoughGroups / 2 ? 8 : 4;
    }

    private static KernelConfig Blocks(int rows, int columns, int groups, int rowsPerThread)
    {
        int blockRows = rowsPerThread * ConvolutionKernels.ThreadRows;
        Index3D grid = new(
            (columns + ConvolutionKernels.BlockColumns - 1) / ConvolutionKernels.BlockColumns, (rows + blockRows - 1) / blockRows, groups);
        return new KernelConfig(grid, (GroupSize / ConvolutionKernels.ThreadRows, ConvolutionKernels.ThreadRows));
    }
}
