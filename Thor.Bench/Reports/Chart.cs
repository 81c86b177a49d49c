using System.Globalization;
using System.Net;
using System.Text;

namespace Thor.Bench.Reports;

/// <summary>A line chart as SVG text: linear axes with round tick values, one colour a line, an optional horizontal target.</summary>
internal sealed class Chart
{
    private const int Width = 640;
    private const int Height = 360;
    private const int Left = 64;
    private const int Right = 16;
    private const int Top = 36;
    private const int Bottom = 48;
    private const int MinimumLegend = 150;
    private const int LegendMargin = 24;
    private const int LegendPerCharacter = 6;

    private static readonly string[] s_colours = ["#d1495b", "#00798c", "#edae49", "#66a182", "#2e4057", "#8d6a9f", "#9c6644", "#3d5a80"];

    private readonly string _title;
    private readonly string _xLabel;
    private readonly string _yLabel;
    private readonly List<(string Name, IReadOnlyList<(double X, double Y)> Points)> _lines = [];
    private readonly List<(double X, double Y, string Name)> _marks = [];
    private readonly List<((double X, double Y) From, (double X, double Y) To)> _segments = [];
    private double? _target;
    private bool _dots;
    private bool _powersOfTwo;

    public Chart(string title, string xLabel, string yLabel)
    {
        _title = title;
        _xLabel = xLabel;
        _yLabel = yLabel;
    }

    /// <summary>Adds a line; points that are not finite are left out.</summary>
    public Chart Line(string name, IEnumerable<(double X, double Y)> points)
    {
        _lines.Add((name, [.. points.Where(static p => double.IsFinite(p.X) && double.IsFinite(p.Y))]));
        return this;
    }

    /// <summary>Draws a dashed horizontal line.</summary>
    public Chart Target(double? value)
    {
        _target = value;
        return this;
    }

    /// <summary>Marks a point.</summary>
    public Chart Mark(double x, double y, string name)
    {
        _marks.Add((x, y, name));
        return this;
    }

    /// <summary>Draws thin pieces below the lines; the axes make room for them.</summary>
    public Chart Segments(IEnumerable<((double X, double Y) From, (double X, double Y) To)> segments)
    {
        _segments.AddRange(segments);
        return this;
    }

    /// <summary>Shows the points of the lines.</summary>
    public Chart Dots()
    {
        _dots = true;
        return this;
    }

    /// <summary>Labels the horizontal axis with two to the power of the abscissa.</summary>
    public Chart PowersOfTwo()
    {
        _powersOfTwo = true;
        return this;
    }

    /// <summary>The chart as an svg element.</summary>
    public string ToSvg()
    {
        List<(double X, double Y)> all = [.. _lines.SelectMany(static l => l.Points), .. _segments.SelectMany(static s => new[] { s.From, s.To })];
        if (_target is double goal && all.Count > 0)
        {
            all.Add((all[0].X, goal));
        }

        Axis x = Axis.Fit(all.Select(static p => p.X), Left, Width - Right);
        Axis y = Axis.Fit(all.Select(static p => p.Y), Height - Bottom, Top);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{Text(_title)}</text>\n");
        foreach (double tick in x.Ticks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x.At(tick):F1}\" y1=\"{Top}\" x2=\"{x.At(tick):F1}\" y2=\"{Height - Bottom}\" stroke=\"#e4e4e4\"/><text x=\"{x.At(tick):F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{(_powersOfTwo ? Math.Pow(2, tick) : tick):G6}</text>\n");
        }

        foreach (double tick in y.Ticks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{y.At(tick):F1}\" x2=\"{Width - Right}\" y2=\"{y.At(tick):F1}\" stroke=\"#e4e4e4\"/><text x=\"{Left - 6}\" y=\"{y.At(tick) + 4:F1}\" text-anchor=\"end\">{tick:G6}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 10}\" text-anchor=\"middle\">{Text(_xLabel)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{Text(_yLabel)}</text>\n");
        if (_target is double target)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{y.At(target):F1}\" x2=\"{Width - Right}\" y2=\"{y.At(target):F1}\" stroke=\"#555\" stroke-dasharray=\"5 4\"/>\n");
        }

        if (_segments.Count > 0)
        {
            string pieces = string.Join(' ', _segments.Select(s => string.Create(
                CultureInfo.InvariantCulture, $"M{x.At(s.From.X):F1} {y.At(s.From.Y):F1}L{x.At(s.To.X):F1} {y.At(s.To.Y):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{pieces}\" fill=\"none\" stroke=\"#9aa5b1\" stroke-width=\"0.7\"/>\n");
        }

        int legend = Width - Right - Math.Max(MinimumLegend, LegendMargin + (LegendPerCharacter * _lines.Select(static l => l.Name.Length).DefaultIfEmpty().Max()));
        for (int i = 0; i < _lines.Count; i++)
        {
            string colour = s_colours[i % s_colours.Length];
            string path = string.Join(' ', _lines[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{x.At(p.X):F1},{y.At(p.Y):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
            foreach ((double pointX, double pointY) in _dots ? _lines[i].Points : [])
            {
                svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x.At(pointX):F1}\" cy=\"{y.At(pointY):F1}\" r=\"2.5\" fill=\"{colour}\"/>\n");
            }

            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{legend}\" y=\"{Top + 8 + (i * 18)}\" width=\"12\" height=\"12\" fill=\"{colour}\"/><text x=\"{legend + 18}\" y=\"{Top + 18 + (i * 18)}\">{Text(_lines[i].Name)}</text>\n");
        }

        foreach ((double markX, double markY, string name) in _marks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x.At(markX):F1}\" cy=\"{y.At(markY):F1}\" r=\"5\" fill=\"none\" stroke=\"#222\" stroke-width=\"2\"/><text x=\"{x.At(markX):F1}\" y=\"{y.At(markY) - 10:F1}\" text-anchor=\"middle\" font-weight=\"bold\">{Text(name)}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A linear axis from data to pixels, with about six round ticks.</summary>
    private sealed record Axis(double Low, double High, double From, double To, IReadOnlyList<double> Ticks)
    {
        public static Axis Fit(IEnumerable<double> values, double from, double to)
        {
            double low = double.PositiveInfinity;
            double high = double.NegativeInfinity;
            foreach (double value in values)
            {
                low = Math.Min(low, value);
                high = Math.Max(high, value);
            }

            if (!(low <= high))
            {
                (low, high) = (0, 1);
            }

            if (low == high)
            {
                (low, high) = (low - 0.5, high + 0.5);
            }

            double rough = (high - low) / 6;
            double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
            low = Math.Floor(low / step) * step;
            high = Math.Ceiling(high / step) * step;
            int count = (int)Math.Round((high - low) / step);
            return new Axis(low, high, from, to, [.. Enumerable.Range(0, count + 1).Select(i => Math.Round(low + (i * step), 10))]);
        }

        public double At(double value) => From + ((value - Low) / (High - Low) * (To - From));
    }
}
