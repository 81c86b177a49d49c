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
    /// <param name="rowsPerThread">4 or 8.</param>
    [Kernel(MaxGroupSize = GroupSize, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(4)]
    [KernelVariants(8)]
    public static void WeightGradient(
        ReadOnlyView<float> x,
        ReadOnlyView<float> dy,
        ArrayView<float> splits,
        ConvolutionSize size,
        int groups,
        int positionsPerSplit,
        SpecializedValue<int> rowsPerThread)
    {
        ArrayView<float> gradients = SharedMemory.Allocate<float>(2 * Depth * ((rowsPerThread * ThreadRows) + Skew));
        ArrayView<float> patches = SharedMemory.Allocate<float>(2 * Depth * PatchPitch);
        ArrayView<FloatX4> sums = LocalMemory.Allocate<FloatX4>(rowsPerThread);
        ArrayView<float> nextGradients = LocalMemory.Allocate<float>(rowsPerThread);
        ArrayView<float> nextPatches = LocalMemory.Allocate<float>(PatchesPerThread);
        ArrayView<int> tapOffsets = LocalMemory.Allocate<int>(PatchesPerThread);
        ArrayView<int> tapsY = LocalMemory.Allocate<int>(PatchesPerThread);
        ArrayView<int> tapsX = LocalMemory.Allocate<int>(PatchesPerThread);
        int gradientPitch = (rowsPerThread * ThreadRows) + Skew;
        int thread = (Group.IdxY * ThreadColumns) + Group.IdxX;
        int split = Grid.IdxZ / groups;
        int group = Grid.IdxZ - (split * groups);
        int firstRow = Grid.IdxY * rowsPerThread * ThreadRows;
        int firstColumn = Grid.IdxX * BlockColumns;
        int taps = size.KernelY * size.KernelX;
        int columns = size.GroupInputs * taps;
        int inputPlane = size.Height * size.Width;
        int outputPlane = size.OutputHeight * size.OutputWidth;
        int begin = split * positionsPerSplit;
        int end = XMath.Min(size.Batch * outputPlane, begin + positionsPerSplit);

        // The thread loads one position of some rows of dy and some columns of patches.
        int tileColumn = thread % Depth;
        int tileRow = thread / Depth;
        for (int i = 0; i < PatchesPerThread; i++)
        {
            int tap = firstColumn + tileRow + (i * ThreadRows);
            int channel = Divisor.Quotient(tap, size.ByTaps);
            int inFilter = tap - (channel * taps);
            int filterY = Divisor.Quotient(inFilter, size.ByKernelX);
            tapsY[i] = (filterY * size.DilationY) - size.PaddingY;
            tapsX[i] = ((inFilter - (filterY * size.KernelX)) * size.DilationX) - size.PaddingX;
            tapOffsets[i] = ((group * size.GroupInputs) + channel) * inputPlane;
        }

        for (int i = 0; i < rowsPerThread; i++)
        {
            sums[i] = FloatX4.Splat(0f);
        }

        int steps = (end - begin + Depth - 1) / Depth;
        for (int step = -1; step < steps; step++)
        {
            if (step + 1 < steps)
            {
                int at = begin + ((step + 1) * Depth) + tileColumn;
                bool positionExists = at < end;
                int image = Divisor.Quotient(at, size.ByOutputPlane);
                int position = at - (image * outputPlane);
                int outputY = Divisor.Quotient(position, size.ByOutputWidth);
                int outputX = position - (outputY * size.OutputWidth);
                int gradientOffset = (((image * size.Outputs) + (group * size.GroupOutputs)) * outputPlane) + position;
                int imageOffset = image * size.Inputs * inputPlane;
                for (int i = 0; i < rowsPerThread; i++)
                {
                    int row = firstRow + tileRow + (i * ThreadRows);
                    nextGradients[i] = positionExists && row < size.GroupOutputs ? dy[gradientOffset + (row * outputPlane)] : 0f;
                }

                for (int i = 0; i < PatchesPerThread; i++)
                {
                    int inputY = (outputY * size.StrideY) + tapsY[i];
                    int inputX = (outputX * size.StrideX) + tapsX[i];
                    bool exists = positionExists && firstColumn + tileRow + (i * ThreadRows) < columns
                        && inputY >= 0 && inputY < size.Height && inputX >= 0 && inputX < size.Width;
                    nextPatches[i] = exists ? x[imageOffset + tapOffsets[i] + (inputY * size.Width) + inputX] : 0f;
                }
            }

            if (step >= 0)
            {
                int set = step % 2;
                MultiplyTiles(
                    gradients.SubView(set * Depth * gradientPitch), gradientPitch, patches.SubView(set * Depth * PatchPitch), sums, rowsPerThread);
            }

            if (step + 1 < steps)
            {
                int set = (step + 1) % 2;
                for (int i = 0; i < rowsPerThread; i++)
                {
                    gradients[(((set * Depth) + tileColumn) * gradientPitch) + tileRow + (i * ThreadRows)] = nextGradients[i];
                }

                for (int i = 0; i < PatchesPerThread; i++)
                {
                    patches[(((set * Depth) + tileColumn) * PatchPitch) + tileRow + (i * ThreadRows)] = nextPatches[i];
                }
            }

            Group.Barrier();
        }

        for (int i = 0; i < rowsPerThread; i++)
        {
            int row = firstRow + (Group.IdxY * rowsPerThread) + i;
            if (row < size.GroupOutputs)
            {
                int column = firstColumn + (Group.IdxX * 4);
                int target = (((split * size.Outputs) + (group * size.GroupOutputs) + row) * columns) + column;
                if (column < columns)
                {
                    splits[target] = sums[i].X;
                }

                if (column + 1 < columns)
                {
                    splits[target + 1] = sums[i].Y;
                }

                if (column + 2 < columns)
                {
                    splits[target + 2] = sums[i].Z;
                }

                if (column + 3 < columns)
                {
                    splits[target + 3] = sums[i].W;
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
