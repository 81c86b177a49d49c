using System.Numerics;
using System.Runtime.InteropServices;
using static Thor.Kernels.Host.LaneFunctions;

namespace Thor.Kernels.Host;

/// <summary>Batch normalisation of (batch, channels, plane), per channel, and its first-order gradients.</summary>
/// <remarks>
/// Sums run over a plane in registers and over planes in double. Whole channels are one piece of work where there are many, so that the
/// second pass finds them in the cache; channels of small planes go together, so that what is read in a stretch is not small. Where there
/// are few channels, each is cut into ranges of the batch.
/// </remarks>
public static unsafe class BatchNorm
{
    private const int ManyChannels = 16;

    // Neighbouring elements of an image that are worth going to the next image for.
    private const int Stretch = 512;

    /// <summary>y = weight (x - mean) inverse + bias, with mean and inverse = 1 / sqrt(biased variance + epsilon) of each channel written.</summary>
    public static void Forward<T>(T* x, T* weight, T* bias, double epsilon, T* y, T* mean, T* inverse, int batch, int channels, int plane)
        where T : unmanaged, INumber<T>
    {
        Body<T> body = new()
        {
            X = x,
            Weight = weight,
            Bias = bias,
            Result = y,
            Mean = mean,
            Inverse = inverse,
            Epsilon = epsilon,
            Batch = batch,
            Channels = channels,
            Plane = plane,
        };
        Run(body);
    }

    /// <summary>
    /// With z = (x - mean) inverse and n elements per channel: dBias = sum(g), dWeight = sum(g z),
    /// dx = weight inverse (g - dBias / n - z dWeight / n). dx may be g.
    /// </summary>
    public static void Gradient<T>(
        T* x, T* g, T* weight, T* mean, T* inverse, T* dx, T* dWeight, T* dBias, int batch, int channels, int plane)
        where T : unmanaged, INumber<T>
    {
        Body<T> body = new()
        {
            X = x,
            G = g,
            Weight = weight,
            Result = dx,
            Mean = mean,
            Inverse = inverse,
            DWeight = dWeight,
            DBias = dBias,
            Batch = batch,
            Channels = channels,
            Plane = plane,
        };
        Run(body);
    }

    /// <summary>y = x scale + shift per channel; y may be x.</summary>
    public static void ChannelAffine<T>(T* x, T* scale, T* shift, T* y, long batch, int channels, int plane)
        where T : unmanaged, INumber<T>
    {
        long planes = batch * channels;
        int pieces = (int)Math.Min(planes, Widest.Pieces(planes * plane, RowPlan.CheapGrain));
        Widest.For<AffineBody<T>, T>(pieces, new AffineBody<T>(x, scale, shift, y, planes, channels, plane, pieces));
    }

    private static void Run<T>(Body<T> body)
        where T : unmanaged, INumber<T>
    {
        long perChannel = (long)body.Batch * body.Plane;
        body.Segments = body.Channels >= ManyChannels
            ? 1
            : (int)Math.Clamp(perChannel / (RowPlan.CheapGrain / 2), 1, Math.Min(body.Batch, ManyChannels));
        body.Partial = (double*)NativeMemory.Alloc((nuint)(2L * body.Channels * body.Segments), sizeof(double));
        try
        {
            if (body.Segments == 1)
            {
                // Channels share a piece where one is little work or a short stretch.
                long together = Math.Max(1, Stretch / Math.Max(1, body.Plane));
                body.Pieces = (int)Math.Min((body.Channels + together - 1) / together, Widest.Pieces(body.Channels * perChannel, RowPlan.CheapGrain / 2));
                body.Step = Steps.Both;
                Widest.For<Body<T>, T>(body.Pieces, body);
                return;
            }

            body.Pieces = body.Channels * body.Segments;
            body.Step = Steps.Sums;
            Widest.For<Body<T>, T>(body.Pieces, body);
            for (int channel = 0; channel < body.Channels; channel++)
            {
                body.Finish(channel);
            }

            body.Step = Steps.Results;
            Widest.For<Body<T>, T>(body.Pieces, body);
        }
        finally
        {
            NativeMemory.Free(body.Partial);
        }
    }

