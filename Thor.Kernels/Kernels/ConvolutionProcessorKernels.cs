namespace Thor.Kernels.Kernels;

/// <summary>Convolution and its two adjoints for processors: products of registers over padded copies of the images.</summary>
/// <remarks>
/// One thread a group. Pad copies images so that no tap of any output leaves them; Taps lists how far each tap of the filter is from the place
/// of an output; PackWeights puts the filters of some output channels next to each other. Correlate then gives each thread
/// <c>channels</c> output channels of some vectors of 16 neighbouring outputs, two vectors at a time: per tap two loads, one broadcast and
/// two multiply-adds per channel. WeightSums gives each thread 4 output channels by 4 taps, with the positions of some images along the
/// vectors: 8 loads for 16 multiply-adds. Padded copies take height and width of the filter more than the images.
/// </remarks>
public static partial class ConvolutionProcessorKernels
{
    /// <summary>Lanes of a vector.</summary>
    public const int Count = 16;

    /// <summary>Output channels, and taps, of a thread of <see cref="WeightSums"/>.</summary>
    public const int WeightBlock = 4;

    /// <summary>Copies planes into padded planes whose other elements become zero, some planes a thread.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Pad(ReadOnlyView<float> x, ArrayView<float> padded, PaddedCopy copy, int planes, int planesPerThread)
    {
        int last = XMath.Min(planes, (Grid.IdxX + 1) * planesPerThread);
        for (int plane = Grid.IdxX * planesPerThread; plane < last; plane++)
        {
            ReadOnlyView<float> source = x.SubView((long)plane * copy.Height * copy.Width, copy.Height * copy.Width);
            ArrayView<float> target = padded.SubView((long)plane * copy.Plane, copy.Plane);
            for (int i = 0; i < copy.Plane; i++)
            {
                target[i] = 0f;
            }

            for (int y = 0; y < copy.Height; y++)
            {
                int row = (y * copy.StepY) + copy.Top;
                int rowInPhase = row / copy.PhasesY;
                if (row >= 0 && rowInPhase < copy.Rows)
                {
                    int phase = (row - (rowInPhase * copy.PhasesY)) * copy.PhasesX;
                    CopyRow(source, y * copy.Width, target, ((phase * copy.Rows) + rowInPhase) * copy.Pitch, copy);
                }
            }
        }
    }

    /// <summary>taps[(channel * kernel y + r) * kernel x + s] = distance of that tap from the place of an output, in a group's padded planes.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Taps(ArrayView<int> taps, CorrelationSize size)
    {
        int channel = Grid.IdxX;
        for (int r = 0; r < size.KernelY; r++)
        {
            int row = r * size.DilationY / size.StrideY;
            int phaseY = (r * size.DilationY) - (row * size.StrideY);
            for (int s = 0; s < size.KernelX; s++)
            {
                int column = s * size.DilationX / size.StrideX;
                int phaseX = (s * size.DilationX) - (column * size.StrideX);
                int phase = (phaseY * size.StrideX) + phaseX;
                taps[(((channel * size.KernelY) + r) * size.KernelX) + s] =
                    (channel * size.Plane) + (((phase * size.Rows) + row) * size.Pitch) + column;
            }
        }
    }

