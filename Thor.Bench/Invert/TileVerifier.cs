namespace Thor.Bench.Invert;

/// <summary>Proves after timing that an implementation still computes what it should.</summary>
internal static class TileVerifier
{
    /// <summary>Erases results, computes the first and the last part of a call anew, and judges some of their tiles.</summary>
    /// <param name="contender">The implementation.</param>
    /// <param name="problem">The cell.</param>
    /// <param name="set">Which operands.</param>
    /// <param name="units">Units of a part, as they were timed.</param>
    public static TileVerdict Verify(ITileContender contender, TileProblem problem, int set, int units)
    {
        contender.Erase(set);
        int last = problem.Units - units;
        contender.Run(set, 0, units);
        string? complaint = contender.Complaint(set, 0, units);
        if (last > 0)
        {
            contender.Run(set, last, units);
            complaint ??= contender.Complaint(set, last, units);
        }

        contender.Wait();
        int middle = units * problem.TilesPerUnit / 2;
        TileVerdict verdict = new(0, 0, complaint);
        foreach (int tile in (int[])[.. new[] { 0, middle, problem.Batch - 1 }.Distinct()])
        {
            verdict = verdict.And(problem.Check(tile, Result(contender, problem, set, tile), contender.IsOurs, contender.Precision));
        }

        return verdict;
    }

    private static float[] Result(ITileContender contender, TileProblem problem, int set, int tile)
    {
        int n = problem.Dimension;
        float[] result = new float[n * n];
        for (int row = 0; row < n; row++)
        {
            contender.Read(set, problem.RowOffset(tile, row), result.AsSpan(row * n, n));
        }

        for (int i = 0; contender.WritesTriangle && i < n; i++)
        {
            for (int j = 0; j < i; j++)
            {
                result[(i * n) + j] = result[(j * n) + i];
            }
        }

        return result;
    }
}
