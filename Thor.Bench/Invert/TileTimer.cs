using System.Diagnostics;

namespace Thor.Bench.Invert;

/// <summary>Times implementations in turns, a sample each, so that all see the same machine.</summary>
internal static class TileTimer
{
    /// <summary>Samples of each.</summary>
    public const int Samples = 31;

    private const int FewestSamples = 7;
    private const double WarmUpSeconds = 0.15;

    // Time enough for the runtime to replace the code that it starts with by optimised code, on a busy machine too.
    private const double FirstWarmUpSeconds = 0.8;

    // Runs of less only try whether all works, and do not wait for optimised code.
    private const double SeriousSeconds = 0.1;
    private const double ShortestShare = 0.05;

    // Calls that are too long to be cut may take so much longer than asked for.
    private const double Patience = 4;

    /// <summary>Times of a call, for each of the implementations.</summary>
    /// <param name="contenders">The implementations.</param>
    /// <param name="problem">The cell.</param>
    /// <param name="cold">Whether caches hold nothing of what a call reads.</param>
    /// <param name="first">Whether tiles of this dimension are new to this process.</param>
    /// <param name="seconds">Time that the samples of one may take.</param>
    public static TileTimes[] Measure(IReadOnlyList<ITileContender> contenders, TileProblem problem, bool cold, bool first, double seconds)
    {
        double longest = seconds * 1000 / Samples;
        TileSchedule[] schedules = [.. contenders.Select(contender => new TileSchedule(contender, problem.Units, cold))];
        double warmUpSeconds = (first ? FirstWarmUpSeconds : WarmUpSeconds) * Math.Min(1, seconds / SeriousSeconds);
        foreach (TileSchedule schedule in schedules)
        {
            schedule.Calibrate(longest * ShortestShare, longest);
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < warmUpSeconds)
            {
                schedule.Milliseconds(schedule.PartsPerSample);
            }

            // Again, now that the code is the optimised one.
            schedule.Calibrate(longest * ShortestShare, longest);
        }

        List<double>[] samples = [.. schedules.Select(static _ => new List<double>())];
        long begin = Stopwatch.GetTimestamp();
        for (int sample = 0; sample < Samples; sample++)
        {
            if (sample >= FewestSamples && Stopwatch.GetElapsedTime(begin).TotalSeconds > Patience * seconds * schedules.Length)
            {
                break;
            }

            for (int i = 0; i < schedules.Length; i++)
            {
                // Who goes first alternates, so that nobody always follows the same.
                int turn = (i + sample) % schedules.Length;
                samples[turn].Add(MicrosecondsOfCall(schedules[turn], problem.Units));
            }
        }

        return [.. schedules.Select((schedule, i) => new TileTimes(
            samples[i], schedule.UnitsPerPart * problem.TilesPerUnit, schedule.UnitsPerPart, Latency(contenders[i], schedule, problem.Units)))];
    }

    private static double MicrosecondsOfCall(TileSchedule schedule, int units) =>
        schedule.Milliseconds(schedule.PartsPerSample) * 1000 / schedule.PartsPerSample * units / schedule.UnitsPerPart;

    /// <summary>Median microseconds from one call to its end by the host's clock; null where a call was cut.</summary>
    private static double? Latency(ITileContender contender, TileSchedule schedule, int units)
    {
        if (schedule.UnitsPerPart < units)
        {
            return null;
        }

        List<double> times = [];
        for (int sample = 0; sample < Samples; sample++)
        {
            long start = Stopwatch.GetTimestamp();
            schedule.Next();
            contender.Wait();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return TileTimes.Quantile(times, 0.5);
    }
}
