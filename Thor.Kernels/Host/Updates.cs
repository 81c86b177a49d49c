using System.Numerics;
using System.Runtime.CompilerServices;
using static Thor.Kernels.Host.LaneFunctions;

namespace Thor.Kernels.Host;

/// <summary>Optimizer updates, one pass over parameter, gradient and state. The formulas are those of PyTorch under the same names.</summary>
/// <remarks>
/// Throughout g is the scaled gradient plus, for coupled decay, weight decay * p; decoupled decay first shrinks p by
/// learning rate * weight decay. Momentum (v starts as the first g): v = beta1 v + (1 - dampening) g; p -= rate v, or
/// rate (g + beta1 v) for Nesterov. AdaGrad: s += g^2; p -= rate g / (sqrt(s) + eps). RMSprop: s = beta2 s + (1 - beta2) g^2;
/// u = g / (sqrt(s) + eps), with momentum u = v = beta1 v + u; p -= rate u. Adadelta: s as before; u = sqrt(d + eps) / sqrt(s + eps) g;
/// d = beta2 d + (1 - beta2) u^2; p -= rate u. Adam: m = beta1 m + (1 - beta1) g; s as before;
/// p -= rate / (1 - beta1^t) m / (sqrt(s) / sqrt(1 - beta2^t) + eps).
/// </remarks>
public static unsafe class Updates
{
    /// <summary>Applies one update to n elements in place.</summary>
    /// <param name="rule">Which.</param>
    /// <param name="step">Its numbers.</param>
    /// <param name="parameter">p.</param>
    /// <param name="gradient">Read only.</param>
    /// <param name="first">First state.</param>
    /// <param name="second">Second state; null where the rule has none.</param>
    /// <param name="n">Elements.</param>
    /// <exception cref="ArgumentNullException">The rule needs a second state.</exception>
    public static void Apply<T>(UpdateRule rule, in UpdateStep step, T* parameter, T* gradient, T* first, T* second, long n)
        where T : unmanaged, INumber<T>
    {
        bool needsSecond = rule is UpdateRule.Adam or UpdateRule.Adadelta || (rule == UpdateRule.RmsProp && step.Beta1 != 0);
        if (needsSecond && second == null)
        {
            throw new ArgumentNullException(nameof(second), $"{rule} keeps two state tensors.");
        }

        int pieces = Widest.Pieces(n, RowPlan.CheapGrain / 2);
        Widest.For<Body<T>, T>(pieces, new Body<T>(rule, step, parameter, gradient, first, second, n, pieces));
    }

    /// <summary>The update by momentum of a part of a matrix, on the calling thread.</summary>
    /// <param name="step">Its numbers.</param>
    /// <param name="parameter">p.</param>
    /// <param name="velocity">v.</param>
    /// <param name="pitch">From row to row of both.</param>
    /// <param name="gradient">Read only.</param>
    /// <param name="gradientPitch">From row to row of it.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="n">Columns.</param>
    internal static void Momentum<T>(in UpdateStep step, T* parameter, T* velocity, long pitch, T* gradient, long gradientPitch, int rows, int n)
        where T : unmanaged, INumber<T> =>
        Widest.Here<Rows<T>, T>(new Rows<T>(step, parameter, velocity, pitch, gradient, gradientPitch, rows, n));

    private readonly struct Rows<T>(in UpdateStep step, T* parameter, T* velocity, long pitch, T* gradient, long gradientPitch, int rows, int n) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly Body<T> _body = new(UpdateRule.Momentum, step, parameter, gradient, velocity, null, n, 1);
        private readonly T* _parameter = parameter;
        private readonly T* _velocity = velocity;

