using System.Text.Json;
using Thor.Bench.Paths;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(CommandLineCollection.Name)]
public sealed class PathsCommandTests
{
    [Fact]
    public void Paths_OfAllOptimizers_SecondOrderArrivesFirst()
    {
        using TemporaryFolder folder = new();
        string json = folder.File("paths.json");
        string svg = folder.File("paths.svg");
        (int exitCode, string output, string error) = CommandLine.Run("paths", "--json", json, "--svg", svg);
        Assert.True(exitCode == 0, error);
        Assert.Contains("natural gradient", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement root = document.RootElement;
        JsonElement[] paths = [.. root.GetProperty("paths").EnumerateArray()];
        Assert.Equal(["gradient descent", "momentum", "Newton", "natural gradient", "THOR"], paths.Select(static p => p.GetProperty("optimizer").GetString()));
        int second = paths.Where(static p => p.GetProperty("isSecondOrder").GetBoolean()).Max(static p => p.GetProperty("stepsToMinimum").GetInt32());
        int first = paths.Where(static p => !p.GetProperty("isSecondOrder").GetBoolean()).Min(static p => p.GetProperty("stepsToMinimum").GetInt32());
        Assert.True(second < first, $"{second} steps against {first}");
        Assert.All(paths, static path => Assert.Equal(41, path.GetProperty("points").GetArrayLength()));

        // The Fisher information of logistic regression is its Hessian.
        Assert.All(
            paths[2].GetProperty("points").EnumerateArray().Zip(paths[3].GetProperty("points").EnumerateArray()),
            static pair => Assert.Equal(pair.First.GetProperty("x").GetDouble(), pair.Second.GetProperty("x").GetDouble(), 1e-9));
        string chart = File.ReadAllText(svg);
        Assert.StartsWith("<svg", chart, StringComparison.Ordinal);
        Assert.Equal(5, chart.Split("<polyline").Length - 1);
    }

    [Theory]
    [InlineData("--steps", "0")]
    [InlineData("--svg", ".")]
    public void Paths_BadUsage_EndsWithOne(string option, string value)
    {
        (int exitCode, _, string error) = CommandLine.Run("paths", option, value);
        Assert.Equal(1, exitCode);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Contours_OfACone_LieAtTheirHeight()
    {
        double[] axis = [.. Enumerable.Range(0, 21).Select(static i => (i - 10) / 5.0)];
        double[,] heights = new double[21, 21];
        for (int i = 0; i < 21; i++)
        {
            for (int j = 0; j < 21; j++)
            {
                heights[i, j] = double.Hypot(axis[i], axis[j]);
            }
        }

        ((double X, double Y) From, (double X, double Y) To)[] pieces = [.. Contours.Of(axis, axis, heights, 1.3)];
        Assert.NotEmpty(pieces);
        Assert.All(pieces, static piece => Assert.Equal(1.3, double.Hypot(piece.From.X, piece.From.Y), 0.01));

        // A closed line: every end is another piece's beginning.
        Assert.All(pieces.SelectMany(static p => new[] { p.From, p.To }).GroupBy(static p => p), static end => Assert.Equal(2, end.Count()));
    }
}
