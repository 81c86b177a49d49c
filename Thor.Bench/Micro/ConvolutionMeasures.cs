using System.Diagnostics;

namespace Thor.Bench.Micro;

/// <summary>
/// Times the three products of the convolutions of LeNet and ResNet-20 beside a peer's product of two 1024 x 1024 float32 matrices.
/// They alternate, so that all see the same machine.
/// </summary>
public static class ConvolutionMeasures
{
    private const double PeerOperations = 2.0 * 1024 * 1024 * 1024;
    private const int WarmUps = 2;

    /// <summary>Measures forward, input gradient and weight gradient of one convolution.</summary>
    /// <param name="name">One of <see cref="ConvolutionWorkload.Names"/>.</param>
    /// <param name="peer">Runs the peer's product once.</param>
    /// <param name="repetitions">Rounds to take the medians of.</param>
    /// <exception cref="ArgumentException">There is no such convolution.</exception>
    public static IReadOnlyList<ConvolutionMeasure> Run(string name, Action peer, int repetitions)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        using ConvolutionWorkload workload = new(name);
        Action[] actions = [peer, workload.Forward, workload.InputGradient, workload.WeightGradient];
        double[][] times = Array.ConvertAll(actions, _ => new double[repetitions]);
        for (int i = -WarmUps; i < repetitions; i++)
        {
            for (int a = 0; a < actions.Length; a++)
            {
                long start = Stopwatch.GetTimestamp();
                actions[a]();
                if (i >= 0)
                {
                    times[a][i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            }
        }

        double peerGflops = PeerOperations / Median(times[0]) / 1e6;
        return
        [
            Measure("forward", times[1]),
            Measure("input gradient", times[2]),
            Measure("weight gradient", times[3]),
        ];

        ConvolutionMeasure Measure(string product, double[] milliseconds)
        {
            double median = Median(milliseconds);
            return new ConvolutionMeasure($"{name} {product}", median, workload.Operations / median / 1e6, peerGflops);
        }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
