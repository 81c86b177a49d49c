using System.Text.Json;
using Thor.Autograd.SecondOrder;
using Thor.Bench.Commands;
using Thor.Bench.Verify;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(CommandLineCollection.Name)]
public sealed class VerifyCommandTests
{
    [Fact]
    public void Verify_Filtered_WritesTheChecksAndEndsWithZero()
    {
        using TemporaryFolder folder = new();
        string json = folder.File("verify.json");
        (int exitCode, string output, string error) = CommandLine.Run("verify", "--filter", "one datum", "--json", json);
        Assert.True(exitCode == 0, error + output);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal("host", document.RootElement.GetProperty("device").GetString());
        JsonElement[] checks = [.. document.RootElement.GetProperty("checks").EnumerateArray()];
        Assert.True(checks.Length > 4);
        Assert.All(checks, static check =>
        {
            Assert.Contains("one datum", check.GetProperty("name").GetString(), StringComparison.OrdinalIgnoreCase);
            Assert.True(check.GetProperty("passed").GetBoolean());
            Assert.InRange(check.GetProperty("error").GetDouble(), 0, check.GetProperty("bound").GetDouble());
        });
    }

    [Fact]
    public void Verify_ACheckFails_EndsWithTwoAndSaysSo()
    {
        using TemporaryFolder folder = new();
        string json = folder.File("verify.json");
        Check[] checks = [new Claim("holds", 0.5), new Claim("is wrong", 2), new Claim("is no number", double.NaN)];
        (int exitCode, string output, _) = CommandLine.Run(() => VerifyCommand.Execute(Device.Host, checks, json, withTable: true));
        Assert.Equal(2, exitCode);
        Assert.Contains("2 of 3 checks fail", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement[] written = [.. document.RootElement.GetProperty("checks").EnumerateArray()];
        Assert.Equal([true, false, false], written.Select(static check => check.GetProperty("passed").GetBoolean()));
        Assert.Equal(2, written[1].GetProperty("error").GetDouble());
        Assert.False(written[2].TryGetProperty("error", out _));

        // The table has every combination once, and is no check: approximations are off.
        JsonElement[] table = [.. document.RootElement.GetProperty("curvature").EnumerateArray()];
        Assert.Equal((((Enum.GetValues<FisherEstimator>().Length - 1) * Enum.GetValues<DampingSplit>().Length) + 1) * 3, table.Length);
        Assert.Equal(table.Length, table.Select(static e => (e.GetProperty("estimator").GetString(), e.GetProperty("damping").GetString(), e.GetProperty("tile").GetInt32())).Distinct().Count());
        Assert.All(table, static e => Assert.True(e.GetProperty("blockError").GetDouble() > 0 && e.GetProperty("directionError").GetDouble() > 0));
        JsonElement nearest = table.MinBy(static e => e.GetProperty("blockError").GetDouble());
        Assert.Equal((nameof(FisherEstimator.GaussNewton), 16), (nearest.GetProperty("estimator").GetString(), nearest.GetProperty("tile").GetInt32()));
    }

    [Fact]
    public void Verify_NoSuchCheck_IsBadUsage()
    {
        (int exitCode, _, string error) = CommandLine.Run("verify", "--filter", "squaring the circle");
        Assert.Equal(1, exitCode);
        Assert.Contains("squaring the circle", error, StringComparison.Ordinal);
    }

    /// <summary>A check that has an error of its own choosing and a bound of 1.</summary>
    private sealed record Claim(string Name, double Error)
        : Check(Name)
    {
        public override CheckResult Run(Device device) => CheckResult.Of(Name, Error, 1);
    }
}
