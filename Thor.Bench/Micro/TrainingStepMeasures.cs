using System.Diagnostics;

namespace Thor.Bench.Micro;

/// <summary>
/// Times training steps of four models in units of one product of two 1024 x 1024 float32 matrices by a peer. Step and
/// product alternate, so that both see the same machine.
/// </summary>
public static class TrainingStepMeasures
{
    /// <summary>Steps before the clock starts: the first fills the memory pool, the others let the code be compiled in full.</summary>
    private const int WarmUps = 3;

    /// <summary>Measures one workload.</summary>
    /// <param name="name">One of <see cref="TrainingStepWorkload.Names"/>.</param>
    /// <param name="peer">Runs the peer's product once.</param>
    /// <param name="repetitions">Pairs to take the medians of.</param>
    /// <exception cref="ArgumentException">There is no such workload.</exception>
    /// <exception cref="InvalidOperationException">The loss stopped being finite, so the times would mean nothing.</exception>
    public static TrainingStepMeasure Run(string name, Action peer, int repetitions)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        using TrainingStepWorkload workload = TrainingStepWorkload.Create(name);
        for (int i = 0; i < WarmUps; i++)
        {
            peer();
            workload.Step();
        }

        double[] products = new double[repetitions];
        double[] steps = new double[repetitions];
        double loss = 0;
        for (int i = 0; i < repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            peer();
            long middle = Stopwatch.GetTimestamp();
            loss = workload.Step();
            products[i] = Stopwatch.GetElapsedTime(start, middle).TotalMilliseconds;
            steps[i] = Stopwatch.GetElapsedTime(middle).TotalMilliseconds;
        }

        if (!double.IsFinite(loss))
        {
            throw new InvalidOperationException($"Training step '{name}': the loss became {loss}.");
        }

        return new TrainingStepMeasure(name, Median(steps), Median(products), workload.Target);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
