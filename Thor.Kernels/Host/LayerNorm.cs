using System.Numerics;
using System.Runtime.InteropServices;
using static Thor.Kernels.Host.LaneFunctions;

namespace Thor.Kernels.Host;

/// <summary>Layer normalisation over contiguous rows of n elements, and its first-order gradients.</summary>
public static unsafe class LayerNorm
{
    private const int MostBlocks = 64;

    /// <summary>y = weight (x - mean) * inverse + bias, with mean and inverse = 1 / sqrt(biased variance + epsilon) of each row written.</summary>
    public static void Forward<T>(T* x, T* weight, T* bias, double epsilon, T* y, T* mean, T* inverse, long rows, int n)
        where T : unmanaged, INumber<T>
    {
        int pieces = (int)Math.Min(rows, Widest.Pieces(rows * n, RowPlan.CheapGrain / 2));
        Widest.For<ForwardBody<T>, T>(pieces, new ForwardBody<T>(x, weight, bias, epsilon, y, mean, inverse, rows, n, pieces));
    }

    /// <summary>
    /// With h = weight g and z = (x - mean) inverse: dx = inverse (h - mean(h) - z mean(h z)) of each row; dWeight = sum of g z and
    /// dBias = sum of g over rows, in blocks of rows fixed by the shape, added in order. dx may be g.
    /// </summary>
    public static void Gradient<T>(T* x, T* g, T* weight, T* mean, T* inverse, T* dx, T* dWeight, T* dBias, long rows, int n)
        where T : unmanaged, INumber<T>
    {
        int blocks = (int)Math.Clamp(rows * n / (RowPlan.CheapGrain / 4), 1, Math.Min(MostBlocks, Math.Max(1, rows)));
        T* partial = (T*)NativeMemory.Alloc((nuint)(2L * blocks * n), (nuint)sizeof(T));
        try
        {
            Widest.For<GradientBody<T>, T>(blocks, new GradientBody<T>(x, g, weight, mean, inverse, dx, partial, rows, n, blocks));
            new Span<T>(partial, n).CopyTo(new Span<T>(dWeight, n));
            new Span<T>(partial + n, n).CopyTo(new Span<T>(dBias, n));
            for (int block = 1; block < blocks; block++)
            {
                T* from = partial + (2L * block * n);
                for (int i = 0; i < n; i++)
                {
                    dWeight[i] += from[i];
                    dBias[i] += from[n + i];
                }
            }
        }
        finally
        {
            NativeMemory.Free(partial);
        }
    }

