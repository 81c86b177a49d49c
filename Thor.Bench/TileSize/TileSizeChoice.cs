namespace Thor.Bench.TileSize;

/// <summary>Candidates, and where the two curves over them meet.</summary>
internal static class TileSizeChoice
{
    private const int SmallestTile = 16;

    /// <summary>1, then powers of two from 16, and last the largest dimension itself.</summary>
    public static IReadOnlyList<int> Candidates(int largestDimension)
    {
        SortedSet<int> sizes = [1, largestDimension];
        for (long size = SmallestTile; size < largestDimension; size *= 2)
        {
            sizes.Add((int)size);
        }

        return [.. sizes];
    }

    /// <summary>The first dimension at which the rising curve reaches the falling one, both being linear in the dimension's logarithm in between.</summary>
    /// <param name="points">By dimension; those that have no performance are passed over.</param>
    /// <returns>Null where the curves do not meet.</returns>
    public static Intersection? Intersect(IReadOnlyList<TileSizePoint> points)
    {
        (double X, double Rising, double Falling)? left = null;
        foreach (TileSizePoint point in points)
        {
            if (point.Performance is not double falling)
            {
                continue;
            }

            double x = Math.Log2(point.Dimension);
            double gap = point.ShareUnderOnePercent - falling;
            if (gap >= 0)
            {
                if (left is not (double leftX, double leftRising, double leftFalling))
                {
                    return At(x, point.ShareUnderOnePercent);
                }

                double share = (leftFalling - leftRising) / (leftFalling - leftRising + gap);
                return At(leftX + (share * (x - leftX)), leftRising + (share * (point.ShareUnderOnePercent - leftRising)));
            }

            left = (x, point.ShareUnderOnePercent, falling);
        }

        return null;
    }

    private static Intersection At(double logarithm, double value) =>
        new(Math.Pow(2, logarithm), value, 1 << (int)Math.Round(logarithm, MidpointRounding.AwayFromZero));
}