    /// <summary>
    /// packed[group, block, tap, channel] = the weight of a tap (input channel, r, s) for an output channel of the block; 0 for channels past
    /// the last.
    /// </summary>
    /// <param name="w">Filters.</param>
    /// <param name="packed">The result.</param>
    /// <param name="size">Sizes; the grid is (input channels, blocks, groups).</param>
    /// <param name="groupStride">Elements of a group's filters.</param>
    /// <param name="outputStride">Elements from one output channel to the next.</param>
    /// <param name="inputStride">Elements from one input channel to the next.</param>
    /// <param name="turned">Not 0 if filters are turned by 180 degrees.</param>
    /// <param name="channels">Output channels of a block.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void PackWeights(
        ReadOnlyView<float> w,
        ArrayView<float> packed,
        CorrelationSize size,
        int groupStride,
        int outputStride,
        int inputStride,
        int turned,
        int channels)
    {
        int taps = size.KernelY * size.KernelX;
        int target = ((((Grid.IdxZ * Grid.DimY) + Grid.IdxY) * size.Inputs) + Grid.IdxX) * taps * channels;
        for (int tap = 0; tap < taps; tap++)
        {
            int source = (Grid.IdxZ * groupStride) + (Grid.IdxX * inputStride) + (turned != 0 ? taps - 1 - tap : tap);
            for (int j = 0; j < channels; j++)
            {
                int output = (Grid.IdxY * channels) + j;
                packed[target] = output < size.Outputs ? w[source + (output * outputStride)] : 0f;
                target++;
            }
        }
    }

    /// <summary>y = padded images cross-correlated with packed filters, plus bias per output channel if there is one.</summary>
    /// <param name="padded">From <see cref="Pad"/>.</param>
    /// <param name="packed">From <see cref="PackWeights"/>.</param>
    /// <param name="taps">From <see cref="Taps"/>.</param>
    /// <param name="bias">(outputs of all groups), read if hasBias is not 0.</param>
    /// <param name="y">(batch, outputs of all groups, output height, output width).</param>
    /// <param name="size">Sizes; the grid is (blocks of channels, ranges of vectors, images * groups).</param>
    /// <param name="hasBias">Not 0 if there is a bias.</param>
    /// <param name="vectorsPerThread">Vectors of a range, even.</param>
    /// <param name="channels">Output channels of a block.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void Correlate(
        ReadOnlyView<float> padded,
        ReadOnlyView<float> packed,
        ReadOnlyView<int> taps,
        ReadOnlyView<float> bias,
        ArrayView<float> y,
        CorrelationSize size,
        int hasBias,
        int vectorsPerThread,
        SpecializedValue<int> channels)
    {
        ArrayView<FloatX16> first = LocalMemory.Allocate<FloatX16>(channels);
        ArrayView<FloatX16> second = LocalMemory.Allocate<FloatX16>(channels);
        ArrayView<float> lanes = LocalMemory.Allocate<float>(Count);
        int image = Grid.IdxZ / size.Groups;
        int group = Grid.IdxZ - (image * size.Groups);
        int length = size.Inputs * size.KernelY * size.KernelX;
        int outputPlane = size.OutputHeight * size.OutputWidth;
        int firstOutput = Grid.IdxX * channels;
        int vectors = Vectors(size.OutputHeight, size.OutputWidth, size.Pitch);
        ReadOnlyView<float> source = padded.SubView((long)Grid.IdxZ * size.Inputs * size.Plane);
        ReadOnlyView<float> weights = packed.SubView((long)((group * Grid.DimX) + Grid.IdxX) * length * channels, length * channels);
        int last = XMath.Min(vectors, (Grid.IdxY + 1) * vectorsPerThread);
        for (int vector = Grid.IdxY * vectorsPerThread; vector < last; vector += 2)
        {
            VectorPlace place = Place(vector, size);
            VectorPlace other = Place(XMath.Min(vector + 1, last - 1), size);
            for (int j = 0; j < channels; j++)
            {
                float start = hasBias != 0 && firstOutput + j < size.Outputs ? bias[(group * size.Outputs) + firstOutput + j] : 0f;
                first[j] = FloatX16.Splat(start);
                second[j] = FloatX16.Splat(start);
            }

            for (int tap = 0; tap < length; tap++)
            {
                FloatX16 a = ProcessorLanes.Load16(source, place.Source + taps[tap]);
                FloatX16 b = ProcessorLanes.Load16(source, other.Source + taps[tap]);
                for (int j = 0; j < channels; j++)
                {
                    float weight = weights[(tap * channels) + j];
                    first[j] = Fused.MultiplyAdd(weight, a, first[j]);
                    second[j] = Fused.MultiplyAdd(weight, b, second[j]);
                }
            }

            for (int j = 0; j < channels; j++)
            {
                if (firstOutput + j < size.Outputs)
                {
                    int channel = (((image * size.Groups) + group) * size.Outputs) + firstOutput + j;
                    StoreVector(y, channel * outputPlane, first[j], place, vector + 1 < last, lanes, size);
                    if (vector + 1 < last)
                    {
                        StoreVector(y, channel * outputPlane, second[j], other, vector + 2 < last, lanes, size);
                    }
                }
            }
        }
    }

    /// <summary>
    /// splits[segment] (outputs, inputs of a group, taps) = the sum over the positions of some images of padded dy times padded x.
    /// </summary>
    /// <param name="padded">Images, from <see cref="Pad"/>.</param>
    /// <param name="gradient">dy, from <see cref="Pad"/>: rows as long as a phase's, gradientPlane elements a plane, zero past dy.</param>
    /// <param name="taps">From <see cref="Taps"/>.</param>
    /// <param name="splits">The results.</param>
    /// <param name="size">Sizes of the convolution; the grid is (blocks of taps, blocks of output channels * groups, segments).</param>
    /// <param name="imagesPerSegment">Images of a segment.</param>
    /// <param name="gradientPlane">Elements of a padded plane of dy, a multiple of 16.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void WeightSums(
        ReadOnlyView<float> padded,
        ReadOnlyView<float> gradient,
        ReadOnlyView<int> taps,
        ArrayView<float> splits,
        CorrelationSize size,
        int imagesPerSegment,
        int gradientPlane)
    {
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(WeightBlock * WeightBlock);
        ArrayView<int> distances = LocalMemory.Allocate<int>(WeightBlock);
        ArrayView<int> rows = LocalMemory.Allocate<int>(WeightBlock);
        ArrayView<FloatX16> patches = LocalMemory.Allocate<FloatX16>(WeightBlock);
        int length = size.Inputs * size.KernelY * size.KernelX;
        int firstTap = Grid.IdxX * WeightBlock;
        int blocks = (size.Outputs + WeightBlock - 1) / WeightBlock;
        int group = Grid.IdxY / blocks;
        int firstOutput = (Grid.IdxY - (group * blocks)) * WeightBlock;
        for (int i = 0; i < WeightBlock; i++)
        {
            // What lies past the last tap or channel repeats the last and is not stored.
            distances[i] = taps[XMath.Min(firstTap + i, length - 1)];
            rows[i] = XMath.Min(firstOutput + i, size.Outputs - 1) * gradientPlane;
        }

        for (int i = 0; i < WeightBlock * WeightBlock; i++)
        {
            sums[i] = FloatX16.Splat(0f);
        }

        int end = XMath.Min(size.Batch, (Grid.IdxZ + 1) * imagesPerSegment);
        for (int image = Grid.IdxZ * imagesPerSegment; image < end; image++)
        {
            ReadOnlyView<float> source = padded.SubView((long)((image * size.Groups) + group) * size.Inputs * size.Plane);
            ReadOnlyView<float> slopes = gradient.SubView((long)((image * size.Groups) + group) * size.Outputs * gradientPlane);
            for (int at = 0; at < gradientPlane; at += Count)
            {
                for (int i = 0; i < WeightBlock; i++)
                {
                    patches[i] = ProcessorLanes.Load16(source, distances[i] + at);
                }

                for (int j = 0; j < WeightBlock; j++)
                {
                    FloatX16 slope = ProcessorLanes.Load16(slopes, rows[j] + at);
                    for (int i = 0; i < WeightBlock; i++)
                    {
                        sums[(j * WeightBlock) + i] = Fused.MultiplyAdd(slope, patches[i], sums[(j * WeightBlock) + i]);
                    }
                }
            }
        }

        for (int j = 0; j < WeightBlock; j++)
        {
            for (int i = 0; i < WeightBlock; i++)
            {
                if (firstOutput + j < size.Outputs && firstTap + i < length)
                {
                    int output = (((Grid.IdxZ * size.Groups) + group) * size.Outputs) + firstOutput + j;
                    splits[(output * length) + firstTap + i] = ProcessorLanes.Sum(sums[(j * WeightBlock) + i]);
                }
            }
        }
    }

    /// <summary>Vectors that cover an output plane, by rows or over whole planes, whichever takes fewer.</summary>
    internal static int Vectors(int outputHeight, int outputWidth, int pitch)
    {
        int byRows = outputHeight * ((outputWidth + Count - 1) / Count);
        int overPlane = ((((outputHeight - 1) * pitch) + outputWidth) + Count - 1) / Count;
        return outputWidth >= Count ? byRows : XMath.Min(byRows, overPlane);
    }

    private static void CopyRow(ReadOnlyView<float> source, int from, ArrayView<float> target, int to, PaddedCopy copy)
    {
        int firstX = copy.Left < 0 ? (copy.StepX - 1 - copy.Left) / copy.StepX : 0;
        if (copy.PhasesX == 1 && copy.StepX == 1)
        {
            int end = XMath.Min(copy.Width, copy.Pitch - copy.Left);
            for (int x = firstX; x < end; x++)
            {
                target[to + copy.Left + x] = source[from + x];
            }
        }
        else
        {
            for (int x = firstX; x < copy.Width; x++)
            {
                int column = (x * copy.StepX) + copy.Left;
                int columnInPhase = column / copy.PhasesX;
                if (columnInPhase < copy.Pitch)
                {
                    int phase = column - (columnInPhase * copy.PhasesX);
                    target[to + (phase * copy.Rows * copy.Pitch) + columnInPhase] = source[from + x];
                }
            }
        }
    }

    /// <summary>
    /// Where a vector is. By rows, the last vector of a row overlaps the one before, or reaches into the next row where a row is shorter than
    /// a vector. Over a whole padded plane, what lies between output rows is computed and dropped.
    /// </summary>
    private static VectorPlace Place(int vector, CorrelationSize size)
    {
        VectorPlace place;
        if (IsByRows(size))
        {
            int perRow = (size.OutputWidth + Count - 1) / Count;
            place.Row = vector / perRow;
            place.Column = XMath.Max(0, XMath.Min((vector - (place.Row * perRow)) * Count, size.OutputWidth - Count));
            place.Source = (place.Row * size.Pitch) + place.Column;
        }
        else
        {
            place.Source = vector * Count;
            place.Row = place.Source / size.Pitch;
            place.Column = place.Source - (place.Row * size.Pitch);
        }

        return place;
    }

    private static bool IsByRows(CorrelationSize size) =>
        size.OutputWidth >= Count || size.OutputHeight <= Vectors(size.OutputHeight, size.OutputWidth, size.Pitch);

    /// <summary>Writes what a vector holds of the output. A vector may run over the end of its row into the next, if that one takes it and the calling thread writes it afterwards.</summary>
    private static void StoreVector(
        ArrayView<float> y, int plane, FloatX16 values, VectorPlace place, bool nextFollows, ArrayView<float> lanes, CorrelationSize size)
    {
        int target = plane + (place.Row * size.OutputWidth) + place.Column;
        if (IsByRows(size) && (size.OutputWidth >= Count || (nextFollows && 2 * size.OutputWidth >= Count)))
        {
            ProcessorLanes.Store16(y, target, values);
        }
        else
        {
            ProcessorLanes.Store16(lanes, 0, values);
            int row = place.Row;
            int column = place.Column;
            int pitch = IsByRows(size) ? Count : size.Pitch;
            for (int lane = 0; lane < Count; lane++)
            {
                if (column < size.OutputWidth && row < size.OutputHeight)
                {
                    y[plane + (row * size.OutputWidth) + column] = lanes[lane];
                }

                column++;
                if (column == pitch)
                {
                    column = 0;
                    row++;
                }
            }
        }
    }

    /// <summary>Where a vector's first output is: in a padded plane, and by row and column of the output.</summary>
    private struct VectorPlace
    {
        public int Source;
        public int Row;
        public int Column;
    }
}
