namespace Thor.Kernels.Kernels;

/// <summary>Maximum and average pooling over dense planes and their adjoints.</summary>
/// <remarks>
/// MaxPool, MaxGather, AveragePool, AverageGradient: groups of 256 threads over all results, one result a thread, no shared memory.
/// MaxPoolPlanes, MaxPoolPairs, MaxScatterPlanes, for processors: one thread a group, some planes a thread.
/// MaxScatter: one group of 256 threads per plane and stretch of <see cref="ScatterStretch"/> inputs, 16 KiB of shared memory.
/// All move each element once and are bound by memory. Sums run in the order of the windows, as on the host.
/// </remarks>
public static partial class PoolingKernels
{
    /// <summary>Elements of a plane that one group of <see cref="MaxScatter"/> owns.</summary>
    public const int ScatterStretch = 2048;

    /// <summary>y = largest element of each window inside the plane, indices = its position: the first of equals, a NaN before every number.</summary>
    [Kernel(MaxGroupSize = 256)]
    public static void MaxPool(ReadOnlyView<float> x, ArrayView<float> y, ArrayView<int> indices, PoolingWindow window, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int outputPlane = window.OutputHeight * window.OutputWidth;
            int plane = i / outputPlane;
            int at = i - (plane * outputPlane);
            Largest(x, plane * window.Height * window.Width, at / window.OutputWidth, at % window.OutputWidth, window, y, indices, i);
        }
    }

    /// <summary>As <see cref="MaxPool"/>, each thread some planes.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void MaxPoolPlanes(
        ReadOnlyView<float> x, ArrayView<float> y, ArrayView<int> indices, PoolingWindow window, int planes, int planesPerThread)
    {
        int first = Grid.IdxX * planesPerThread;
        int last = XMath.Min(planes, first + planesPerThread);
        int target = first * window.OutputHeight * window.OutputWidth;
        for (int plane = first; plane < last; plane++)
        {
            for (int oy = 0; oy < window.OutputHeight; oy++)
            {
                for (int ox = 0; ox < window.OutputWidth; ox++)
                {
                    Largest(x, plane * window.Height * window.Width, oy, ox, window, y, indices, target);
                    target++;
                }
            }
        }
    }

    /// <summary>As <see cref="MaxPoolPlanes"/> for windows of 2 x 2 that move by 2, without padding: loops without branches, which compilers vectorise.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void MaxPoolPairs(
        ReadOnlyView<float> x, ArrayView<float> y, ArrayView<int> indices, int height, int width, int planes, int planesPerThread)
    {
        int outputHeight = height / 2;
        int outputWidth = width / 2;
        int first = Grid.IdxX * planesPerThread;
        int last = XMath.Min(planes, first + planesPerThread);
        for (int row = first * outputHeight; row < last * outputHeight; row++)
        {
            int plane = row / outputHeight;
            int top = 2 * (row - (plane * outputHeight)) * width;
            int source = (plane * height * width) + top;
            int target = row * outputWidth;
            for (int ox = 0; ox < outputWidth; ox++)
            {
                float a = x[source + (2 * ox)];
                float b = x[source + (2 * ox) + 1];
                float c = x[source + width + (2 * ox)];
                float d = x[source + width + (2 * ox) + 1];
                int position = top + (2 * ox);
                bool second = b > a | (XMath.IsNaN(b) & !XMath.IsNaN(a));
                float largest = second ? b : a;
                int best = second ? position + 1 : position;
                bool third = c > largest | (XMath.IsNaN(c) & !XMath.IsNaN(largest));
                largest = third ? c : largest;
                best = third ? position + width : best;
                bool fourth = d > largest | (XMath.IsNaN(d) & !XMath.IsNaN(largest));
                y[target + ox] = fourth ? d : largest;
                indices[target + ox] = fourth ? position + width + 1 : best;
            }
        }
    }

    /// <summary>
    /// dx[plane, j] = sum of the gradients whose index is j, in their order. Each group finds for each of its elements the first and last
    /// gradient that points there, then adds what lies between: one where windows do not overlap, about a row of windows where they do.
    /// </summary>
    [Kernel(MaxGroupSize = 256)]
    public static void MaxScatter(
        ReadOnlyView<float> gradient, ReadOnlyView<int> indices, ArrayView<float> dx, ArrayView<int> faults, int outputs, int inputs)
    {
        ArrayView<int> earliest = SharedMemory.Allocate<int>(ScatterStretch);
        ArrayView<int> latest = SharedMemory.Allocate<int>(ScatterStretch);
        int plane = Grid.IdxX;
        int begin = Grid.IdxY * ScatterStretch;
        int length = XMath.Min(inputs - begin, ScatterStretch);
        for (int j = Group.IdxX; j < length; j += Group.DimX)
        {
            earliest[j] = int.MaxValue;
            latest[j] = -1;
        }

        Group.Barrier();
        for (int i = Group.IdxX; i < outputs; i += Group.DimX)
        {
            int position = indices[(plane * outputs) + i];
            if (position < 0 || position >= inputs)
            {
                DeviceFaults.Record(faults, DeviceFaults.PositionOutsidePlane, (plane * outputs) + i, position, inputs);
            }
            else if (position >= begin && position < begin + length)
            {
                Atomic.Min(ref earliest[position - begin], i);
                Atomic.Max(ref latest[position - begin], i);
            }
        }

        Group.Barrier();
        for (int j = Group.IdxX; j < length; j += Group.DimX)
        {
            float sum = 0f;
            int last = latest[j];
            for (int i = earliest[j]; i <= last; i++)
            {
                if (indices[(plane * outputs) + i] == begin + j)
                {
                    sum += gradient[(plane * outputs) + i];
                }
            }

            dx[(plane * inputs) + begin + j] = sum;
        }
    }

    /// <summary>As <see cref="MaxScatter"/>, each thread some planes.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void MaxScatterPlanes(
        ReadOnlyView<float> gradient, ReadOnlyView<int> indices, ArrayView<float> dx, ArrayView<int> faults, int outputs, int inputs, int planes, int planesPerThread)
    {
        int first = Grid.IdxX * planesPerThread;
        int last = XMath.Min(planes, first + planesPerThread);
        for (int j = first * inputs; j < last * inputs; j++)
        {
            dx[j] = 0f;
        }

        for (int plane = first; plane < last; plane++)
        {
            for (int i = plane * outputs; i < (plane + 1) * outputs; i++)
            {
                int position = indices[i];
                if (position < 0 || position >= inputs)
                {
                    DeviceFaults.Record(faults, DeviceFaults.PositionOutsidePlane, i, position, inputs);
                }
                else
                {
                    dx[(plane * inputs) + position] += gradient[i];
                }
            }
        }
    }

    /// <summary>y[plane, i] = x[plane, indices[plane, i]]; 0 where that is outside the plane.</summary>
    [Kernel(MaxGroupSize = 256)]
    public static void MaxGather(
        ReadOnlyView<float> x, ReadOnlyView<int> indices, ArrayView<float> y, ArrayView<int> faults, int outputs, int inputs, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int position = indices[i];
            if (position < 0 || position >= inputs)
            {
                DeviceFaults.Record(faults, DeviceFaults.PositionOutsidePlane, i, position, inputs);
                y[i] = 0f;
            }
            else
            {
                y[i] = x[(i / outputs * inputs) + position];
            }
        }
    }

    /// <summary>y = mean of the elements of each window that lie inside the plane.</summary>
    [Kernel(MaxGroupSize = 256)]
    public static void AveragePool(ReadOnlyView<float> x, ArrayView<float> y, PoolingWindow window, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int outputPlane = window.OutputHeight * window.OutputWidth;
            int plane = i / outputPlane;
            int at = i - (plane * outputPlane);
            int firstY = (at / window.OutputWidth * window.StrideY) - window.PaddingY;
            int firstX = (at % window.OutputWidth * window.StrideX) - window.PaddingX;
            int top = XMath.Max(0, firstY);
            int bottom = XMath.Min(window.Height, firstY + window.KernelY);
            int left = XMath.Max(0, firstX);
            int right = XMath.Min(window.Width, firstX + window.KernelX);
            float sum = 0f;
            for (int iy = top; iy < bottom; iy++)
            {
                for (int ix = left; ix < right; ix++)
                {
                    sum += x[(((plane * window.Height) + iy) * window.Width) + ix];
                }
            }

            y[i] = sum / (float)((bottom - top) * (right - left));
        }
    }

    /// <summary>dx = for each element, the shares of the gradients of the windows that it lies in.</summary>
    [Kernel(MaxGroupSize = 256)]
    public static void AverageGradient(ReadOnlyView<float> gradient, ArrayView<float> dx, PoolingWindow window, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int plane = i / (window.Height * window.Width);
            int at = i - (plane * window.Height * window.Width);
            int y = (at / window.Width) + window.PaddingY;
            int x = (at % window.Width) + window.PaddingX;
            int firstY = y < window.KernelY ? 0 : ((y - window.KernelY) / window.StrideY) + 1;
            int firstX = x < window.KernelX ? 0 : ((x - window.KernelX) / window.StrideX) + 1;
            int lastY = XMath.Min(window.OutputHeight - 1, y / window.StrideY);
            int lastX = XMath.Min(window.OutputWidth - 1, x / window.StrideX);
            float sum = 0f;
            for (int oy = firstY; oy <= lastY; oy++)
            {
                int top = (oy * window.StrideY) - window.PaddingY;
                int rows = XMath.Min(window.Height, top + window.KernelY) - XMath.Max(0, top);
                for (int ox = firstX; ox <= lastX; ox++)
                {
                    int left = (ox * window.StrideX) - window.PaddingX;
                    int columns = XMath.Min(window.Width, left + window.KernelX) - XMath.Max(0, left);
                    sum += gradient[(((plane * window.OutputHeight) + oy) * window.OutputWidth) + ox] / (float)(rows * columns);
                }
            }

            dx[i] = sum;
        }
    }

    private static void Largest(
        ReadOnlyView<float> x, int planeOffset, int oy, int ox, PoolingWindow window, ArrayView<float> y, ArrayView<int> indices, int target)
    {
        int firstY = (oy * window.StrideY) - window.PaddingY;
        int firstX = (ox * window.StrideX) - window.PaddingX;
        int top = XMath.Max(0, firstY);
        int bottom = XMath.Min(window.Height, firstY + window.KernelY);
        int left = XMath.Max(0, firstX);
        int right = XMath.Min(window.Width, firstX + window.KernelX);
        int best = (top * window.Width) + left;
        float largest = x[planeOffset + best];
        for (int iy = top; iy < bottom; iy++)
        {
            for (int ix = left; ix < right; ix++)
            {
                float value = x[planeOffset + (iy * window.Width) + ix];
                if (value > largest || (XMath.IsNaN(value) && !XMath.IsNaN(largest)))
                {
                    largest = value;
                    best = (iy * window.Width) + ix;
                }
            }
        }

        y[target] = largest;
        indices[target] = best;
    }
}
