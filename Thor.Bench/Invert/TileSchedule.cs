namespace Thor.Bench.Invert;

/// <summary>
/// Which part of which set a contender works on next. Warm caches: always the first set. Cold: one set after the other, of which there are more
/// than caches hold. Where a call takes too long for a sample, a sample is a part of it, and parts take turns.
/// </summary>
/// <param name="contender">Who works.</param>
/// <param name="units">Units of a call.</param>
/// <param name="cold">Whether sets take turns.</param>
internal sealed class TileSchedule(ITileContender contender, int units, bool cold)
{
    private int _set;
    private int _first;

    /// <summary>Units of a part.</summary>
    public int UnitsPerPart { get; private set; } = 1;

    /// <summary>Parts of a sample.</summary>
    public int PartsPerSample { get; private set; } = 1;

    /// <summary>Does the next part.</summary>
    public void Next()
    {
        if (_first + UnitsPerPart > units)
        {
            _first = 0;
            _set = cold ? (_set + 1) % contender.Sets : 0;
        }

        contender.Run(_set, _first, UnitsPerPart);
        _first += UnitsPerPart;
    }

    /// <summary>Milliseconds of so many parts.</summary>
    public double Milliseconds(int parts) => contender.Milliseconds(() =>
    {
        for (int part = 0; part < parts; part++)
        {
            Next();
        }
    });

    /// <summary>Finds how much work makes a sample: as much as takes the shortest time, in parts that take at most the longest.</summary>
    /// <param name="shortest">Milliseconds of a sample.</param>
    /// <param name="longest">Milliseconds of a part.</param>
    public void Calibrate(double shortest, double longest)
    {
        // The first call compiles.
        Milliseconds(1);
        double once = Math.Min(Milliseconds(1), Milliseconds(1));
        while (UnitsPerPart < units && once < longest / 4)
        {
            UnitsPerPart = (int)Math.Min(units, 4L * UnitsPerPart);
            Milliseconds(1);
            once = Milliseconds(1);
        }

        if (once > longest)
        {
            UnitsPerPart = Math.Max(1, (int)(UnitsPerPart * longest / once));
            once = Milliseconds(1);
        }
        else if (UnitsPerPart < units && once * units / UnitsPerPart <= longest)
        {
            UnitsPerPart = units;
            once = Milliseconds(1);
        }

        PartsPerSample = (int)Math.Clamp(shortest / Math.Max(once, 1e-6), 1, 10000);
    }
}
