using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Tests.Kernels;

/// <summary>The three products of a convolution as the definition says, term by term in float64, with what bounds their rounding.</summary>
internal sealed class ConvolutionReference
{
    /// <summary>Computes all three.</summary>
    public ConvolutionReference(in ConvolutionShape s, double[] x, double[] w, double[] dy)
    {
        Forward = new Sum(dy.Length);
        InputGradient = new Sum(x.Length);
        WeightGradient = new Sum(w.Length);
        Convolution2d g = s.Geometry;
        for (int i = 0; i < s.Batch * s.Outputs * s.GroupInputs; i++)
        {
            int c = i % s.GroupInputs;
            int o = i / s.GroupInputs % s.Outputs;
            int n = i / s.GroupInputs / s.Outputs;
            int channel = (o / s.GroupOutputs * s.GroupInputs) + c;
            for (int j = 0; j < s.OutputPlane; j++)
            {
                int output = (((n * s.Outputs) + o) * s.OutputPlane) + j;
                for (int k = 0; k < s.KernelY * s.KernelX; k++)
                {
                    int iy = (j / s.OutputWidth * g.StrideY) + (k / s.KernelX * g.DilationY) - g.PaddingY;
                    int ix = (j % s.OutputWidth * g.StrideX) + (k % s.KernelX * g.DilationX) - g.PaddingX;
                    if (iy >= 0 && iy < s.Height && ix >= 0 && ix < s.Width)
                    {
                        int weight = (((o * s.GroupInputs) + c) * s.KernelY * s.KernelX) + k;
                        int input = (((((n * s.Inputs) + channel) * s.Height) + iy) * s.Width) + ix;
                        Forward.Add(output, x[input] * w[weight]);
                        InputGradient.Add(input, dy[output] * w[weight]);
                        WeightGradient.Add(weight, dy[output] * x[input]);
                    }
                }
            }
        }
    }

    public Sum Forward { get; }

    public Sum InputGradient { get; }

    public Sum WeightGradient { get; }

    /// <summary>Sums of terms, and for each the sum of the absolute values and how many there were.</summary>
    internal sealed class Sum(int length)
    {
        public double[] Values { get; } = new double[length];

        public double[] Magnitudes { get; } = new double[length];

        public int[] Terms { get; } = new int[length];

        public void Add(int target, double term)
        {
            Values[target] += term;
            Magnitudes[target] += Math.Abs(term);
            Terms[target]++;
        }
    }
}