        // Optimised from the first call on, as the products before it are.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            for (int row = 0; row < rows; row++)
            {
                long start = row * pitch;
                if (row + CacheLines.RowsAhead < rows)
                {
                    long ahead = start + (CacheLines.RowsAhead * pitch);
                    CacheLines.Fetch(_parameter + ahead, n);
                    CacheLines.Fetch(_velocity + ahead, n);
                }

                long shift = row * (gradientPitch - pitch);
                long at = _body.Momentum<TLane>(start, start + n, shift);
                _body.Momentum<Lane1<T>>(at, start + n, shift);
            }
        }
    }

    private readonly struct Body<T>(UpdateRule rule, UpdateStep step, T* parameter, T* gradient, T* first, T* second, long n, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _parameter = parameter;
        private readonly T* _gradient = gradient;
        private readonly T* _first = first;
        private readonly T* _second = second;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            long end = Widest.Start(n, pieces, index + 1);
            long at = Range<TLane>(Widest.Start(n, pieces, index), end);
            Range<Lane1<T>>(at, end);
        }

        /// <summary>Whole registers from a start on; returns where they end.</summary>
        private long Range<TLane>(long start, long end)
            where TLane : struct, ILane<TLane, T> => rule switch
            {
                UpdateRule.Momentum => Momentum<TLane>(start, end, 0),
                UpdateRule.AdaGrad => AdaGrad<TLane>(start, end),
                UpdateRule.RmsProp => RmsProp<TLane>(start, end),
                UpdateRule.Adadelta => Adadelta<TLane>(start, end),
                UpdateRule.Adam => Adam<TLane>(start, end),
                _ => throw new NotSupportedException($"There is no update rule {rule}."),
            };

        /// <summary>The gradient, which lies so much further on than the parameter, as the rule sees it, and the parameter after decoupled decay.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private TLane Enter<TLane>(long i, out TLane p, long shift = 0)
            where TLane : struct, ILane<TLane, T>
        {
            p = TLane.Load(_parameter + i);
            TLane g = TLane.Load(_gradient + i + shift);
            if (step.GradientScale != 1)
            {
                g *= C<TLane, T>(step.GradientScale);
            }

            if (step.WeightDecay == 0)
            {
                return g;
            }

            if (step.DecoupledDecay)
            {
                p *= C<TLane, T>(1 - (step.LearningRate * step.WeightDecay));
                return g;
            }

            return TLane.Fma(C<TLane, T>(step.WeightDecay), p, g);
        }

        // Optimised from the first call on: what the runtime starts with, and stays with for seconds, is forty times slower.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public long Momentum<TLane>(long i, long end, long shift)
            where TLane : struct, ILane<TLane, T>
        {
            TLane back = C<TLane, T>(-step.LearningRate);
            TLane mu = C<TLane, T>(step.Beta1);
            TLane share = C<TLane, T>(1 - step.Dampening);
            bool plain = step.Beta1 == 0;
            bool starts = step.Count == 1;
            for (; i <= end - TLane.Count; i += TLane.Count)
            {
                TLane g = Enter(i, out TLane p, shift);
                if (!plain)
                {
                    TLane v = starts ? g : TLane.Fma(mu, TLane.Load(_first + i), share * g);
                    v.Store(_first + i);
                    g = step.Nesterov ? TLane.Fma(mu, v, g) : v;
                }

                TLane.Fma(back, g, p).Store(_parameter + i);
            }

            return i;
        }

        private long AdaGrad<TLane>(long i, long end)
            where TLane : struct, ILane<TLane, T>
        {
            TLane back = C<TLane, T>(-step.LearningRate);
            TLane epsilon = C<TLane, T>(step.Epsilon);
            for (; i <= end - TLane.Count; i += TLane.Count)
            {
                TLane g = Enter(i, out TLane p);
                TLane s = TLane.Fma(g, g, TLane.Load(_first + i));
                s.Store(_first + i);
                TLane.Fma(back, g / (TLane.Sqrt(s) + epsilon), p).Store(_parameter + i);
            }

            return i;
        }

        private long RmsProp<TLane>(long i, long end)
            where TLane : struct, ILane<TLane, T>
        {
            TLane back = C<TLane, T>(-step.LearningRate);
            TLane epsilon = C<TLane, T>(step.Epsilon);
            TLane mu = C<TLane, T>(step.Beta1);
            for (; i <= end - TLane.Count; i += TLane.Count)
            {
                TLane g = Enter(i, out TLane p);
                TLane u = g / (TLane.Sqrt(MeanSquare(i, g, _first)) + epsilon);
                if (step.Beta1 != 0)
                {
                    u = TLane.Fma(mu, TLane.Load(_second + i), u);
                    u.Store(_second + i);
                }

                TLane.Fma(back, u, p).Store(_parameter + i);
            }

            return i;
        }

        private long Adadelta<TLane>(long i, long end)
            where TLane : struct, ILane<TLane, T>
        {
            TLane back = C<TLane, T>(-step.LearningRate);
            TLane epsilon = C<TLane, T>(step.Epsilon);
            for (; i <= end - TLane.Count; i += TLane.Count)
            {
                TLane g = Enter(i, out TLane p);
                TLane s = MeanSquare(i, g, _first);
                TLane u = TLane.Sqrt(TLane.Load(_second + i) + epsilon) / TLane.Sqrt(s + epsilon) * g;
                MeanSquare(i, u, _second);
                TLane.Fma(back, u, p).Store(_parameter + i);
            }

            return i;
        }

        private long Adam<TLane>(long i, long end)
            where TLane : struct, ILane<TLane, T>
        {
            TLane back = C<TLane, T>(-step.LearningRate / (1 - Math.Pow(step.Beta1, step.Count)));
            TLane unbias = C<TLane, T>(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Count)));
            TLane epsilon = C<TLane, T>(step.Epsilon);
            TLane beta = C<TLane, T>(step.Beta1);
            TLane share = C<TLane, T>(1 - step.Beta1);
            for (; i <= end - TLane.Count; i += TLane.Count)
            {
                TLane g = Enter(i, out TLane p);
                TLane m = TLane.Fma(beta, TLane.Load(_first + i), share * g);
                m.Store(_first + i);
                TLane s = MeanSquare(i, g, _second);
                TLane.Fma(back, m / TLane.Fma(TLane.Sqrt(s), unbias, epsilon), p).Store(_parameter + i);
            }

            return i;
        }

        /// <summary>state = beta2 state + (1 - beta2) x^2.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private TLane MeanSquare<TLane>(long i, TLane x, T* state)
            where TLane : struct, ILane<TLane, T>
        {
            TLane s = TLane.Fma(C<TLane, T>(step.Beta2), TLane.Load(state + i), C<TLane, T>(1 - step.Beta2) * x * x);
            s.Store(state + i);
            return s;
        }
    }
}
