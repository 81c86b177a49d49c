namespace Thor.Kernels.Kernels;

/// <content>y = x convolved with w.</content>
public static partial class ConvolutionKernels
{
    /// <summary>y = x cross-correlated with w, plus bias per output channel.</summary>
    /// <param name="x">(batch, inputs, height, width).</param>
    /// <param name="w">(outputs, inputs of a group, kernel y, kernel x).</param>
    /// <param name="bias">(outputs), read if hasBias is not 0.</param>
    /// <param name="y">(batch, outputs, output height, output width).</param>
    /// <param name="size">Sizes.</param>
    /// <param name="hasBias">Not 0 if there is a bias.</param>
    /// <param name="threadRows">Rows of threads: 4, 8 or 16.</param>
    /// <param name="rowsPerThread">4 or 8.</param>
    [Kernel(MaxGroupSize = GroupSize, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(4, 4)]
    [KernelVariants(8, 4)]
    [KernelVariants(16, 4)]
    [KernelVariants(16, 8)]
    public static void Forward(
        ReadOnlyView<float> x,
        ReadOnlyView<float> w,
        ReadOnlyView<float> bias,
        ArrayView<float> y,
        ConvolutionSize size,
        int hasBias,
        SpecializedValue<int> threadRows,
        SpecializedValue<int> rowsPerThread)
    {
        ArrayView<float> weights = SharedMemory.Allocate<float>(2 * Depth * ((threadRows * rowsPerThread) + Skew));
        ArrayView<float> patches = SharedMemory.Allocate<float>(2 * Depth * ((GroupSize / threadRows * ColumnsPerThread) + Skew));
        ArrayView<int> tapOffsets = SharedMemory.Allocate<int>(2 * Depth);
        ArrayView<int> tapsY = SharedMemory.Allocate<int>(2 * Depth);
        ArrayView<int> tapsX = SharedMemory.Allocate<int>(2 * Depth);
        ArrayView<FloatX4> sums = LocalMemory.Allocate<FloatX4>(rowsPerThread);
        ArrayView<float> nextWeights = LocalMemory.Allocate<float>(threadRows * rowsPerThread * Depth / GroupSize);
        ArrayView<float> nextPatches = LocalMemory.Allocate<float>(ColumnsPerThread * Depth / threadRows);
        int weightsPerThread = threadRows * rowsPerThread * Depth / GroupSize;
        int patchesPerThread = ColumnsPerThread * Depth / threadRows;
        int blockRows = threadRows * rowsPerThread;
        int blockColumns = GroupSize / threadRows * ColumnsPerThread;
        int weightPitch = blockRows + Skew;
        int patchPitch = blockColumns + Skew;
        int thread = Group.LinearIndex;
        int group = Grid.IdxZ;
        int firstRow = Grid.IdxY * blockRows;
        int firstColumn = Grid.IdxX * blockColumns;
        int length = size.GroupInputs * size.KernelY * size.KernelX;
        int outputPlane = size.OutputHeight * size.OutputWidth;
        int columns = size.Batch * outputPlane;

        // The thread loads one column of patches, some rows of it; a column past the last lies outside of every image.
        int tileColumn = thread % blockColumns;
        int patchRow = thread / blockColumns;
        int rowStep = GroupSize / blockColumns;
        int column = firstColumn + tileColumn;
        int image = Divisor.Quotient(column, size.ByOutputPlane);
        int position = column - (image * outputPlane);
        int outputY = Divisor.Quotient(position, size.ByOutputWidth);
        int top = (outputY * size.StrideY) - size.PaddingY;
        int left = ((position - (outputY * size.OutputWidth)) * size.StrideX) - size.PaddingX;
        int corner = (((((image * size.Inputs) + (group * size.GroupInputs)) * size.Height) + top) * size.Width) + left;
        top = column < columns ? top : Outside;

        // And one column of weights, some rows of it.
        int weightColumn = thread % Depth;
        int weightRow = thread / Depth;
        int weightOffset = (((group * size.GroupOutputs) + firstRow + weightRow) * length) + weightColumn;
        for (int i = 0; i < rowsPerThread; i++)
        {
            sums[i] = FloatX4.Splat(0f);
        }

        int steps = (length + Depth - 1) / Depth;
        for (int step = -2; step < steps; step++)
        {
            // In flight: taps for the step after the next, elements for the next, products for this one.
            if (thread < Depth && step + 2 < steps)
            {
                int tap = ((step + 2) * Depth) + thread;
                int channel = Divisor.Quotient(tap, size.ByTaps);
                int inFilter = tap - (channel * size.KernelY * size.KernelX);
                int filterY = Divisor.Quotient(inFilter, size.ByKernelX);
                int tapY = filterY * size.DilationY;
                int tapX = (inFilter - (filterY * size.KernelX)) * size.DilationX;
                int slot = ((step + 2) % 2 * Depth) + thread;
                tapOffsets[slot] = (((channel * size.Height) + tapY) * size.Width) + tapX;
                tapsY[slot] = tap < length ? tapY : Outside;
                tapsX[slot] = tapX;
            }

            int set = (step + 1) & 1;
            if (step >= -1 && step + 1 < steps)
            {
                int next = (step + 1) * Depth;
                for (int i = 0; i < weightsPerThread; i++)
                {
                    bool exists = firstRow + weightRow + (i * (GroupSize / Depth)) < size.GroupOutputs && next + weightColumn < length;
                    nextWeights[i] = exists ? w[weightOffset + (i * (GroupSize / Depth) * length) + next] : 0f;
                }

                for (int i = 0; i < patchesPerThread; i++)
                {
                    int slot = (set * Depth) + patchRow + (i * rowStep);
                    bool inside = (uint)(top + tapsY[slot]) < (uint)size.Height && (uint)(left + tapsX[slot]) < (uint)size.Width;
                    nextPatches[i] = inside ? x[corner + tapOffsets[slot]] : 0f;
                }
            }

            if (step >= 0)
            {
                int current = step & 1;
                MultiplyTiles(
                    weights.SubView(current * Depth * weightPitch),
                    weightPitch,
                    patches.SubView(current * Depth * patchPitch),
                    patchPitch,
                    sums,
                    rowsPerThread);
            }

            if (step >= -1 && step + 1 < steps)
            {
                for (int i = 0; i < weightsPerThread; i++)
                {
                    weights[(((set * Depth) + weightColumn) * weightPitch) + weightRow + (i * (GroupSize / Depth))] = nextWeights[i];
                }

                for (int i = 0; i < patchesPerThread; i++)
                {
                    patches[(((set * Depth) + patchRow + (i * rowStep)) * patchPitch) + tileColumn] = nextPatches[i];
                }
            }

            Group.Barrier();
        }

        for (int lane = 0; lane < ColumnsPerThread; lane++)
        {
            int target = firstColumn + (Group.IdxX * ColumnsPerThread) + lane;
            int targetImage = Divisor.Quotient(target, size.ByOutputPlane);
            int firstChannel = (group * size.GroupOutputs) + firstRow + (Group.IdxY * rowsPerThread);
            int offset = (((targetImage * size.Outputs) + firstChannel) * outputPlane) + (target - (targetImage * outputPlane));
            for (int i = 0; i < rowsPerThread; i++)
            {
                if (target < columns && firstRow + (Group.IdxY * rowsPerThread) + i < size.GroupOutputs)
                {
                    float shift = hasBias != 0 ? bias[firstChannel + i] : 0f;
                    y[offset + (i * outputPlane)] = Lane(sums[i], lane) + shift;
                }
            }
        }
    }

    /// <summary>As <see cref="Forward"/>, each thread one element of y.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void ForwardDirect(
        ReadOnlyView<float> x, ReadOnlyView<float> w, ReadOnlyView<float> bias, ArrayView<float> y, ConvolutionSize size, int hasBias, int count)
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

            y[i] = hasBias != 0 ? sum + bias[output] : sum;
        }
    }
}
