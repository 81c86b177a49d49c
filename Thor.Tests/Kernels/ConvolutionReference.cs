using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Tests.Kernels;

/// <summary>Convolution as its definition says, element by element in float64, with a bound on each sum's magnitude.</summary>
internal static class ConvolutionReference
{
    /// <summary>Calls back with the indices of every (weight, input, output) that meet.</summary>
    public static void ForEach(in ConvolutionShape s, Action<int, int, int> meet)
    {
        Convolution2d g = s.Geometry;
        for (int n = 0; n < s.Batch; n++)
        {
            for (int o = 0; o < s.Outputs; o++)
            {
                for (int c = 0; c < s.GroupInputs; c++)
                {
                    int channel = (o / s.GroupOutputs * s.GroupInputs) + c;
                    for (int oy = 0; oy < s.OutputHeight; oy++)
                    {
                        for (int ox = 0; ox < s.OutputWidth; ox++)
                        {
                            for (int ky = 0; ky < s.KernelY; ky++)
                            {
                                for (int kx = 0; kx < s.KernelX; kx++)
                                {
                                    int iy = (oy * g.StrideY) + (ky * g.DilationY) - g.PaddingY;
                                    int ix = (ox * g.StrideX) + (kx * g.DilationX) - g.PaddingX;
                                    if (iy >= 0 && iy < s.Height && ix >= 0 && ix < s.Width)
                                    {
                                        meet(
                                            (((((o * s.GroupInputs) + c) * s.KernelY) + ky) * s.KernelX) + kx,
                                            (((((n * s.Inputs) + channel) * s.Height) + iy) * s.Width) + ix,
                                            (((((n * s.Outputs) + o) * s.OutputHeight) + oy) * s.OutputWidth) + ox);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>Results, and for each the sum of the absolute values of its terms and how many there are.</summary>
    public static (double[] Values, double[] Magnitudes, int[] Terms) Sum(
        int length, in ConvolutionShape shape, Func<int, int, int, (int Target, double Term)> term)
    {
        double[] values = new double[length];
        double[] magnitudes = new double[length];
        int[] terms = new int[length];
        ForEach(shape, (w, x, y) =>
        {
            (int target, double value) = term(w, x, y);
            values[target] += value;
            magnitudes[target] += Math.Abs(value);
            terms[target]++;
        });
        return (values, magnitudes, terms);
    }
}
