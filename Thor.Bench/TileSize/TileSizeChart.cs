using System.Globalization;
using Thor.Bench.Reports;

namespace Thor.Bench.TileSize;

/// <summary>The two curves over the tile dimension, and where they meet.</summary>
internal static class TileSizeChart
{
    /// <summary>As SVG text; the dimension's axis is logarithmic.</summary>
    public static string Draw(TileSizeReport report)
    {
        Chart chart = new Chart($"Tile dimension: {report.Model}, {report.Data}, {report.Device}", "tile dimension", "share of factors; performance")
            .PowersOfTwo()
            .Line("loss under 1 %", report.Points.Select(static point => (Math.Log2(point.Dimension), point.ShareUnderOnePercent)))
            .Line("performance p1/pn", report.Points.Select(static point => (Math.Log2(point.Dimension), point.Performance ?? double.NaN)));
        if (report.Intersection is Intersection meet)
        {
            chart.Mark(Math.Log2(meet.Dimension), meet.Value, string.Create(CultureInfo.InvariantCulture, $"{meet.Dimension:F0}, so {meet.Chosen}"));
        }

        return chart.ToSvg();
    }
}
