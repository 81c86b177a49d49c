using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Launches <see cref="PoolingKernels"/>: shapes and views were validated by the caller.</summary>
public static class PoolingLaunch
{
    private const int GroupSize = 256;

    // Kernels index with ints: more elements than this go in several launches.
    private const int MostElements = 1 << 30;

    // Elements that make it worth waking another thread of a processor.
    private const int ProcessorGrain = 1 << 13;

    /// <summary>y = largest element of each window of (planes, height, width), indices = its position in the plane.</summary>
    public static void Max(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, ArrayView<int> indices, int planes, int height, int width, in Pooling2d geometry) =>
        Max(stream, x, y, indices, planes, height, width, geometry, stream.Accelerator.Properties.IsProcessor);

    internal static void Max(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, ArrayView<int> indices, int planes, int height, int width, in Pooling2d geometry, bool processor)
    {
        PoolingWindow window = PoolingWindow.Of(height, width, geometry);
        int inputs = height * width;
        int outputs = window.OutputHeight * window.OutputWidth;
        int most = PlanesPerLaunch(Math.Max(inputs, outputs));
        for (int first = 0; first < planes; first += most)
        {
            int some = Math.Min(most, planes - first);
            ArrayView<float> from = x.SubView((long)first * inputs, (long)some * inputs);
            ArrayView<float> to = y.SubView((long)first * outputs, (long)some * outputs);
            ArrayView<int> chosen = indices.SubView((long)first * outputs, (long)some * outputs);
            if (!processor)
            {
                stream.Launch(KernelConfig.Cover(some * outputs, GroupSize), new PoolingKernels.MaxPoolKernel(from, to, chosen, window, some * outputs));
                continue;
            }

            int perThread = PlanesPerThread(Math.Max(inputs, outputs));
            KernelConfig config = KernelConfig.Cover((some + perThread - 1) / perThread, 1);
            if (geometry == Pooling2d.Square(2))
            {
                stream.Launch(config, new PoolingKernels.MaxPoolPairsKernel(from, to, chosen, height, width, some, perThread));
            }
            else
            {
                stream.Launch(config, new PoolingKernels.MaxPoolPlanesKernel(from, to, chosen, window, some, perThread));
            }
        }
    }

    /// <summary>dx[plane, indices[plane, i]] += gradient[plane, i], all else 0. An index outside its plane is noted in <paramref name="faults"/>.</summary>
    public static void MaxScatter(
        AcceleratorStream stream, ArrayView<float> gradient, ArrayView<int> indices, ArrayView<float> dx, ArrayView<int> faults, int planes, int outputs, int inputs) =>
        MaxScatter(stream, gradient, indices, dx, faults, planes, outputs, inputs, stream.Accelerator.Properties.IsProcessor);

    internal static void MaxScatter(
        AcceleratorStream stream,
        ArrayView<float> gradient,
        ArrayView<int> indices,
        ArrayView<float> dx,
        ArrayView<int> faults,
        int planes,
        int outputs,
        int inputs,
        bool processor)
    {
        int most = PlanesPerLaunch(Math.Max(inputs, outputs));
        for (int first = 0; first < planes; first += most)
        {
            int some = Math.Min(most, planes - first);
            ArrayView<float> from = gradient.SubView((long)first * outputs, (long)some * outputs);
            ArrayView<int> chosen = indices.SubView((long)first * outputs, (long)some * outputs);
            ArrayView<float> to = dx.SubView((long)first * inputs, (long)some * inputs);
            if (processor)
            {
                int perThread = PlanesPerThread(Math.Max(inputs, outputs));
                stream.Launch(
                    KernelConfig.Cover((some + perThread - 1) / perThread, 1),
                    new PoolingKernels.MaxScatterPlanesKernel(from, chosen, to, faults, outputs, inputs, some, perThread));
            }
            else
            {
                Index3D grid = new(some, (inputs + PoolingKernels.ScatterStretch - 1) / PoolingKernels.ScatterStretch, 1);
                stream.Launch(new KernelConfig(grid, GroupSize), new PoolingKernels.MaxScatterKernel(from, chosen, to, faults, outputs, inputs));
            }
        }
    }

    /// <summary>y[plane, i] = x[plane, indices[plane, i]]. An index outside its plane is noted in <paramref name="faults"/>.</summary>
    public static void MaxGather(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<int> indices, ArrayView<float> y, ArrayView<int> faults, int planes, int outputs, int inputs)
    {
        int most = PlanesPerLaunch(Math.Max(inputs, outputs));
        for (int first = 0; first < planes; first += most)
        {
            int some = Math.Min(most, planes - first);
            ArrayView<float> from = x.SubView((long)first * inputs, (long)some * inputs);
            ArrayView<int> chosen = indices.SubView((long)first * outputs, (long)some * outputs);
            ArrayView<float> to = y.SubView((long)first * outputs, (long)some * outputs);
            stream.Launch(KernelConfig.Cover(some * outputs, GroupSize), new PoolingKernels.MaxGatherKernel(from, chosen, to, faults, outputs, inputs, some * outputs));
        }
    }

    /// <summary>y = mean of the elements of each window of (planes, height, width) that lie inside the plane.</summary>
    public static void Average(AcceleratorStream stream, ArrayView<float> x, ArrayView<float> y, int planes, int height, int width, in Pooling2d geometry)
    {
        PoolingWindow window = PoolingWindow.Of(height, width, geometry);
        int inputs = height * width;
        int outputs = window.OutputHeight * window.OutputWidth;
        int most = PlanesPerLaunch(Math.Max(inputs, outputs));
        for (int first = 0; first < planes; first += most)
        {
            int some = Math.Min(most, planes - first);
            ArrayView<float> from = x.SubView((long)first * inputs, (long)some * inputs);
            ArrayView<float> to = y.SubView((long)first * outputs, (long)some * outputs);
            stream.Launch(KernelConfig.Cover(some * outputs, GroupSize), new PoolingKernels.AveragePoolKernel(from, to, window, some * outputs));
        }
    }

    /// <summary>dx = the adjoint of <see cref="Average"/>, applied to the gradient.</summary>
    public static void AverageGradient(
        AcceleratorStream stream, ArrayView<float> gradient, ArrayView<float> dx, int planes, int height, int width, in Pooling2d geometry)
    {
        PoolingWindow window = PoolingWindow.Of(height, width, geometry);
        int inputs = height * width;
        int outputs = window.OutputHeight * window.OutputWidth;
        int most = PlanesPerLaunch(Math.Max(inputs, outputs));
        for (int first = 0; first < planes; first += most)
        {
            int some = Math.Min(most, planes - first);
            ArrayView<float> from = gradient.SubView((long)first * outputs, (long)some * outputs);
            ArrayView<float> to = dx.SubView((long)first * inputs, (long)some * inputs);
            stream.Launch(KernelConfig.Cover(some * inputs, GroupSize), new PoolingKernels.AverageGradientKernel(from, to, window, some * inputs));
        }
    }

    private static int PlanesPerLaunch(int plane) => Math.Max(1, MostElements / Math.Max(1, plane));

    private static int PlanesPerThread(int plane) => Math.Max(1, ProcessorGrain / Math.Max(1, plane));
}
