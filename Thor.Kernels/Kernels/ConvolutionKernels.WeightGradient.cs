namespace Thor.Kernels.Kernels;

/// <content>dw = the adjoint of a convolution in its filters.</content>
public static partial class ConvolutionKernels
{
    /// <summary>
    /// splits[split] (outputs, inputs of a group, kernel y, kernel x) = the adjoint in w, applied to dy, over positions
    /// [split * positionsPerSplit, (split + 1) * positionsPerSplit) of all images.
    /// </summary>
    /// <param name="x">(batch, inputs, height, width).</param>
    /// <param name="dy">(batch, outputs, output height, output width).</param>
    /// <param name="splits">The results.</param>
    /// <param name="size">Sizes of the convolution.</param>
    /// <param name="groups">Groups of channels; along z the grid has this many for each split.</param>
    /// <param name="positionsPerSplit">A multiple of <see cref="Depth"/>.</param>
    /// <param name="threadRows">Rows of threads: 4, 8 or 16.</param>
    /// <param name="rowsPerThread">4 or 8.</param>
    [Kernel(MaxGroupSize = GroupSize, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(4, 4)]
    [KernelVariants(8, 4)]
    [KernelVariants(16, 4)]
    [KernelVariants(16, 8)]
    public static void WeightGradient(
        ReadOnlyView<float> x,
        ReadOnlyView<float> dy,
        ArrayView<float> splits,
        ConvolutionSize size,
        int groups,
        int positionsPerSplit,
        SpecializedValue<int> threadRows,
        SpecializedValue<int> rowsPerThread)
    {
        ArrayView<float> gradients = SharedMemory.Allocate<float>(2 * Depth * ((threadRows * rowsPerThread) + Skew));
        ArrayView<float> patches = SharedMemory.Allocate<float>(2 * Depth * ((GroupSize / threadRows * ColumnsPerThread) + Skew));
        ArrayView<int> tapOffsets = SharedMemory.Allocate<int>(GroupSize / threadRows * ColumnsPerThread);
        ArrayView<int> tapsY = SharedMemory.Allocate<int>(GroupSize / threadRows * ColumnsPerThread);
        ArrayView<int> tapsX = SharedMemory.Allocate<int>(GroupSize / threadRows * ColumnsPerThread);
        ArrayView<FloatX4> sums = LocalMemory.Allocate<FloatX4>(rowsPerThread);
        ArrayView<float> nextGradients = LocalMemory.Allocate<float>(threadRows * rowsPerThread * Depth / GroupSize);
        ArrayView<float> nextPatches = LocalMemory.Allocate<float>(ColumnsPerThread * Depth / threadRows);
        int gradientsPerThread = threadRows * rowsPerThread * Depth / GroupSize;
        int patchesPerThread = ColumnsPerThread * Depth / threadRows;
        int blockRows = threadRows * rowsPerThread;
        int blockColumns = GroupSize / threadRows * ColumnsPerThread;
        int gradientPitch = blockRows + Skew;
        int patchPitch = blockColumns + Skew;
        int thread = Group.LinearIndex;
        int split = Grid.IdxZ / groups;
        int group = Grid.IdxZ - (split * groups);
        int firstRow = Grid.IdxY * blockRows;
        int firstColumn = Grid.IdxX * blockColumns;
        int columns = size.GroupInputs * size.KernelY * size.KernelX;
        int outputPlane = size.OutputHeight * size.OutputWidth;
        int begin = split * positionsPerSplit;
        int end = XMath.Min(size.Batch * outputPlane, begin + positionsPerSplit);
        for (int column = thread; column < blockColumns; column += GroupSize)
        {
            int tap = firstColumn + column;
            int channel = Divisor.Quotient(tap, size.ByTaps);
            int inFilter = tap - (channel * size.KernelY * size.KernelX);
            int filterY = Divisor.Quotient(inFilter, size.ByKernelX);
            int tapY = (filterY * size.DilationY) - size.PaddingY;
            int tapX = ((inFilter - (filterY * size.KernelX)) * size.DilationX) - size.PaddingX;
            tapOffsets[column] = (((((group * size.GroupInputs) + channel) * size.Height) + tapY) * size.Width) + tapX;
            tapsY[column] = tap < columns ? tapY : Outside;
            tapsX[column] = tapX;
        }

        for (int i = 0; i < rowsPerThread; i++)
        {
            sums[i] = FloatX4.Splat(0f);
        }

        // The thread loads one position of some rows of dy and of some columns of patches.
        int tileColumn = thread % Depth;
        int tileRow = thread / Depth;
        int steps = (end - begin + Depth - 1) / Depth;
        Group.Barrier();
        for (int step = -1; step < steps; step++)
        {
            int set = (step + 1) & 1;
            if (step + 1 < steps)
            {
                int at = begin + ((step + 1) * Depth) + tileColumn;
                int image = Divisor.Quotient(at, size.ByOutputPlane);
                int position = at - (image * outputPlane);
                int outputY = Divisor.Quotient(position, size.ByOutputWidth);
                int top = outputY * size.StrideY;
                int left = (position - (outputY * size.OutputWidth)) * size.StrideX;
                int corner = (((image * size.Inputs * size.Height) + top) * size.Width) + left;
                top = at < end ? top : Outside;
                int gradientOffset = (((image * size.Outputs) + (group * size.GroupOutputs) + firstRow + tileRow) * outputPlane) + position;
                for (int i = 0; i < gradientsPerThread; i++)
                {
                    bool exists = at < end && firstRow + tileRow + (i * (GroupSize / Depth)) < size.GroupOutputs;
                    nextGradients[i] = exists ? dy[gradientOffset + (i * (GroupSize / Depth) * outputPlane)] : 0f;
                }

                for (int i = 0; i < patchesPerThread; i++)
                {
                    int column = tileRow + (i * (GroupSize / Depth));
                    bool inside = (uint)(top + tapsY[column]) < (uint)size.Height && (uint)(left + tapsX[column]) < (uint)size.Width;
                    nextPatches[i] = inside ? x[corner + tapOffsets[column]] : 0f;
                }
            }

            if (step >= 0)
            {
                int current = step & 1;
                MultiplyTiles(
                    gradients.SubView(current * Depth * gradientPitch),
                    gradientPitch,
                    patches.SubView(current * Depth * patchPitch),
                    patchPitch,
                    sums,
                    rowsPerThread);
            }

            if (step + 1 < steps)
            {
                for (int i = 0; i < gradientsPerThread; i++)
                {
                    gradients[(((set * Depth) + tileColumn) * gradientPitch) + tileRow + (i * (GroupSize / Depth))] = nextGradients[i];
                }

                for (int i = 0; i < patchesPerThread; i++)
                {
                    patches[(((set * Depth) + tileColumn) * patchPitch) + tileRow + (i * (GroupSize / Depth))] = nextPatches[i];
                }
            }

            Group.Barrier();
        }

        for (int lane = 0; lane < ColumnsPerThread; lane++)
        {
            int column = firstColumn + (Group.IdxX * ColumnsPerThread) + lane;
            int firstChannel = (group * size.GroupOutputs) + firstRow + (Group.IdxY * rowsPerThread);
            int offset = (((split * size.Outputs) + firstChannel) * columns) + column;
            for (int i = 0; i < rowsPerThread; i++)
            {
                if (column < columns && firstRow + (Group.IdxY * rowsPerThread) + i < size.GroupOutputs)
                {
                    splits[offset + (i * columns)] = Lane(sums[i], lane);
                }
            }
        }
    }

    /// <summary>dw[i] = the sum over splits of splits[split, i], in order.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void AddSplits(ReadOnlyView<float> splits, ArrayView<float> dw, int length, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < length)
        {
            float sum = 0f;
            for (int split = 0; split < count; split++)
            {
                sum += splits[(split * length) + i];
            }

            dw[i] = sum;
        }
    }