    [Flags]
    private enum Steps
    {
        Sums = 1,
        Results = 2,
        Both = 3,
    }

    private struct Body<T> : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        public T* X;
        public T* G;
        public T* Weight;
        public T* Bias;
        public T* Result;
        public T* Mean;
        public T* Inverse;
        public T* DWeight;
        public T* DBias;
        public double* Partial;
        public double Epsilon;
        public int Batch;
        public int Channels;
        public int Plane;
        public int Segments;
        public int Pieces;
        public Steps Step;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            long last = Widest.Start((long)Channels * Segments, Pieces, index + 1);
            long together = Segments > 1 ? 1 : Math.Max(1, Stretch / Math.Max(1, Plane));
            long next;
            for (long i = Widest.Start((long)Channels * Segments, Pieces, index); i < last; i = next)
            {
                next = Math.Min(i + together, last);
                (long first, long segment) = Math.DivRem(i, Segments);
                Group<TLane>(
                    (int)first, (int)(next - i), (int)Widest.Start(Batch, Segments, (int)segment), (int)Widest.Start(Batch, Segments, (int)segment + 1), Partial + (2 * i));
            }
        }

        /// <summary>Some neighbouring channels over a range of images.</summary>
        private readonly void Group<TLane>(int first, int count, int begin, int end, double* partial)
            where TLane : struct, ILane<TLane, T>
        {
            if ((Step & Steps.Sums) != 0)
            {
                new Span<double>(partial, 2 * count).Clear();
                for (int image = begin; image < end; image++)
                {
                    for (int k = 0; k < count; k++)
                    {
                        Sums<TLane>(first + k, image, ref partial[2 * k], ref partial[(2 * k) + 1]);
                    }
                }
            }

            for (int k = 0; k < count && Step == Steps.Both; k++)
            {
                Finish(first + k);
            }

            if ((Step & Steps.Results) == 0)
            {
                return;
            }

            Line* lines = stackalloc Line[count];
            for (int k = 0; k < count; k++)
            {
                lines[k] = Coefficients(first + k);
            }

            for (int image = begin; image < end; image++)
            {
                for (int k = 0; k < count; k++)
                {
                    Results<TLane>((((long)image * Channels) + first + k) * Plane, lines[k]);
                }
            }
        }

        /// <summary>Statistics of a channel from its partial sums.</summary>
        public readonly void Finish(int channel)
        {
            double first = 0;
            double second = 0;
            for (int segment = 0; segment < Segments; segment++)
            {
                first += Partial[2 * ((channel * Segments) + segment)];
                second += Partial[(2 * ((channel * Segments) + segment)) + 1];
            }

            if (G != null)
            {
                DBias[channel] = T.CreateTruncating(first);
                DWeight[channel] = T.CreateTruncating(second * double.CreateTruncating(Inverse[channel]));
                return;
            }

            double count = (double)Batch * Plane;
            double variance = Math.Max(0, (second - (first * first / count)) / count);
            Mean[channel] = T.CreateTruncating(double.CreateTruncating(X[(long)channel * Plane]) + (first / count));
            Inverse[channel] = T.CreateTruncating(1 / Math.Sqrt(variance + Epsilon));
        }

        /// <summary>
        /// Forward: sums of d and d^2 with d the distance from the channel's first element, which is near enough to the mean for
        /// the variance not to cancel. Backward: sums of g and g (x - mean).
        /// </summary>
        private readonly void Sums<TLane>(int channel, int image, ref double sum, ref double product)
            where TLane : struct, ILane<TLane, T>
        {
            T center = G == null ? X[(long)channel * Plane] : Mean[channel];
            long offset = (((long)image * Channels) + channel) * Plane;
            PlaneSums<TLane>(X + offset, G == null ? null : G + offset, Plane, center, out T planeSum, out T planeProduct);
            sum += double.CreateTruncating(planeSum);
            product += double.CreateTruncating(planeProduct);
        }

        private static void PlaneSums<TLane>(T* x, T* g, nint plane, T center, out T sum, out T product)
            where TLane : struct, ILane<TLane, T>
        {
            // Four chains of additions: one alone would wait for its own last result.
            TLane middle = TLane.All(center);
            TLane s0 = C<TLane, T>(0);
            TLane s1 = s0;
            TLane p0 = s0;
            TLane p1 = s0;
            nint i = 0;
            if (g == null)
            {
                for (; i <= plane - (2 * TLane.Count); i += 2 * TLane.Count)
                {
                    TLane a = TLane.Load(x + i) - middle;
                    TLane b = TLane.Load(x + i + TLane.Count) - middle;
                    s0 += a;
                    s1 += b;
                    p0 = TLane.Fma(a, a, p0);
                    p1 = TLane.Fma(b, b, p1);
                }
            }
            else
            {
                for (; i <= plane - (2 * TLane.Count); i += 2 * TLane.Count)
                {
                    TLane a = TLane.Load(g + i);
                    TLane b = TLane.Load(g + i + TLane.Count);
                    s0 += a;
                    s1 += b;
                    p0 = TLane.Fma(a, TLane.Load(x + i) - middle, p0);
                    p1 = TLane.Fma(b, TLane.Load(x + i + TLane.Count) - middle, p1);
                }
            }

            sum = (s0 + s1).Sum();
            product = (p0 + p1).Sum();
            for (; i < plane; i++)
            {
                T away = x[i] - center;
                T other = g == null ? away : g[i];
                sum += other;
                product += other * away;
            }
        }

        /// <summary>What makes the results of a channel: y = scale (x - center) + shift, or dx = scale g + slope (x - center) + shift.</summary>
        private readonly Line Coefficients(int channel)
        {
            T scale = Weight[channel] * Inverse[channel];
            if (G == null)
            {
                return new Line(Mean[channel], scale, T.Zero, Bias[channel]);
            }

            T count = T.CreateTruncating((long)Batch * Plane);
            return new Line(Mean[channel], scale, -scale * Inverse[channel] * DWeight[channel] / count, -scale * DBias[channel] / count);
        }

        private readonly void Results<TLane>(long offset, in Line line)
            where TLane : struct, ILane<TLane, T>
        {
            T* x = X + offset;
            T* y = Result + offset;
            (T center, T scale, T slope, T shift) = line;
            nint plane = Plane;
            nint i = 0;
            if (G == null)
            {
                for (; i <= plane - TLane.Count; i += TLane.Count)
                {
                    TLane.Fma(TLane.Load(x + i) - TLane.All(center), TLane.All(scale), TLane.All(shift)).Store(y + i);
                }

                for (; i < plane; i++)
                {
                    Lane1<T>.Fma(Lane1<T>.Load(x + i) - Lane1<T>.All(center), Lane1<T>.All(scale), Lane1<T>.All(shift)).Store(y + i);
                }

                return;
            }

            T* g = G + offset;
            for (; i <= plane - TLane.Count; i += TLane.Count)
            {
                TLane fromMean = TLane.Fma(TLane.Load(x + i) - TLane.All(center), TLane.All(slope), TLane.All(shift));
                TLane.Fma(TLane.Load(g + i), TLane.All(scale), fromMean).Store(y + i);
            }

            for (; i < plane; i++)
            {
                Lane1<T> fromMean = Lane1<T>.Fma(Lane1<T>.Load(x + i) - Lane1<T>.All(center), Lane1<T>.All(slope), Lane1<T>.All(shift));
                Lane1<T>.Fma(Lane1<T>.Load(g + i), Lane1<T>.All(scale), fromMean).Store(y + i);
            }
        }

        private readonly record struct Line(T Center, T Scale, T Slope, T Shift);
    }

    private readonly struct AffineBody<T>(T* x, T* scale, T* shift, T* y, long planes, int channels, int plane, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _x = x;
        private readonly T* _scale = scale;
        private readonly T* _shift = shift;
        private readonly T* _y = y;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            long last = Widest.Start(planes, pieces, index + 1);
            for (long at = Widest.Start(planes, pieces, index); at < last; at++)
            {
                int channel = (int)(at % channels);
                RowFunctions.Affine<TLane, T>(_x + (at * plane), plane, _scale[channel], _shift[channel], _y + (at * plane));
            }
        }
    }
}
