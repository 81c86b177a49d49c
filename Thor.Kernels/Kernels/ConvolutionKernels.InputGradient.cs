namespace Thor.Kernels.Kernels;

/// <content>dx = the adjoint of a convolution in its images.</content>
public static partial class ConvolutionKernels
{
    /// <summary>dx (batch, inputs, height, width) = the adjoint in x, applied to dy (batch, outputs, output height, output width).</summary>
    /// <param name="dy">The gradient.</param>
    /// <param name="w">(outputs, inputs of a group, kernel y, kernel x).</param>
    /// <param name="dx">The result.</param>
    /// <param name="size">Sizes of the convolution.</param>
    /// <param name="rowsPerThread">4 or 8.</param>
    [Kernel(MaxGroupSize = GroupSize, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(4)]
    [KernelVariants(8)]
    public static void InputGradient(
        ReadOnlyView<float> dy, ReadOnlyView<float> w, ArrayView<float> dx, ConvolutionSize size, SpecializedValue<int> rowsPerThread)
    {
        ArrayView<float> weights = SharedMemory.Allocate<float>(2 * Depth * ((rowsPerThread * ThreadRows) + Skew));
        ArrayView<float> patches = SharedMemory.Allocate<float>(2 * Depth * PatchPitch);
        ArrayView<FloatX4> sums = LocalMemory.Allocate<FloatX4>(rowsPerThread);
        ArrayView<float> nextWeights = LocalMemory.Allocate<float>(rowsPerThread);
        ArrayView<float> nextPatches = LocalMemory.Allocate<float>(PatchesPerThread);
        int weightPitch = (rowsPerThread * ThreadRows) + Skew;
        int thread = (Group.IdxY * ThreadColumns) + Group.IdxX;
        int group = Grid.IdxZ;
        int firstRow = Grid.IdxY * rowsPerThread * ThreadRows;
        int firstColumn = Grid.IdxX * BlockColumns;
        int taps = size.KernelY * size.KernelX;
        int length = size.GroupOutputs * taps;
        int inputPlane = size.Height * size.Width;
        int outputPlane = size.OutputHeight * size.OutputWidth;
        int columns = size.Batch * inputPlane;

        // The thread loads one column of patches, every fourth row.
        int column = firstColumn + (thread % BlockColumns);
        int patchRow = thread / BlockColumns;
        bool columnExists = column < columns;
        int image = Divisor.Quotient(column, size.ByInputPlane);
        int position = column - (image * inputPlane);
        int pixelY = Divisor.Quotient(position, size.ByWidth);
        int bottom = pixelY + size.PaddingY;
        int right = position - (pixelY * size.Width) + size.PaddingX;
        int imageOffset = ((image * size.Outputs) + (group * size.GroupOutputs)) * outputPlane;

        // And one column of weights of some rows.
        int weightColumn = thread % Depth;
        int weightRow = thread / Depth;

        for (int i = 0; i < rowsPerThread; i++)
        {
            sums[i] = FloatX4.Splat(0f);
        }

        int steps = (length + Depth - 1) / Depth;
        for (int step = -1; step < steps; step++)
        {
            int next = (step + 1) * Depth;
            if (step + 1 < steps)
            {
                int weightOutput = Divisor.Quotient(next + weightColumn, size.ByTaps);
                int weightOffset = (((group * size.GroupOutputs) + weightOutput) * size.GroupInputs * taps) + (next + weightColumn) - (weightOutput * taps);
                for (int i = 0; i < rowsPerThread; i++)
                {
                    int row = firstRow + weightRow + (i * ThreadRows);
                    bool exists = row < size.GroupInputs && next + weightColumn < length;
                    nextWeights[i] = exists ? w[weightOffset + (row * taps)] : 0f;
                }

                for (int i = 0; i < PatchesPerThread; i++)
                {
                    int tap = next + patchRow + (i * (Depth / PatchesPerThread));
                    int channel = Divisor.Quotient(tap, size.ByTaps);
                    int inFilter = tap - (channel * taps);
                    int filterY = Divisor.Quotient(inFilter, size.ByKernelX);
                    int filterX = inFilter - (filterY * size.KernelX);
                    int scaledY = bottom - (filterY * size.DilationY);
                    int scaledX = right - (filterX * size.DilationX);
                    int outputY = Divisor.Quotient(XMath.Max(0, scaledY), size.ByStrideY);
                    int outputX = Divisor.Quotient(XMath.Max(0, scaledX), size.ByStrideX);
                    bool exists = columnExists && tap < length
                        && outputY * size.StrideY == scaledY && outputY < size.OutputHeight
                        && outputX * size.StrideX == scaledX && outputX < size.OutputWidth;
                    nextPatches[i] = exists ? dy[imageOffset + (channel * outputPlane) + (outputY * size.OutputWidth) + outputX] : 0f;
                }
            }

            if (step >= 0)
            {
                int set = step % 2;
                MultiplyTiles(weights.SubView(set * Depth * weightPitch), weightPitch, patches.SubView(set * Depth * PatchPitch), sums, rowsPerThread);
            }

            if (step + 1 < steps)
            {
                int set = (step + 1) % 2;
                for (int i = 0; i < rowsPerThread; i++)
                {
                    weights[(((set * Depth) + weightColumn) * weightPitch) + weightRow + (i * ThreadRows)] = nextWeights[i];
                }

                for (int i = 0; i < PatchesPerThread; i++)
                {
                    patches[(((set * Depth) + patchRow + (i * (Depth / PatchesPerThread))) * PatchPitch) + (thread % BlockColumns)] = nextPatches[i];
                }
            }

            Group.Barrier();
        }

        for (int i = 0; i < rowsPerThread; i++)
        {
            int row = firstRow + (Group.IdxY * rowsPerThread) + i;
            if (row < size.GroupInputs)
            {
                int channel = (group * size.GroupInputs) + row;
                StoreColumns(dx, sums[i], firstColumn + (Group.IdxX * 4), columns, channel, size.Inputs, inputPlane, size.ByInputPlane);
            }
        }
    }

    /// <summary>As <see cref="InputGradient"/>, each thread one element of dx.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void InputGradientDirect(ReadOnlyView<float> dy, ReadOnlyView<float> w, ArrayView<float> dx, ConvolutionSize size, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int plane = Divisor.Quotient(i, size.ByInputPlane);
            int position = i - (plane * size.Height * size.Width);
            int image = plane / size.Inputs;
            int input = plane - (image * size.Inputs);
            int group = input / size.GroupInputs;
            int pixelY = Divisor.Quotient(position, size.ByWidth);
            int bottom = pixelY + size.PaddingY;
            int right = position - (pixelY * size.Width) + size.PaddingX;
            float sum = 0f;
            for (int k = 0; k < size.GroupOutputs; k++)
            {
                int output = (group * size.GroupOutputs) + k;
                int outputPlane = ((image * size.Outputs) + output) * size.OutputHeight;
                int filter = ((output * size.GroupInputs) + input - (group * size.GroupInputs)) * size.KernelY;
                for (int r = 0; r < size.KernelY; r++)
                {
                    int scaledY = bottom - (r * size.DilationY);
                    int outputY = Divisor.Quotient(XMath.Max(0, scaledY), size.ByStrideY);
                    if (outputY * size.StrideY == scaledY && outputY < size.OutputHeight)
                    {
                        for (int s = 0; s < size.KernelX; s++)
                        {
                            int scaledX = right - (s * size.DilationX);
                            int outputX = Divisor.Quotient(XMath.Max(0, scaledX), size.ByStrideX);
                            if (outputX * size.StrideX == scaledX && outputX < size.OutputWidth)
                            {
                                sum = Fused.MultiplyAdd(w[((filter + r) * size.KernelX) + s], dy[((outputPlane + outputY) * size.OutputWidth) + outputX], sum);
                            }
                        }
                    }
                }
            }

            dx[i] = sum;
        }
    }
}
