namespace Thor.Kernels.Kernels;

/// <content>y = x convolved with w.</content>
public static partial class ConvolutionKernels
{
    /// <summary>y = x cross-correlated with w, plus bias per output channel.</summary>
    /// <param name="x">(batch, inputs, height, width).</param>
    /// <param name="w">(outputs, inputs of a group, kernel y, kernel x).</param>
    /// <param name="bias">(outputs), read if hasBias.</param>
    /// <param name="y">(batch, outputs, output height, output width).</param>
    /// <param name="size">Sizes.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="rowsPerThread">4 or 8.</param>
    [Kernel(MaxGroupSize = GroupSize, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(4)]
    [KernelVariants(8)]
    public static void Forward(
        ReadOnlyView<float> x,
        ReadOnlyView<float> w,
        ReadOnlyView<float> bias,
        ArrayView<float> y,
        ConvolutionSize size,
        bool hasBias,
        SpecializedValue<int> rowsPerThread)
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
        int length = size.GroupInputs * taps;
        int outputPlane = size.OutputHeight * size.OutputWidth;
        int columns = size.Batch * outputPlane;

        // The thread loads one column of patches, every fourth row.
        int column = firstColumn + (thread % BlockColumns);
        int patchRow = thread / BlockColumns;
        bool columnExists = column < columns;
        int image = Divisor.Quotient(column, size.ByOutputPlane);
        int position = column - (image * outputPlane);
        int outputY = Divisor.Quotient(position, size.ByOutputWidth);
        int top = (outputY * size.StrideY) - size.PaddingY;
        int left = ((position - (outputY * size.OutputWidth)) * size.StrideX) - size.PaddingX;
        int imageOffset = ((image * size.Inputs) + (group * size.GroupInputs)) * size.Height * size.Width;

        // And one column of weights of some rows.
        int weightColumn = thread % Depth;
        int weightRow = thread / Depth;
        int weightOffset = ((group * size.GroupOutputs) + firstRow + weightRow) * length;

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
                for (int i = 0; i < rowsPerThread; i++)
                {
                    int row = firstRow + weightRow + (i * ThreadRows);
                    bool exists = row < size.GroupOutputs && next + weightColumn < length;
                    nextWeights[i] = exists ? w[weightOffset + (i * ThreadRows * length) + next + weightColumn] : 0f;
                }

                for (int i = 0; i < PatchesPerThread; i++)
                {
                    int tap = next + patchRow + (i * (Depth / PatchesPerThread));
                    int channel = Divisor.Quotient(tap, size.ByTaps);
                    int inFilter = tap - (channel * taps);
                    int filterY = Divisor.Quotient(inFilter, size.ByKernelX);
                    int filterX = inFilter - (filterY * size.KernelX);
                    int inputY = top + (filterY * size.DilationY);
                    int inputX = left + (filterX * size.DilationX);
                    bool exists = columnExists && tap < length && inputY >= 0 && inputY < size.Height && inputX >= 0 && inputX < size.Width;
                    nextPatches[i] = exists ? x[imageOffset + (((channel * size.Height) + inputY) * size.Width) + inputX] : 0f;
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
            if (row < size.GroupOutputs)
            {
                int channel = (group * size.GroupOutputs) + row;
                float shift = hasBias ? bias[channel] : 0f;
                StoreColumns(
                    y, sums[i] + FloatX4.Splat(shift), firstColumn + (Group.IdxX * 4), columns, channel, size.Outputs, outputPlane, size.ByOutputPlane);
            }
        }
    }

    /// <summary>As <see cref="Forward"/>, each thread one element of y.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void ForwardDirect(
        ReadOnlyView<float> x, ReadOnlyView<float> w, ReadOnlyView<float> bias, ArrayView<float> y, ConvolutionSize size, bool hasBias, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int plane = Divisor.Quotient(i, size.ByOutputPlane);
            int position = i - (plane * size.OutputHeight * size.OutputWidth);
            int image = plane / size.Outputs;
            int output = plane - (image * size.Outputs);
            int outputY = Divisor.Quotient(position, size.ByOutputWidth);
            int top = (outputY * size.StrideY) - size.PaddingY;
            int left = ((position - (outputY * size.OutputWidth)) * size.StrideX) - size.PaddingX;
            int firstInput = output / size.GroupOutputs * size.GroupInputs;
            float sum = 0f;
            for (int c = 0; c < size.GroupInputs; c++)
            {
                int inputPlane = ((image * size.Inputs) + firstInput + c) * size.Height;
                int filter = ((output * size.GroupInputs) + c) * size.KernelY;
                for (int r = 0; r < size.KernelY; r++)
                {
                    int inputY = top + (r * size.DilationY);
                    if (inputY >= 0 && inputY < size.Height)
                    {
                        for (int s = 0; s < size.KernelX; s++)
                        {
                            int inputX = left + (s * size.DilationX);
                            if (inputX >= 0 && inputX < size.Width)
                            {
                                sum = Fused.MultiplyAdd(w[((filter + r) * size.KernelX) + s], x[((inputPlane + inputY) * size.Width) + inputX], sum);
                            }
                        }
                    }
                }
            }

            y[i] = hasBias ? sum + bias[output] : sum;
        }
    }

    /// <summary>sums += the product of a tile of weights (Depth, rows) and one of patches (Depth, columns), the calling thread's part.</summary>
    private static void MultiplyTiles(ArrayView<float> weights, int weightPitch, ArrayView<float> patches, ArrayView<FloatX4> sums, int rowsPerThread)
    {
        for (int k = 0; k < Depth; k++)
        {
            FloatX4 patch = patches.Cast<FloatX4>()[(k * (PatchPitch / 4)) + Group.IdxX];
            for (int i = 0; i < rowsPerThread; i += 4)
            {
                FloatX4 weight = weights.Cast<FloatX4>()[((k * weightPitch) + (Group.IdxY * rowsPerThread) + i) / 4];
                sums[i] = Fused.MultiplyAdd(weight.X, patch, sums[i]);
                sums[i + 1] = Fused.MultiplyAdd(weight.Y, patch, sums[i + 1]);
                sums[i + 2] = Fused.MultiplyAdd(weight.Z, patch, sums[i + 2]);
                sums[i + 3] = Fused.MultiplyAdd(weight.W, patch, sums[i + 3]);
            }
        }
    }

    /// <summary>Writes four neighbouring columns, which may lie in different images, of a channel.</summary>
    private static void StoreColumns(
        ArrayView<float> target, FloatX4 values, int column, int columns, int channel, int channels, int plane, Divisor byPlane)
    {
        if (column < columns)
        {
            StoreColumn(target, values.X, column, channel, channels, plane, byPlane);
        }

        if (column + 1 < columns)
        {
            StoreColumn(target, values.Y, column + 1, channel, channels, plane, byPlane);
        }

        if (column + 2 < columns)
        {
            StoreColumn(target, values.Z, column + 2, channel, channels, plane, byPlane);
        }

        if (column + 3 < columns)
        {
            StoreColumn(target, values.W, column + 3, channel, channels, plane, byPlane);
        }
    }

    private static void StoreColumn(ArrayView<float> target, float value, int column, int channel, int channels, int plane, Divisor byPlane)
    {
        int image = Divisor.Quotient(column, byPlane);
        target[(((image * channels) + channel) * plane) + (column - (image * plane))] = value;
    }
}
