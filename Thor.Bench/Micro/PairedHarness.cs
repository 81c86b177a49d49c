using System.Diagnostics;

namespace Thor.Bench.Micro;

/// <summary>
/// Times Thor and a peer in turn, in blocks of calls, so that both see the same machine. Between blocks both rest: a peer's
/// threads may go on spinning for tens of milliseconds after a call and would take the other's cores.
/// </summary>
internal static class PairedHarness
{
    private const double BlockMilliseconds = 40;
    private const double WarmUpMilliseconds = 250;
    private const int MaximumCalls = 2000;
    private const int PauseMilliseconds = 100;

    /// <summary>Medians over the pairs.</summary>
    /// <param name="thor">One call of Thor.</param>
    /// <param name="peer">One call of the peer.</param>
    /// <param name="pairs">How many pairs of blocks.</param>
    public static PairedTimes Run(Action thor, Action peer, int pairs)
    {
        WarmUp(thor);
        int thorCalls = Calibrate(thor);
        int peerCalls = Calibrate(peer);
        double[] thorTimes = new double[pairs];
        double[] peerTimes = new double[pairs];
        double[] ratios = new double[pairs];
        for (int i = 0; i < pairs; i++)
        {
            // Who goes first alternates, so that neither always follows the other.
            if (i % 2 == 0)
            {
                thorTimes[i] = Block(thor, thorCalls);
                peerTimes[i] = Block(peer, peerCalls);
            }
            else
            {
                peerTimes[i] = Block(peer, peerCalls);
                thorTimes[i] = Block(thor, thorCalls);
            }

            ratios[i] = peerTimes[i] / thorTimes[i];
        }

        return new PairedTimes(Median(thorTimes), Median(peerTimes), Median(ratios));
    }

    /// <summary>The median over blocks of something that has no peer.</summary>
    /// <param name="call">One call.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <returns>Milliseconds of a call.</returns>
    public static double Run(Action call, int blocks)
    {
        WarmUp(call);
        int calls = Calibrate(call);
        double[] times = new double[blocks];
        for (int i = 0; i < blocks; i++)
        {
            times[i] = Block(call, calls);
        }

        return Median(times);
    }

    private static double Block(Action action, int calls)
    {
        Thread.Sleep(PauseMilliseconds);
        action(); // Wakes threads and fills caches, as every call but the first of a program finds them.
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / calls;
    }

    /// <summary>Time enough for the runtime to replace the code that it starts with by optimised code.</summary>
    private static void WarmUp(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            action();
        }
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds);
    }

    private static int Calibrate(Action action)
    {
        action();
        action();
        double once = double.PositiveInfinity;
        for (int i = 0; i < 3; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            once = Math.Min(once, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return (int)Math.Clamp(BlockMilliseconds / Math.Max(once, 1e-6), 1, MaximumCalls);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>Median milliseconds of a call on both sides, and the median over pairs of peer time divided by Thor's.</summary>
internal readonly record struct PairedTimes(double ThorMilliseconds, double PeerMilliseconds, double Ratio);
