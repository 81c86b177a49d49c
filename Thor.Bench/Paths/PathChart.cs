using Thor.Bench.Reports;

namespace Thor.Bench.Paths;

/// <summary>The paths over lines of equal loss.</summary>
internal static class PathChart
{
    private const int GridPoints = 121;
    private const int Levels = 10;
    private const double Margin = 0.15;

    /// <summary>As SVG text.</summary>
    public static string Draw(PathReport report)
    {
        List<PathPoint> all = [report.Minimum, .. report.Paths.SelectMany(static path => path.Points)];
        double[] x = Grid(all.Min(static p => p.X), all.Max(static p => p.X));
        double[] y = Grid(all.Min(static p => p.Y), all.Max(static p => p.Y));
        PathSurface surface = new();
        double[,] heights = new double[GridPoints, GridPoints];
        for (int i = 0; i < GridPoints; i++)
        {
            for (int j = 0; j < GridPoints; j++)
            {
                surface.Place(x[i], y[j]);
                heights[i, j] = surface.Here().Loss;
            }
        }

        Chart chart = new("Descent paths", "first weight", "second weight");
        double highest = heights.Cast<double>().Max() - report.Minimum.Loss;
        for (int level = 0; level < Levels; level++)
        {
            // Each line is half as far above the minimum as the one outside it.
            chart.Segments(Contours.Of(x, y, heights, report.Minimum.Loss + (highest / Math.Pow(2, level + 0.5))));
        }

        foreach (DescentPath path in report.Paths)
        {
            string steps = path.StepsToMinimum is int count ? $"{count} steps" : "not there yet";
            chart.Line($"{path.Optimizer}: {steps}", path.Points.Select(static p => (p.X, p.Y)));
        }

        return chart.Dots().Mark(report.Minimum.X, report.Minimum.Y, "minimum").ToSvg();
    }

    private static double[] Grid(double low, double high)
    {
        double margin = Margin * (high - low);
        return [.. Enumerable.Range(0, GridPoints).Select(i => low - margin + ((high - low + (2 * margin)) * i / (GridPoints - 1)))];
    }
}
