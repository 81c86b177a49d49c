using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Maximum and average pooling over dense planes (rows of a (planes, height, width) array) and their adjoints, planes in parallel.</summary>
public static unsafe class Pooling
{
    private enum Kind
    {
        MaxForward,
        MaxScatter,
        MaxGather,
        AverageForward,
        AverageGradient,
    }

    /// <summary>
    /// y = largest element of each window inside the image, indices = its position y * width + x in the plane. The first of equals
    /// wins, and a NaN wins over every number. A window wholly in the padding does not occur: padding is less than the kernel.
    /// </summary>
    public static void MaxForward<T>(T* x, T* y, int* indices, int planes, int height, int width, in Pooling2d geometry)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Run(new Body<T>(Kind.MaxForward, x, y, indices, planes, height, width, geometry.OutputHeight(height), geometry.OutputWidth(width), geometry));

    /// <summary>dx[plane, indices[plane, i]] += gradient[plane, i], all else 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside its plane.</exception>
    public static void MaxScatter<T>(T* gradient, int* indices, T* dx, int planes, int outputs, int inputs)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Run(new Body<T>(Kind.MaxScatter, dx, gradient, indices, planes, 1, inputs, 1, outputs, default));

    /// <summary>y[plane, i] = x[plane, indices[plane, i]].</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside its plane.</exception>
    public static void MaxGather<T>(T* x, int* indices, T* y, int planes, int outputs, int inputs)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Run(new Body<T>(Kind.MaxGather, x, y, indices, planes, 1, inputs, 1, outputs, default));

    /// <summary>y = mean of the elements of each window that lie inside the image.</summary>
    public static void AverageForward<T>(T* x, T* y, int planes, int height, int width, in Pooling2d geometry)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Run(new Body<T>(Kind.AverageForward, x, y, null, planes, height, width, geometry.OutputHeight(height), geometry.OutputWidth(width), geometry));

    /// <summary>dx = the adjoint of <see cref="AverageForward"/>, applied to the gradient.</summary>
    public static void AverageGradient<T>(T* gradient, T* dx, int planes, int height, int width, in Pooling2d geometry)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Run(new Body<T>(Kind.AverageGradient, dx, gradient, null, planes, height, width, geometry.OutputHeight(height), geometry.OutputWidth(width), geometry));

    private static void Run<T>(Body<T> body)
        where T : unmanaged, IFloatingPointIeee754<T> => WorkerPool.For(body.Pieces, body);

    /// <summary>Some planes of one of the operations. The image side is x, the pooled side y, whichever is read or written.</summary>
    private readonly struct Body<T>(
        Kind kind, T* x, T* y, int* indices, int planes, int height, int width, int outputHeight, int outputWidth, Pooling2d geometry) : IParallelBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _x = x;
        private readonly T* _y = y;
        private readonly int* _indices = indices;
        private readonly int _planesPerPiece = Math.Max(1, WorkerPool.Grain / Math.Max(1, height * width));

        public int Pieces => (planes + _planesPerPiece - 1) / _planesPerPiece;

        public void Invoke(int index)
        {
            int end = Math.Min(planes, (index + 1) * _planesPerPiece);
            for (int plane = index * _planesPerPiece; plane < end; plane++)
            {
                T* image = _x + ((long)plane * height * width);
                T* pooled = _y + ((long)plane * outputHeight * outputWidth);
                int* chosen = _indices + ((long)plane * outputHeight * outputWidth);
                switch (kind)
                {
                    case Kind.MaxForward:
                        Maximum(image, pooled, chosen);
                        break;
                    case Kind.MaxScatter:
                        Scatter(image, pooled, chosen);
                        break;
                    case Kind.MaxGather:
                        Gather(image, pooled, chosen);
                        break;
                    case Kind.AverageForward:
                        Average(image, pooled);
                        break;
                    default:
                        Spread(image, pooled);
                        break;
                }
            }
        }

        private void Maximum(T* image, T* pooled, int* chosen)
        {
            bool pairs = geometry.KernelY == 2 && geometry.KernelX == 2 && geometry.StrideX == 2 && geometry.PaddingY == 0 && geometry.PaddingX == 0
                && typeof(T) == typeof(float) && Avx512F.IsSupported && Vector512.IsHardwareAccelerated;
            for (int oy = 0; oy < outputHeight; oy++)
            {
                (int top, int bottom) = Rows(oy);
                if (pairs)
                {
                    MaximumOfPairs((float*)image, top, (float*)(pooled + (oy * outputWidth)), chosen + (oy * outputWidth));
                    continue;
                }

                for (int ox = 0; ox < outputWidth; ox++)
                {
                    (int left, int right) = Columns(ox);
                    int best = (top * width) + left;
                    T largest = image[best];
                    for (int iy = top; iy < bottom; iy++)
                    {
                        for (int ix = left; ix < right; ix++)
                        {
                            T value = image[(iy * width) + ix];
                            if (value > largest || (T.IsNaN(value) && !T.IsNaN(largest)))
                            {
                                largest = value;
                                best = (iy * width) + ix;
                            }
                        }
                    }

                    pooled[(oy * outputWidth) + ox] = largest;
                    chosen[(oy * outputWidth) + ox] = best;
                }
            }
        }

