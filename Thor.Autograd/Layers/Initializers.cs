using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Autograd.Layers;

/// <summary>
/// Initial values. Each method overwrites a tensor and returns it. Fan-in of a weight (out, in, ...) is in times the
/// product of the further extents (the kernel), fan-out is out times that product.
/// </summary>
public static class Initializers
{
    [ThreadStatic]
    private static RandomStream? t_default;

    /// <summary>The stream that layers made without one draw from, one per thread, starting at seed 0.</summary>
    /// <remarks>Pass a stream of your own where a result must not depend on what else the thread made.</remarks>
    public static RandomStream Default => t_default ??= new RandomStream(0);

    /// <summary>Factor that keeps the variance of activations through ReLU: sqrt(2) (He et al. 2015).</summary>
    public static double ReluGain => Math.Sqrt(2);

    /// <summary>Zeros.</summary>
    public static Tensor Zeros(Tensor tensor) => tensor.Fill(0);

    /// <summary>Ones.</summary>
    public static Tensor Ones(Tensor tensor) => tensor.Fill(1);

    /// <summary>Uniform in [low, high).</summary>
    public static Tensor Uniform(Tensor tensor, RandomStream random, double low = 0, double high = 1)
    {
        using Tensor draw = random.Uniform(tensor.Shape, tensor.DType, tensor.Device);
        return tensor.CopyFrom(draw).MapInPlace(BinaryOperation.Multiply, high - low).MapInPlace(BinaryOperation.Add, low);
    }

    /// <summary>Normal with a mean and a standard deviation.</summary>
    public static Tensor Normal(Tensor tensor, RandomStream random, double mean = 0, double deviation = 1)
    {
        using Tensor draw = random.Normal(tensor.Shape, tensor.DType, tensor.Device);
        return tensor.CopyFrom(draw).MapInPlace(BinaryOperation.Multiply, deviation).MapInPlace(BinaryOperation.Add, mean);
    }

    /// <summary>Normal numbers, drawn again while they are more than <paramref name="cut"/> standard deviations from the mean.</summary>
    public static Tensor TruncatedNormal(Tensor tensor, RandomStream random, double mean = 0, double deviation = 1, double cut = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cut);
        double[] values = new double[tensor.Length];
        for (int filled = 0; filled < values.Length;)
        {
            using Tensor draw = random.Normal([values.Length - filled], DType.Float64);
            foreach (double z in draw.AsSpan<double>())
            {
                if (Math.Abs(z) <= cut)
                {
                    values[filled++] = mean + (deviation * z);
                }
            }
        }

        using Tensor source = Tensor.From(values, tensor.Shape);
        return tensor.CopyFrom(source);
    }

    /// <summary>Uniform in +-gain sqrt(3 / fan) with gain sqrt(2 / (1 + slope^2)) (He et al. 2015); slope 0 is for ReLU.</summary>
    /// <remarks>torch initialises dense and convolution weights with slope sqrt(5), which is +-1 / sqrt(fan-in).</remarks>
    public static Tensor KaimingUniform(Tensor weight, RandomStream random, double slope = 0, bool fanOut = false)
    {
        double bound = LeakyGain(slope) * Math.Sqrt(3.0 / Fan(weight, fanOut));
        return Uniform(weight, random, -bound, bound);
    }

    /// <summary>Normal with deviation gain / sqrt(fan), gain as for <see cref="KaimingUniform"/> (He et al. 2015).</summary>
    public static Tensor KaimingNormal(Tensor weight, RandomStream random, double slope = 0, bool fanOut = false) =>
        Normal(weight, random, 0, LeakyGain(slope) / Math.Sqrt(Fan(weight, fanOut)));

    /// <summary>Uniform in +-gain sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio 2010, equation 16).</summary>
    public static Tensor XavierUniform(Tensor weight, RandomStream random, double gain = 1)
    {
        double bound = gain * Math.Sqrt(6.0 / (Fan(weight, false) + Fan(weight, true)));
        return Uniform(weight, random, -bound, bound);
    }

    /// <summary>Normal with deviation gain sqrt(2 / (fan-in + fan-out)) (Glorot and Bengio 2010, equation 12).</summary>
    public static Tensor XavierNormal(Tensor weight, RandomStream random, double gain = 1) =>
        Normal(weight, random, 0, gain * Math.Sqrt(2.0 / (Fan(weight, false) + Fan(weight, true))));

    /// <summary>torch's default for dense and convolution weights.</summary>
    internal static Tensor DefaultWeight(Shape shape, RandomStream? random, DType type) =>
        KaimingUniform(Tensor.Empty(shape, type), random ?? Default, Math.Sqrt(5));

    /// <summary>torch's default for their biases: uniform in +-1 / sqrt(fan-in).</summary>
    internal static Tensor DefaultBias(Tensor weight, RandomStream? random)
    {
        double bound = 1 / Math.Sqrt(Fan(weight, false));
        return Uniform(weight.EmptyLike([weight.Shape[0]]), random ?? Default, -bound, bound);
    }

    private static double LeakyGain(double slope) => Math.Sqrt(2 / (1 + (slope * slope)));

    private static double Fan(Tensor weight, bool fanOut)
    {
        if (weight.Rank < 2)
        {
            throw new ShapeException($"Initializers: fans need a weight of rank 2 or more, (out, in, ...), got {weight.Shape}");
        }

        double fan = (double)weight.Length / weight.Shape[fanOut ? 1 : 0];
        return Math.Max(1, fan);
    }
}
