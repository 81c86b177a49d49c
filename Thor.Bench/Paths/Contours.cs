namespace Thor.Bench.Paths;

/// <summary>Lines of equal height, by marching squares: every cell of a grid is crossed by straight pieces between interpolated points of its edges.</summary>
internal static class Contours
{
    /// <summary>The pieces of one line.</summary>
    /// <param name="x">Abscissas of the grid.</param>
    /// <param name="y">Ordinates of the grid.</param>
    /// <param name="heights">Height at x[i], y[j].</param>
    /// <param name="level">Height of the line.</param>
    public static IEnumerable<((double X, double Y) From, (double X, double Y) To)> Of(double[] x, double[] y, double[,] heights, double level)
    {
        for (int i = 0; i + 1 < x.Length; i++)
        {
            for (int j = 0; j + 1 < y.Length; j++)
            {
                (double X, double Y, double Height)[] corners =
                [
                    (x[i], y[j], heights[i, j]),
                    (x[i + 1], y[j], heights[i + 1, j]),
                    (x[i + 1], y[j + 1], heights[i + 1, j + 1]),
                    (x[i], y[j + 1], heights[i, j + 1]),
                ];
                List<(double X, double Y)> crossings = [];
                for (int edge = 0; edge < corners.Length; edge++)
                {
                    (double X, double Y, double Height) a = corners[edge];
                    (double X, double Y, double Height) b = corners[(edge + 1) % corners.Length];
                    if (a.Height < level != b.Height < level)
                    {
                        double share = (level - a.Height) / (b.Height - a.Height);
                        crossings.Add((a.X + (share * (b.X - a.X)), a.Y + (share * (b.Y - a.Y))));
                    }
                }

                // Two crossings, or four at a saddle, which neighbours in order around the cell connect.
                for (int k = 0; k + 1 < crossings.Count; k += 2)
                {
                    yield return (crossings[k], crossings[k + 1]);
                }
            }
        }
    }
}
