using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Cross-entropy fused with softmax over contiguous rows of logits; labels were checked before.</summary>
public static unsafe class CrossEntropy
{
    /// <summary>normalizers = log-sum-exp of each row; losses = normalizer - (1 - s) logit of the label - s mean of the logits, 0 for the ignored label.</summary>
    public static void Losses<T>(T* logits, int* labels, double smoothing, int ignored, T* losses, T* normalizers, long rows, int classes)
        where T : unmanaged, INumber<T>
    {
        int pieces = (int)Math.Min(rows, Widest.Pieces(rows * classes, RowPlan.CostlyGrain));
        Widest.For<LossBody<T>, T>(pieces, new LossBody<T>(logits, labels, smoothing, ignored, losses, normalizers, rows, classes, pieces));
    }

    /// <summary>dlogits = scale of the row * (softmax - smoothed one-hot row), 0 for the ignored label; dlogits may be logits.</summary>
    public static void Gradient<T>(T* logits, int* labels, double smoothing, int ignored, T* normalizers, T* scales, T* dlogits, long rows, int classes)
        where T : unmanaged, INumber<T>
    {
        int pieces = (int)Math.Min(rows, Widest.Pieces(rows * classes, RowPlan.CostlyGrain));
        Widest.For<GradientBody<T>, T>(pieces, new GradientBody<T>(logits, labels, smoothing, ignored, normalizers, scales, dlogits, rows, classes, pieces));
    }

    private readonly struct LossBody<T>(
        T* logits, int* labels, double smoothing, int ignored, T* losses, T* normalizers, long rows, int classes, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _logits = logits;
        private readonly int* _labels = labels;
        private readonly T* _losses = losses;
        private readonly T* _normalizers = normalizers;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            T certain = T.CreateTruncating(1 - smoothing);
            T spread = T.CreateTruncating(smoothing / Math.Max(1, classes));
            long last = Widest.Start(rows, pieces, index + 1);
            for (long row = Widest.Start(rows, pieces, index); row < last; row++)
            {
                T* x = _logits + (row * classes);
                T largest = Reduction.Largest<TLane, T>(x, classes);
                T sum = RowFunctions.SumOfExponentials<TLane, T>(x, classes, largest, null);
                T log = Lane1<T>.Log(Lane1<T>.All(sum)).Sum();
                _normalizers[row] = largest + log;
                int label = _labels[row];
                if (label == ignored)
                {
                    _losses[row] = T.Zero;
                    continue;
                }

                // Differences first: the loss may be much smaller than the logits.
                T loss = log + (certain * (largest - x[label]));
                if (smoothing > 0)
                {
                    T mean = spread * Reduction.Sum<TLane, T>(x, classes);
                    loss += (T.CreateTruncating(smoothing) * largest) - mean;
                }

                _losses[row] = loss;
            }
        }
    }

    private readonly struct GradientBody<T>(
        T* logits, int* labels, double smoothing, int ignored, T* normalizers, T* scales, T* dlogits, long rows, int classes, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _logits = logits;
        private readonly int* _labels = labels;
        private readonly T* _normalizers = normalizers;
        private readonly T* _scales = scales;
        private readonly T* _dlogits = dlogits;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            T certain = T.CreateTruncating(1 - smoothing);
            T spread = T.CreateTruncating(smoothing / Math.Max(1, classes));
            long last = Widest.Start(rows, pieces, index + 1);
            for (long row = Widest.Start(rows, pieces, index); row < last; row++)
            {
                T* gradient = _dlogits + (row * classes);
                if (_labels[row] == ignored)
                {
                    new Span<T>(gradient, classes).Clear();
                    continue;
                }

                T scale = _scales[row];
                RowFunctions.ScaledExponentials<TLane, T>(_logits + (row * classes), classes, _normalizers[row], scale, -scale * spread, gradient);
                gradient[_labels[row]] -= scale * certain;
            }
        }
    }
}
