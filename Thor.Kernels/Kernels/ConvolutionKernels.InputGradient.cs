namespace Thor.Kernels.Kernels;

/// <content>dx = the adjoint of a convolution in its images.</content>
public static partial class ConvolutionKernels
{
    /// <summary>dx (batch, inputs, height, width) = the adjoint in x, applied to dy (batch, outputs, output height, output width).</summary>
    /// <remarks>
    /// Pixels whose padded row and column leave the same rest when divided by the strides form a class: they meet the same taps of the filter,
    /// and at each the gradient is one distance away. A group works on one class, along z of the grid, so that no product is with a zero
    /// between the gradient's rows.
    /// </remarks>
    /// <param name="dy">The gradient.</param>
    /// <param name="w">(outputs, inputs of a group, kernel y, kernel x).</param>
    /// <param name="dx">The result.</param>
    /// <param name="size">Sizes of the convolution.</param>
    /// <param name="threadRows">Rows of threads: 4, 8 or 16.</param>
    /// <param name="rowsPerThread">4 or 8.</param>
    [Kernel(MaxGroupSize = GroupSize, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(4, 4)]
    [KernelVariants(8, 4)]
    [KernelVariants(16, 4)]
    [KernelVariants(16, 8)]
    public static void InputGradient(
        ReadOnlyView<float> dy,
        ReadOnlyView<float> w,
        ArrayView<float> dx,
        ConvolutionSize size,
        SpecializedValue<int> threadRows,
        SpecializedValue<int> rowsPerThread)
    {
        ArrayView<float> weights = SharedMemory.Allocate<float>(2 * Depth * ((threadRows * rowsPerThread) + Skew));
        ArrayView<float> patches = SharedMemory.Allocate<float>(2 * Depth * ((GroupSize / threadRows * ColumnsPerThread) + Skew));
        ArrayView<int> tapOffsets = SharedMemory.Allocate<int>(2 * Depth);
        ArrayView<int> tapWeights = SharedMemory.Allocate<int>(2 * Depth);
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
        int classes = size.StrideY * size.StrideX;
        int group = Grid.IdxZ / classes;
        int restY = (Grid.IdxZ - (group * classes)) / size.StrideX;
        int restX = Grid.IdxZ - (group * classes) - (restY * size.StrideX);
        PixelClass alongY = PixelClass.Of(restY, size.Height, size.KernelY, size.StrideY, size.PaddingY, size.DilationY);
        PixelClass alongX = PixelClass.Of(restX, size.Width, size.KernelX, size.StrideX, size.PaddingX, size.DilationX);
        int taps = alongY.Taps * alongX.Taps;
        int length = size.GroupOutputs * taps;
        int pixels = alongY.Pixels * alongX.Pixels;
        int columns = size.Batch * pixels;
        int firstRow = Grid.IdxY * blockRows;
        int firstColumn = Grid.IdxX * blockColumns;

        // The thread loads one column of patches, some rows of it; a column past the last lies outside of every image.
        int tileColumn = thread % blockColumns;
        int patchRow = thread / blockColumns;
        int rowStep = GroupSize / blockColumns;
        int column = firstColumn + tileColumn;
        int image = column / XMath.Max(1, pixels);
        int pixel = column - (image * pixels);
        int rowOfClass = pixel / XMath.Max(1, alongX.Pixels);
        int pixelY = alongY.FirstPixel + (rowOfClass * size.StrideY);
        int pixelX = alongX.FirstPixel + ((pixel - (rowOfClass * alongX.Pixels)) * size.StrideX);
        int bottom = (pixelY + size.PaddingY) / size.StrideY;
        int right = (pixelX + size.PaddingX) / size.StrideX;
        int corner = (((((image * size.Outputs) + (group * size.GroupOutputs)) * size.OutputHeight) + bottom) * size.OutputWidth) + right;
        bottom = column < columns ? bottom : Outside;

        // And one column of weights, some rows of it.
        int weightColumn = thread % Depth;
        int weightRow = thread / Depth;
        int filter = size.KernelY * size.KernelX;
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
                int channel = tap / taps;
                int inClass = tap - (channel * taps);
                int tapRow = inClass / alongX.Taps;
                int filterY = alongY.FirstTap + (tapRow * alongY.TapStep);
                int filterX = alongX.FirstTap + ((inClass - (tapRow * alongX.Taps)) * alongX.TapStep);
                int tapY = filterY * size.DilationY / size.StrideY;
                int tapX = filterX * size.DilationX / size.StrideX;
                int slot = ((step + 2) % 2 * Depth) + thread;
                tapOffsets[slot] = (((channel * size.OutputHeight) - tapY) * size.OutputWidth) - tapX;
                tapWeights[slot] = (((group * size.GroupOutputs) + channel) * size.GroupInputs * filter) + (filterY * size.KernelX) + filterX;
                tapsY[slot] = tap < length ? -tapY : Outside;
                tapsX[slot] = -tapX;
            }

            int set = (step + 1) & 1;
            if (step >= -1 && step + 1 < steps)
            {
                for (int i = 0; i < weightsPerThread; i++)
                {
                    int row = firstRow + weightRow + (i * (GroupSize / Depth));
                    bool exists = row < size.GroupInputs && ((step + 1) * Depth) + weightColumn < length;
                    nextWeights[i] = exists ? w[tapWeights[(set * Depth) + weightColumn] + (row * filter)] : 0f;
                }

                for (int i = 0; i < patchesPerThread; i++)
                {
                    int slot = (set * Depth) + patchRow + (i * rowStep);
                    bool inside = (uint)(bottom + tapsY[slot]) < (uint)size.OutputHeight && (uint)(right + tapsX[slot]) < (uint)size.OutputWidth;
                    nextPatches[i] = inside ? dy[corner + tapOffsets[slot]] : 0f;
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
            int targetImage = target / XMath.Max(1, pixels);
            int targetPixel = target - (targetImage * pixels);
            int targetRow = targetPixel / XMath.Max(1, alongX.Pixels);
            int targetY = alongY.FirstPixel + (targetRow * size.StrideY);
            int targetX = alongX.FirstPixel + ((targetPixel - (targetRow * alongX.Pixels)) * size.StrideX);
            int firstChannel = (group * size.GroupInputs) + firstRow + (Group.IdxY * rowsPerThread);
            int offset = (((((targetImage * size.Inputs) + firstChannel) * size.Height) + targetY) * size.Width) + targetX;
            for (int i = 0; i < rowsPerThread; i++)
            {
                if (target < columns && firstRow + (Group.IdxY * rowsPerThread) + i < size.GroupInputs)
                {
                    dx[offset + (i * size.Height * size.Width)] = Lane(sums[i], lane);
                }
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
