using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Convolution and its two adjoints over dense arrays.</summary>
public static unsafe class Convolution
{
    /// <summary>y = x convolved (cross-correlated) with w, plus bias per output channel unless it is null.</summary>
    public static void Forward<T>(T* x, T* w, T* bias, T* y, in ConvolutionShape shape)
        where T : unmanaged, INumber<T>
    {
        for (int plane = 0; plane < shape.Batch * shape.Outputs; plane++)
        {
            new Span<T>(y + ((long)plane * shape.OutputPlane), shape.OutputPlane).Fill(bias == null ? T.Zero : bias[plane % shape.Outputs]);
        }

        foreach (Tap tap in new Taps(shape))
        {
            T value = w[tap.Weight];
            T* source = x + tap.Input;
            T* target = y + tap.Output;
            for (int i = 0; i < tap.Count; i++)
            {
                target[i] += value * source[i * shape.Geometry.StrideX];
            }
        }
    }

    /// <summary>dx = the adjoint of the convolution in x, applied to dy.</summary>
    public static void InputGradient<T>(T* dy, T* w, T* dx, in ConvolutionShape shape)
        where T : unmanaged, INumber<T>
    {
        new Span<T>(dx, checked(shape.Batch * shape.Inputs * shape.InputPlane)).Clear();
        foreach (Tap tap in new Taps(shape))
        {
            T value = w[tap.Weight];
            T* source = dy + tap.Output;
            T* target = dx + tap.Input;
            for (int i = 0; i < tap.Count; i++)
            {
                target[i * shape.Geometry.StrideX] += value * source[i];
            }
        }
    }

    /// <summary>dw = the adjoint of the convolution in w, applied to dy.</summary>
    public static void WeightGradient<T>(T* x, T* dy, T* dw, in ConvolutionShape shape)
        where T : unmanaged, INumber<T>
    {
        new Span<T>(dw, checked(shape.Outputs * shape.GroupInputs * shape.KernelY * shape.KernelX)).Clear();
        foreach (Tap tap in new Taps(shape))
        {
            T* source = x + tap.Input;
            T* gradient = dy + tap.Output;
            T sum = T.Zero;
            for (int i = 0; i < tap.Count; i++)
            {
                sum += gradient[i] * source[i * shape.Geometry.StrideX];
            }

            dw[tap.Weight] += sum;
        }
    }

    /// <summary>One weight meeting one row of the output: offsets of the weight, of the first input and output element, and how many there are.</summary>
    private readonly record struct Tap(long Weight, long Input, long Output, int Count);

    /// <summary>Every weight with every output row it touches, inside the image only.</summary>
    private readonly struct Taps(ConvolutionShape shape)
    {
        public IEnumerator<Tap> GetEnumerator()
        {
            Convolution2d g = shape.Geometry;
            for (int n = 0; n < shape.Batch; n++)
            {
                for (int o = 0; o < shape.Outputs; o++)
                {
                    int group = o / shape.GroupOutputs;
                    for (int i = 0; i < shape.GroupInputs * shape.KernelY * shape.KernelX; i++)
                    {
                        int kx = i % shape.KernelX;
                        int ky = i / shape.KernelX % shape.KernelY;
                        int channel = (group * shape.GroupInputs) + (i / shape.KernelX / shape.KernelY);
                        int firstColumn = (kx * g.DilationX) - g.PaddingX;
                        int from = firstColumn >= 0 ? 0 : (-firstColumn + g.StrideX - 1) / g.StrideX;
                        int to = Math.Min(shape.OutputWidth, shape.Width <= firstColumn ? 0 : ((shape.Width - 1 - firstColumn) / g.StrideX) + 1);
                        for (int oy = 0; oy < shape.OutputHeight && from < to; oy++)
                        {
                            int iy = (oy * g.StrideY) + (ky * g.DilationY) - g.PaddingY;
                            if ((uint)iy < (uint)shape.Height)
                            {
                                yield return new Tap(
                                    ((long)o * shape.GroupInputs * shape.KernelY * shape.KernelX) + i,
                                    (((((long)n * shape.Inputs) + channel) * shape.Height) + iy) * shape.Width + firstColumn + (from * g.StrideX),
                                    (((((long)n * shape.Outputs) + o) * shape.OutputHeight) + oy) * shape.OutputWidth + from,
                                    to - from);
                            }
                        }
                    }
                }
            }
        }
    }
}
