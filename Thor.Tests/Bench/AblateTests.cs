using System.Text.Json;
using Thor.Bench.Ablate;
using Thor.Bench.Runs;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(CommandLineCollection.Name)]
public sealed class AblateTests
{
    private static readonly Dictionary<string, string> s_effective = new() { ["tile"] = "128", ["kl-clip"] = "0.001", ["trace-rule"] = "off" };

    [Fact]
    public void Grid_OneAtATime_IsTheBaseAndEveryOtherValue()
    {
        (Dictionary<string, string> settings, List<AblationAxis> axes) = AblationGrid.Read(["momentum=0.8", "tile=32,128", "refresh-interval=5|5,50:20|"]);
        Assert.Equal("0.8", Assert.Single(settings).Value);
        Assert.Equal(["5", "5,50:20"], axes[1].Values);
        Assert.Equal(
            ["base", "tile=32", "refresh-interval=5", "refresh-interval=5,50:20"],
            AblationGrid.Cells(axes, s_effective, full: false).Select(static cell => cell.Name));
    }

    [Fact]
    public void Grid_Full_IsTheProductWithoutTheBaseTwice()
    {
        (_, List<AblationAxis> axes) = AblationGrid.Read(["tile=32,128", "trace-rule=off,thor"]);
        Assert.Equal(
            ["base", "tile=32", "tile=32 trace-rule=thor", "trace-rule=thor"],
            AblationGrid.Cells(axes, s_effective, full: true).Select(static cell => cell.Name));
    }

    [Theory]
    [InlineData("tile")]
    [InlineData("tile=")]
    [InlineData("=3")]
    [InlineData("tile=32,32")]
    [InlineData("tile=32", "tile=64,128")]
    public void Grid_Malformed_IsRefused(params string[] assignments) => Assert.Throws<UsageException>(() => AblationGrid.Read(assignments));

    [Fact]
    public void Ablate_OfASmallTask_WritesTableAndReports()
    {
        using TemporaryFolder folder = new();
        string json = folder.File("result.json");
        (int exitCode, string output, string error) = CommandLine.Run(
            "ablate", "--model", "mlp", "--data", "glyphs", "--batch-size", "32", "--steps", "6", "--evaluate-every", "3", "--out", folder.Path, "--json", json,
            "refresh-interval=2", "tile=16,128", "trace-rule=off,9:0", "kl-clip=off,0.001");
        Assert.True(exitCode == 0, error);
        Assert.Contains("trace-rule=9:0", output, StringComparison.Ordinal);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement root = document.RootElement;
        Assert.Equal("2", root.GetProperty("settings").GetProperty("refresh-interval").GetString());
        JsonElement[] rows = [.. root.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["base", "tile=16", "trace-rule=9:0", "kl-clip=off"], rows.Select(static row => row.GetProperty("name").GetString()));
        Assert.All(rows, static row =>
        {
            Assert.Equal(6, row.GetProperty("steps").GetInt64());
            Assert.Equal(3, row.GetProperty("opportunities").GetInt32());
            Assert.True(row.GetProperty("seconds").GetDouble() > 0);
            Assert.True(row.GetProperty("statisticsSeconds").GetDouble() > 0);
            Assert.True(row.GetProperty("preconditioningSeconds").GetDouble() > 0);
            Assert.InRange(row.GetProperty("finalTestAccuracy").GetDouble(), 0, 1);
            Assert.True(double.IsFinite(row.GetProperty("finalTestLoss").GetDouble()));
        });
        Assert.Equal("9:0", rows[2].GetProperty("changes").GetProperty("trace-rule").GetString());

        // A threshold that no change reaches: each layer is refreshed once, then never.
        int layers = rows[0].GetProperty("refreshes").GetInt32() / 3;
        Assert.True(layers > 0);
        Assert.Equal(layers, rows[2].GetProperty("refreshes").GetInt32());
        Assert.Equal(0, rows[0].GetProperty("inversionSavedSeconds").GetDouble());
        Assert.Equal(
            rows[0].GetProperty("inversionSeconds").GetDouble() - rows[2].GetProperty("inversionSeconds").GetDouble(), rows[2].GetProperty("inversionSavedSeconds").GetDouble(), 9);

        Assert.Equal(File.ReadAllText(json), File.ReadAllText(folder.File("ablation.json")));
        Assert.Contains("| trace-rule=9:0 | 6 |", File.ReadAllText(folder.File("ablation.md")), StringComparison.Ordinal);
        Assert.Contains("<td>trace-rule=9:0</td>", File.ReadAllText(folder.File("ablation.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Ablate_ARunThatDiverges_EndsAloneAndIsNamed()
    {
        using TemporaryFolder folder = new();
        string json = folder.File("result.json");
        (int exitCode, string output, string error) = CommandLine.Run(
            "ablate", "--model", "mlp", "--batch-size", "32", "--steps", "6", "--optimizer", "sgd", "--json", json, "learning-rate=0.01,1e30");
        Assert.True(exitCode == 0, error);
        Assert.Contains("(diverged)", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray()];
        JsonElement diverged = Assert.Single(rows, static row => row.GetProperty("failure").ValueKind == JsonValueKind.String);
        Assert.Equal("learning-rate=1e30", diverged.GetProperty("name").GetString());
        Assert.Contains("the loss is", diverged.GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.All(rows.Where(static row => row.GetProperty("failure").ValueKind == JsonValueKind.Null), static row => Assert.Equal(6, row.GetProperty("steps").GetInt64()));
    }

    [Theory]
    [InlineData("There is no axis", "tile=32")]
    [InlineData("'colour' is not a setting of thor", "colour=red,blue")]
    [InlineData("tile", "tile=32,blue")]
    public void Ablate_BadUsage_EndsWithOne(string expected, string assignment)
    {
        (int exitCode, _, string error) = CommandLine.Run("ablate", "--model", "mlp", "--steps", "1", assignment);
        Assert.Equal(1, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }
}