    /// <summary>As <see cref="WeightGradient"/> over all positions, each group of 256 threads one element of dw.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void WeightGradientDirect(ReadOnlyView<float> x, ReadOnlyView<float> dy, ArrayView<float> dw, ConvolutionSize size)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSize);
        int taps = size.KernelY * size.KernelX;
        int columns = size.GroupInputs * taps;
        int output = Grid.IdxX / columns;
        int tap = Grid.IdxX - (output * columns);
        int channel = Divisor.Quotient(tap, size.ByTaps);
        int inFilter = tap - (channel * taps);
        int filterY = Divisor.Quotient(inFilter, size.ByKernelX);
        int tapY = (filterY * size.DilationY) - size.PaddingY;
        int tapX = ((inFilter - (filterY * size.KernelX)) * size.DilationX) - size.PaddingX;
        int input = (output / size.GroupOutputs * size.GroupInputs) + channel;
        int outputPlane = size.OutputHeight * size.OutputWidth;
        float sum = 0f;
        for (int at = Group.IdxX; at < size.Batch * outputPlane; at += GroupSize)
        {
            int image = Divisor.Quotient(at, size.ByOutputPlane);
            int position = at - (image * outputPlane);
            int outputY = Divisor.Quotient(position, size.ByOutputWidth);
            int inputY = (outputY * size.StrideY) + tapY;
            int inputX = ((position - (outputY * size.OutputWidth)) * size.StrideX) + tapX;
            if (inputY >= 0 && inputY < size.Height && inputX >= 0 && inputX < size.Width)
            {
                float g = dy[(((image * size.Outputs) + output) * outputPlane) + position];
                sum = Fused.MultiplyAdd(g, x[((((image * size.Inputs) + input) * size.Height) + inputY) * size.Width + inputX], sum);
            }
        }

        shared[Group.IdxX] = sum;
        RowReduction.Sum(shared, GroupSize);
        if (Group.IdxX == 0)
        {
            dw[Grid.IdxX] = shared[0];
        }
    }
}