        /// <summary>
        /// Up to 16 windows of 2 x 2 at a time: even and odd columns of two rows are four candidates per lane, compared in reading order. Masks end
        /// the row.
        /// </summary>
        private void MaximumOfPairs(float* image, int top, float* pooled, int* chosen)
        {
            Vector512<int> even = Vector512<int>.Indices * 2;
            Vector512<int> odd = even + Vector512<int>.One;
            float* row = image + (top * width);
            for (int ox = 0; ox < outputWidth; ox += 16)
            {
                Vector512<int> windows = Vector512.Create(outputWidth - ox);
                Vector512<float> inLow = Vector512.LessThan(Vector512<int>.Indices, windows * 2).AsSingle();
                Vector512<float> inHigh = Vector512.LessThan(Vector512<int>.Indices + Vector512.Create(16), windows * 2).AsSingle();
                float* at = row + (2 * ox);
                Vector512<float> low = Avx512F.MaskLoad(at, inLow, Vector512<float>.Zero);
                Vector512<float> high = Avx512F.MaskLoad(at + 16, inHigh, Vector512<float>.Zero);
                Vector512<float> largest = Avx512F.PermuteVar16x32x2(low, even, high);
                Vector512<int> best = even + Vector512.Create((top * width) + (2 * ox));
                Vector512<int> here = best;
                Choose(ref largest, ref best, Avx512F.PermuteVar16x32x2(low, odd, high), here + Vector512<int>.One);
                low = Avx512F.MaskLoad(at + width, inLow, Vector512<float>.Zero);
                high = Avx512F.MaskLoad(at + width + 16, inHigh, Vector512<float>.Zero);
                Choose(ref largest, ref best, Avx512F.PermuteVar16x32x2(low, even, high), here + Vector512.Create(width));
                Choose(ref largest, ref best, Avx512F.PermuteVar16x32x2(low, odd, high), here + Vector512.Create(width + 1));
                Vector512<int> exists = Vector512.LessThan(Vector512<int>.Indices, windows);
                Avx512F.MaskStore(pooled + ox, exists.AsSingle(), largest);
                Avx512F.MaskStore(chosen + ox, exists, best);
            }
        }

        // A candidate wins if it is larger, or is NaN while the best so far is not; equal ones lose to earlier ones.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Choose(ref Vector512<float> largest, ref Vector512<int> best, Vector512<float> value, Vector512<int> position)
        {
            Vector512<float> wins = Vector512.GreaterThan(value, largest) | (Vector512.Equals(largest, largest) & ~Vector512.Equals(value, value));
            largest = Vector512.ConditionalSelect(wins, value, largest);
            best = Vector512.ConditionalSelect(wins.AsInt32(), position, best);
        }

        private void Scatter(T* image, T* pooled, int* chosen)
        {
            // The plane is in the first-level cache when the sums arrive, so that clearing it costs no second pass over memory.
            new Span<T>(image, width).Clear();
            for (int i = 0; i < outputWidth; i++)
            {
                Require(chosen[i]);
                image[chosen[i]] += pooled[i];
            }
        }

        private void Gather(T* image, T* pooled, int* chosen)
        {
            for (int i = 0; i < outputWidth; i++)
            {
                Require(chosen[i]);
                pooled[i] = image[chosen[i]];
            }
        }

        private void Average(T* image, T* pooled)
        {
            for (int oy = 0; oy < outputHeight; oy++)
            {
                (int top, int bottom) = Rows(oy);
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    (int left, int right) = Columns(ox);
                    T sum = T.Zero;
                    for (int iy = top; iy < bottom; iy++)
                    {
                        for (int ix = left; ix < right; ix++)
                        {
                            sum += image[(iy * width) + ix];
                        }
                    }

                    *pooled++ = sum / T.CreateTruncating((bottom - top) * (right - left));
                }
            }
        }

        private void Spread(T* image, T* pooled)
        {
            new Span<T>(image, height * width).Clear();
            for (int oy = 0; oy < outputHeight; oy++)
            {
                (int top, int bottom) = Rows(oy);
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    (int left, int right) = Columns(ox);
                    T share = *pooled++ / T.CreateTruncating((bottom - top) * (right - left));
                    for (int iy = top; iy < bottom; iy++)
                    {
                        for (int ix = left; ix < right; ix++)
                        {
                            image[(iy * width) + ix] += share;
                        }
                    }
                }
            }
        }

        private (int Begin, int End) Rows(int oy)
        {
            int first = (oy * geometry.StrideY) - geometry.PaddingY;
            return (Math.Max(0, first), Math.Min(height, first + geometry.KernelY));
        }

        private (int Begin, int End) Columns(int ox)
        {
            int first = (ox * geometry.StrideX) - geometry.PaddingX;
            return (Math.Max(0, first), Math.Min(width, first + geometry.KernelX));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Require(int position)
        {
            if ((uint)position >= (uint)width)
            {
                Outside(position, width);
            }
        }
    }

    private static void Outside(int position, int plane) =>
        throw new ArgumentOutOfRangeException(nameof(position), position, $"An index of a pooling points outside its plane of {plane} elements.");
}