    private readonly struct ForwardBody<T>(T* x, T* weight, T* bias, double epsilon, T* y, T* mean, T* inverse, long rows, int n, int pieces) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _x = x;
        private readonly T* _weight = weight;
        private readonly T* _bias = bias;
        private readonly T* _y = y;
        private readonly T* _mean = mean;
        private readonly T* _inverse = inverse;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            T count = T.CreateTruncating(n);
            long last = Widest.Start(rows, pieces, index + 1);
            for (long row = Widest.Start(rows, pieces, index); row < last; row++)
            {
                T* x = _x + (row * n);
                T center = Reduction.Sum<TLane, T>(x, n) / count;
                T variance = Spread<TLane>(x, center) / count;
                T inverse = (Lane1<T>.All(T.One) / Lane1<T>.Sqrt(Lane1<T>.All(variance + T.CreateTruncating(epsilon)))).Sum();
                _mean[row] = center;
                _inverse[row] = inverse;
                T* y = _y + (row * n);
                nint i = 0;
                for (; i <= n - TLane.Count; i += TLane.Count)
                {
                    One<TLane>(x, y, i, center, inverse);
                }

                for (; i < n; i++)
                {
                    One<Lane1<T>>(x, y, i, center, inverse);
                }
            }
        }

        private void One<TLane>(T* x, T* y, nint i, T center, T inverse)
            where TLane : struct, ILane<TLane, T>
        {
            TLane z = (TLane.Load(x + i) - TLane.All(center)) * TLane.All(inverse);
            TLane.Fma(z, TLane.Load(_weight + i), TLane.Load(_bias + i)).Store(y + i);
        }

        private T Spread<TLane>(T* x, T center)
            where TLane : struct, ILane<TLane, T>
        {
            TLane sum = C<TLane, T>(0);
            nint i = 0;
            for (; i <= n - TLane.Count; i += TLane.Count)
            {
                TLane away = TLane.Load(x + i) - TLane.All(center);
                sum = TLane.Fma(away, away, sum);
            }

            T total = sum.Sum();
            for (; i < n; i++)
            {
                total += (x[i] - center) * (x[i] - center);
            }

            return total;
        }
    }

    private readonly struct GradientBody<T>(T* x, T* g, T* weight, T* mean, T* inverse, T* dx, T* partial, long rows, int n, int blocks) : ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _x = x;
        private readonly T* _g = g;
        private readonly T* _weight = weight;
        private readonly T* _mean = mean;
        private readonly T* _inverse = inverse;
        private readonly T* _dx = dx;
        private readonly T* _partial = partial;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            T* dWeight = _partial + (2L * index * n);
            T* dBias = dWeight + n;
            new Span<T>(dWeight, 2 * n).Clear();
            long last = Widest.Start(rows, blocks, index + 1);
            for (long row = Widest.Start(rows, blocks, index); row < last; row++)
            {
                T* x = _x + (row * n);
                T* g = _g + (row * n);
                T* dx = _dx + (row * n);
                T center = _mean[row];
                T inverse = _inverse[row];
                TLane sum = C<TLane, T>(0);
                TLane product = sum;
                nint i = 0;
                for (; i <= n - TLane.Count; i += TLane.Count)
                {
                    Gather(x, g, i, center, inverse, dWeight, dBias, ref sum, ref product);
                }

                Lane1<T> restSum = Lane1<T>.All(sum.Sum());
                Lane1<T> restProduct = Lane1<T>.All(product.Sum());
                for (; i < n; i++)
                {
                    Gather(x, g, i, center, inverse, dWeight, dBias, ref restSum, ref restProduct);
                }

                T count = T.CreateTruncating(n);
                T meanH = restSum.Sum() / count;
                T meanProduct = restProduct.Sum() / count;
                for (i = 0; i <= n - TLane.Count; i += TLane.Count)
                {
                    One<TLane>(x, g, dx, i, center, inverse, meanH, meanProduct);
                }

                for (; i < n; i++)
                {
                    One<Lane1<T>>(x, g, dx, i, center, inverse, meanH, meanProduct);
                }
            }
        }

        private void Gather<TLane>(T* x, T* g, nint i, T center, T inverse, T* dWeight, T* dBias, ref TLane sum, ref TLane product)
            where TLane : struct, ILane<TLane, T>
        {
            TLane z = (TLane.Load(x + i) - TLane.All(center)) * TLane.All(inverse);
            TLane gradient = TLane.Load(g + i);
            TLane h = gradient * TLane.Load(_weight + i);
            sum += h;
            product = TLane.Fma(h, z, product);
            TLane.Fma(gradient, z, TLane.Load(dWeight + i)).Store(dWeight + i);
            (gradient + TLane.Load(dBias + i)).Store(dBias + i);
        }

        private void One<TLane>(T* x, T* g, T* dx, nint i, T center, T inverse, T meanH, T meanProduct)
            where TLane : struct, ILane<TLane, T>
        {
            TLane z = (TLane.Load(x + i) - TLane.All(center)) * TLane.All(inverse);
            TLane h = TLane.Load(g + i) * TLane.Load(_weight + i);
            (TLane.Fma(-z, TLane.All(meanProduct), h - TLane.All(meanH)) * TLane.All(inverse)).Store(dx + i);
        }
    }
}
