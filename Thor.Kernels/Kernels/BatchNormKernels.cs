namespace Thor.Kernels.Kernels;

/// <summary>Batch normalisation of (batch, channels, plane), per channel, and its first-order gradients.</summary>
/// <remarks>
/// Sums and GradientSums: groups of 256 threads, one per channel and segment of its batch * plane elements, 4 KiB of shared memory; each
/// thread adds blocks of <see cref="Block"/> elements in float and blocks in pairs of floats, and the group adds its threads in a tree.
/// Finish and FinishGradient: one thread a channel adds its segments in order. Apply, ApplyGradient, Affine: groups of 256 threads over all
/// elements, one a thread. All are bound by memory: four or five operations an element.
/// </remarks>
public static partial class BatchNormKernels
{
    /// <summary>Floats that a segment's partial sums take: two pairs.</summary>
    public const int PartialFloats = 4;

    /// <summary>Floats per channel that Finish and FinishGradient leave for Apply and ApplyGradient: scale, slope and shift.</summary>
    public const int LineFloats = 3;

    private const int GroupSize = 256;

    // Elements that a thread adds in float before they go into a pair.
    private const int Block = 32;

    /// <summary>
    /// Per channel and segment the sums of d and d^2 with d the distance from the channel's first element, which is near enough to the
    /// mean for the variance, in pairs, not to cancel.
    /// </summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void Sums(ReadOnlyView<float> x, ArrayView<float> partial, BatchNormShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(PartialFloats * GroupSize);
        int channel = Grid.IdxY;
        float center = x[channel * shape.Plane];
        int end = XMath.Min(shape.PerChannel, (Grid.IdxX + 1) * shape.SegmentLength);
        int e = (Grid.IdxX * shape.SegmentLength) + Group.IdxX;
        FloatPair sum = FloatPair.From(0f);
        FloatPair product = FloatPair.From(0f);
        while (e < end)
        {
            float s = 0f;
            float p = 0f;
            int stop = XMath.Min(end, e + (Block * GroupSize));
            for (; e < stop; e += GroupSize)
            {
                float d = x[Place(e, channel, shape)] - center;
                s += d;
                p = Fused.MultiplyAdd(d, d, p);
            }

            sum = FloatPair.Add(sum, FloatPair.From(s));
            product = FloatPair.Add(product, FloatPair.From(p));
        }

