using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Maximum and average pooling over dense planes (rows of a (planes, height, width) array) and their adjoints.</summary>
public static unsafe class Pooling
{
    /// <summary>
    /// y = largest element of each window inside the image, indices = its position y * width + x in the plane. The first of equals
    /// wins, and a NaN wins over every number. A window wholly in the padding does not occur: padding is less than the kernel.
    /// </summary>
    public static void MaxForward<T>(T* x, T* y, int* indices, int planes, int height, int width, in Pooling2d geometry)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int outputHeight = geometry.OutputHeight(height);
        int outputWidth = geometry.OutputWidth(width);
        for (int plane = 0; plane < planes; plane++)
        {
            T* image = x + ((long)plane * height * width);
            for (int oy = 0; oy < outputHeight; oy++)
            {
                int top = Math.Max(0, (oy * geometry.StrideY) - geometry.PaddingY);
                int bottom = Math.Min(height, (oy * geometry.StrideY) - geometry.PaddingY + geometry.KernelY);
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    int left = Math.Max(0, (ox * geometry.StrideX) - geometry.PaddingX);
                    int right = Math.Min(width, (ox * geometry.StrideX) - geometry.PaddingX + geometry.KernelX);
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

                    *y++ = largest;
                    *indices++ = best;
                }
            }
        }
    }

    /// <summary>dx[plane, indices[plane, i]] += gradient[plane, i], all else 0.</summary>
    public static void MaxScatter<T>(T* gradient, int* indices, T* dx, int planes, int outputs, int inputs)
        where T : unmanaged, INumber<T>
    {
        for (int plane = 0; plane < planes; plane++)
        {
            T* target = dx + ((long)plane * inputs);
            new Span<T>(target, inputs).Clear();
            for (int i = 0; i < outputs; i++)
            {
                target[*indices++] += *gradient++;
            }
        }
    }

    /// <summary>y[plane, i] = x[plane, indices[plane, i]].</summary>
    public static void MaxGather<T>(T* x, int* indices, T* y, int planes, int outputs, int inputs)
        where T : unmanaged
    {
        for (int plane = 0; plane < planes; plane++)
        {
            T* source = x + ((long)plane * inputs);
            for (int i = 0; i < outputs; i++)
            {
                *y++ = source[*indices++];
            }
        }
    }

    /// <summary>y = mean of the elements of each window that lie inside the image.</summary>
    public static void AverageForward<T>(T* x, T* y, int planes, int height, int width, in Pooling2d geometry)
        where T : unmanaged, INumber<T>
    {
        int outputHeight = geometry.OutputHeight(height);
        int outputWidth = geometry.OutputWidth(width);
        for (int plane = 0; plane < planes; plane++)
        {
            T* image = x + ((long)plane * height * width);
            for (int oy = 0; oy < outputHeight; oy++)
            {
                int top = Math.Max(0, (oy * geometry.StrideY) - geometry.PaddingY);
                int bottom = Math.Min(height, (oy * geometry.StrideY) - geometry.PaddingY + geometry.KernelY);
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    int left = Math.Max(0, (ox * geometry.StrideX) - geometry.PaddingX);
                    int right = Math.Min(width, (ox * geometry.StrideX) - geometry.PaddingX + geometry.KernelX);
                    T sum = T.Zero;
                    for (int iy = top; iy < bottom; iy++)
                    {
                        for (int ix = left; ix < right; ix++)
                        {
                            sum += image[(iy * width) + ix];
                        }
                    }

                    *y++ = sum / T.CreateTruncating((bottom - top) * (right - left));
                }
            }
        }
    }

    /// <summary>dx = the adjoint of <see cref="AverageForward"/>, applied to the gradient.</summary>
    public static void AverageGradient<T>(T* gradient, T* dx, int planes, int height, int width, in Pooling2d geometry)
        where T : unmanaged, INumber<T>
    {
        int outputHeight = geometry.OutputHeight(height);
        int outputWidth = geometry.OutputWidth(width);
        for (int plane = 0; plane < planes; plane++)
        {
            T* image = dx + ((long)plane * height * width);
            new Span<T>(image, height * width).Clear();
            for (int oy = 0; oy < outputHeight; oy++)
            {
                int top = Math.Max(0, (oy * geometry.StrideY) - geometry.PaddingY);
                int bottom = Math.Min(height, (oy * geometry.StrideY) - geometry.PaddingY + geometry.KernelY);
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    int left = Math.Max(0, (ox * geometry.StrideX) - geometry.PaddingX);
                    int right = Math.Min(width, (ox * geometry.StrideX) - geometry.PaddingX + geometry.KernelX);
                    T share = *gradient++ / T.CreateTruncating((bottom - top) * (right - left));
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
    }
}
