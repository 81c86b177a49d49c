namespace Thor.Tests.Autograd.Layers;

/// <summary>Textbook formulas in float64 loops, to hold layers against.</summary>
internal static class Naive
{
    /// <summary>y = x W^T + b for x (rows, inputs) and W (outputs, inputs).</summary>
    public static double[] Linear(double[] x, double[] w, double[] b, int inputs)
    {
        int rows = x.Length / inputs;
        int outputs = w.Length / inputs;
        double[] y = new double[rows * outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = b[o];
                for (int i = 0; i < inputs; i++)
                {
                    sum += x[(r * inputs) + i] * w[(o * inputs) + i];
                }

                y[(r * outputs) + o] = sum;
            }
        }

        return y;
    }

    /// <summary>Layer norm of each row.</summary>
    public static double[] LayerNorm(double[] x, double[] weight, double[] bias, double epsilon)
    {
        int width = weight.Length;
        double[] y = new double[x.Length];
        for (int start = 0; start < x.Length; start += width)
        {
            double mean = 0;
            double variance = 0;
            for (int i = 0; i < width; i++)
            {
                mean += x[start + i] / width;
            }

            for (int i = 0; i < width; i++)
            {
                variance += Math.Pow(x[start + i] - mean, 2) / width;
            }

            for (int i = 0; i < width; i++)
            {
                y[start + i] = (weight[i] * (x[start + i] - mean) / Math.Sqrt(variance + epsilon)) + bias[i];
            }
        }

        return y;
    }

    /// <summary>softmax(q k^T / sqrt(depth)) v per head, for one sequence of rows; excluded positions get no weight.</summary>
    public static double[] Attention(double[] q, double[] k, double[] v, int width, int heads, bool[] excluded)
    {
        int queries = q.Length / width;
        int keys = k.Length / width;
        int depth = width / heads;
        double[] y = new double[q.Length];
        for (int h = 0; h < heads; h++)
        {
            for (int i = 0; i < queries; i++)
            {
                double[] weights = new double[keys];
                double total = 0;
                for (int j = 0; j < keys; j++)
                {
                    double score = 0;
                    for (int d = 0; d < depth; d++)
                    {
                        score += q[(i * width) + (h * depth) + d] * k[(j * width) + (h * depth) + d];
                    }

                    weights[j] = excluded[j] ? 0 : Math.Exp(score / Math.Sqrt(depth));
                    total += weights[j];
                }

                for (int j = 0; j < keys; j++)
                {
                    for (int d = 0; d < depth; d++)
                    {
                        y[(i * width) + (h * depth) + d] += weights[j] / total * v[(j * width) + (h * depth) + d];
                    }
                }
            }
        }

        return y;
    }

    /// <summary>Cross-correlation of one image (channels, height, width) with zero padding.</summary>
    public static double Convolution(
        ReadOnlySpan<double> image, int height, int width, ReadOnlySpan<double> filter, int channels, int kernelY, int kernelX, int top, int left, int dilationY, int dilationX)
    {
        double sum = 0;
        for (int c = 0; c < channels; c++)
        {
            for (int ky = 0; ky < kernelY; ky++)
            {
                for (int kx = 0; kx < kernelX; kx++)
                {
                    int y = top + (ky * dilationY);
                    int x = left + (kx * dilationX);
                    if (y >= 0 && y < height && x >= 0 && x < width)
                    {
                        sum += image[(((c * height) + y) * width) + x] * filter[(((c * kernelY) + ky) * kernelX) + kx];
                    }
                }
            }
        }

        return sum;
    }
}