        Put(shared, Group.IdxX, sum, product);
        AddThreads(shared);
        if (Group.IdxX < PartialFloats)
        {
            partial[(((channel * Grid.DimX) + Grid.IdxX) * PartialFloats) + Group.IdxX] = shared[Group.IdxX];
        }
    }

    /// <summary>Per channel and segment the sums of g and g (x - mean).</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void GradientSums(
        ReadOnlyView<float> x, ReadOnlyView<float> gradient, ReadOnlyView<float> mean, ArrayView<float> partial, BatchNormShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(PartialFloats * GroupSize);
        int channel = Grid.IdxY;
        float center = mean[channel];
        int end = XMath.Min(shape.PerChannel, (Grid.IdxX + 1) * shape.SegmentLength);
        int e = (Grid.IdxX * shape.SegmentLength) + Group.IdxX;
        FloatPair sum = FloatPair.From(0f);
        FloatPair product = FloatPair.From(0f);
        while (e < end)
        {
            float s = 0f;
            float p = 0f;
            int stop = XMath.Min(end, e + (Block * GroupSize));
            for (; e < stop; e += GroupSize)
            {
                int place = Place(e, channel, shape);
                float g = gradient[place];
                s += g;
                p = Fused.MultiplyAdd(g, x[place] - center, p);
            }

            sum = FloatPair.Add(sum, FloatPair.From(s));
            product = FloatPair.Add(product, FloatPair.From(p));
        }

        Put(shared, Group.IdxX, sum, product);
        AddThreads(shared);
        if (Group.IdxX < PartialFloats)
        {
            partial[(((channel * Grid.DimX) + Grid.IdxX) * PartialFloats) + Group.IdxX] = shared[Group.IdxX];
        }
    }

    /// <summary>Mean and 1 / sqrt(variance + epsilon) of each channel from its segments, and the scale for <see cref="Apply"/>.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void Finish(
        ReadOnlyView<float> partial,
        ReadOnlyView<float> x,
        ReadOnlyView<float> weight,
        ArrayView<float> mean,
        ArrayView<float> inverse,
        ArrayView<float> lines,
        BatchNormShape shape,
        float epsilon,
        int segments)
    {
        int channel = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (channel < shape.Channels)
        {
            FloatPair sum = FloatPair.From(0f);
            FloatPair product = FloatPair.From(0f);
            for (int segment = 0; segment < segments; segment++)
            {
                int at = ((channel * segments) + segment) * PartialFloats;
                sum = FloatPair.Add(sum, Get(partial, at));
                product = FloatPair.Add(product, Get(partial, at + 2));
            }

            FloatPair away = FloatPair.Multiply(sum, shape.Reciprocal);
            FloatPair squares = FloatPair.Add(product, FloatPair.Negate(FloatPair.Multiply(sum, away)));
            float variance = XMath.Max(0f, FloatPair.Round(FloatPair.Multiply(squares, shape.Reciprocal)));
            float deviation = 1f / XMath.Sqrt(variance + epsilon);
            mean[channel] = x[channel * shape.Plane] + FloatPair.Round(away);
            inverse[channel] = deviation;
            lines[channel * LineFloats] = weight[channel] * deviation;
        }
    }

    /// <summary>dBias and dWeight of each channel from its segments, and what <see cref="ApplyGradient"/> needs.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void FinishGradient(
        ReadOnlyView<float> partial,
        ReadOnlyView<float> weight,
        ReadOnlyView<float> inverse,
        ArrayView<float> dWeight,
        ArrayView<float> dBias,
        ArrayView<float> lines,
        BatchNormShape shape,
        int segments)
    {
        int channel = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (channel < shape.Channels)
        {
            FloatPair sum = FloatPair.From(0f);
            FloatPair product = FloatPair.From(0f);
            for (int segment = 0; segment < segments; segment++)
            {
                int at = ((channel * segments) + segment) * PartialFloats;
                sum = FloatPair.Add(sum, Get(partial, at));
                product = FloatPair.Add(product, Get(partial, at + 2));
            }

            float bias = FloatPair.Round(sum);
            float slope = FloatPair.Round(FloatPair.Multiply(product, FloatPair.From(inverse[channel])));
            dBias[channel] = bias;
            dWeight[channel] = slope;
            float scale = weight[channel] * inverse[channel];
            float count = (float)shape.PerChannel;
            lines[channel * LineFloats] = scale;
            lines[(channel * LineFloats) + 1] = -scale * inverse[channel] * slope / count;
            lines[(channel * LineFloats) + 2] = -scale * bias / count;
        }
    }

    /// <summary>y = scale (x - mean) + bias, channel by channel.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void Apply(
        ReadOnlyView<float> x,
        ReadOnlyView<float> mean,
        ReadOnlyView<float> bias,
        ReadOnlyView<float> lines,
        ArrayView<float> y,
        BatchNormShape shape,
        int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int channel = Channel(i, shape);
            y[i] = Fused.MultiplyAdd(x[i] - mean[channel], lines[channel * LineFloats], bias[channel]);
        }
    }

    /// <summary>dx = scale g + (slope (x - mean) + shift), channel by channel; dx may be the gradient.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void ApplyGradient(
        ReadOnlyView<float> x,
        ArrayView<float> gradient,
        ReadOnlyView<float> mean,
        ReadOnlyView<float> lines,
        ArrayView<float> dx,
        BatchNormShape shape,
        int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int channel = Channel(i, shape);
            int line = channel * LineFloats;
            float fromMean = Fused.MultiplyAdd(x[i] - mean[channel], lines[line + 1], lines[line + 2]);
            dx[i] = Fused.MultiplyAdd(gradient[i], lines[line], fromMean);
        }
    }

    /// <summary>y = x scale + shift, channel by channel; y may be x.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    public static void Affine(
        ArrayView<float> x, ReadOnlyView<float> scale, ReadOnlyView<float> shift, ArrayView<float> y, BatchNormShape shape, int count)
    {
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            int channel = Channel(i, shape);
            y[i] = Fused.MultiplyAdd(x[i], scale[channel], shift[channel]);
        }
    }

    /// <summary>Reads a pair.</summary>
    internal static FloatPair Get(ReadOnlyView<float> floats, int at)
    {
        FloatPair pair;
        pair.High = floats[at];
        pair.Low = floats[at + 1];
        return pair;
    }

    /// <summary>Writes two pairs as <see cref="PartialFloats"/> floats.</summary>
    internal static void Put(ArrayView<float> floats, int index, FloatPair sum, FloatPair product)
    {
        int at = index * PartialFloats;
        floats[at] = sum.High;
        floats[at + 1] = sum.Low;
        floats[at + 2] = product.High;
        floats[at + 3] = product.Low;
    }

    private static FloatPair GetShared(ArrayView<float> floats, int at)
    {
        FloatPair pair;
        pair.High = floats[at];
        pair.Low = floats[at + 1];
        return pair;
    }

    /// <summary>Where an element of a channel, counted image by image, lies.</summary>
    private static int Place(int e, int channel, BatchNormShape shape)
    {
        int image = Divisor.Quotient(e, shape.ByPlane);
        return (((image * shape.Channels) + channel) * shape.Plane) + (e - (image * shape.Plane));
    }

    private static int Channel(int i, BatchNormShape shape)
    {
        int plane = Divisor.Quotient(i, shape.ByPlane);
        return plane - (Divisor.Quotient(plane, shape.ByChannels) * shape.Channels);
    }

    /// <summary>Leaves the sum of all threads' pairs at the first place.</summary>
    private static void AddThreads(ArrayView<float> shared)
    {
        int t = Group.IdxX;
        for (int half = GroupSize / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (t < half)
            {
                int here = t * PartialFloats;
                int there = (t + half) * PartialFloats;
                FloatPair sum = FloatPair.Add(GetShared(shared, here), GetShared(shared, there));
                FloatPair product = FloatPair.Add(GetShared(shared, here + 2), GetShared(shared, there + 2));
                Put(shared, t, sum, product);
            }
        }

        Group.Barrier();
    }
}
