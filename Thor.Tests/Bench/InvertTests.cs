using System.Text.Json;
using Thor.Bench.Commands;
using Thor.Bench.Invert;
using Thor.Bench.Peers;
using Thor.Kernels;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(CommandLineCollection.Name)]
public sealed class InvertTests
{
    private static readonly string[] s_quick = ["--seconds", "0.02", "--threads", "1"];

    private static readonly string[] s_rowProperties =
    [
        "device", "primitive", "implementation", "dimension", "batch", "threads", "tilesPerSecond", "gflops", "percentOfPeak",
        "microsecondsMedian", "microsecondsP5", "microsecondsP95", "residualRatio", "forwardError", "cache",
    ];

    [Theory]
    [InlineData("--dimensions", "0", "'0' is not a number from 1 to 512")]
    [InlineData("--dimensions", "16,513", "'513' is not a number from 1 to 512")]
    [InlineData("--dimensions", "wide", "'wide' is not a number")]
    [InlineData("--dimensions", ",", "names nothing")]
    [InlineData("--batch", "0", "'0' is not a number from 1")]
    [InlineData("--batch", "-4", "'-4' is not a number from 1")]
    [InlineData("--threads", "0", "--threads: '0'")]
    [InlineData("--threads", "1,100000", "'100000' is not a number from 1 to")]
    [InlineData("--against", "eigen", "no peer 'eigen'; expected none, or some of openblas")]
    [InlineData("--primitive", "determinant", "no primitive 'determinant'; expected inverse, covariance or precondition")]
    [InlineData("--precision", "half", "--precision must be one of float32, tensorfloat32, bfloat16, not 'half'")]
    [InlineData("--precision", "bfloat16", "covariance alone works in other precisions")]
    [InlineData("--device", "abacus", "--device: There is no device 'abacus'")]
    [InlineData("--seconds", "0", "--seconds: 0 is not from")]
    public void BadArgument_EndsWithOneBeforeWork(string option, string value, string expected)
    {
        (int exitCode, string output, string error) = CommandLine.Run("invert", option, value);

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public void Arguments_AreReadInOrderAndOnce()
    {
        Assert.Equal([128, 16], InvertArguments.Dimensions("128, 16,128"));
        Assert.Equal([Environment.ProcessorCount], InvertArguments.Threads("all"));
        Assert.Equal(new[] { 1, Environment.ProcessorCount }.Distinct(), InvertArguments.Threads("1,all,1"));
        Assert.Equal(["host", "cpu"], InvertArguments.Devices("host,cpu"));
        Assert.DoesNotContain("cpu", InvertArguments.Devices("all"));
        Assert.Empty(InvertArguments.Peers("none"));
    }

    [Theory]
    [InlineData("inverse")]
    [InlineData("covariance")]
    [InlineData("precondition")]
    public void Host_BesideItsPeers_WritesRoofsAndRows(string primitive)
    {
        using TemporaryFolder folder = new();
        (int exitCode, string output, string error) = CommandLine.Run(
            ["invert", "--device", "host", "--dimensions", "5,16", "--batch", "1,6", "--primitive", primitive, .. s_quick, "--json", folder.File("r.json")]);

        Assert.True(exitCode == 0, error + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(folder.File("r.json")));
        JsonElement roof = Assert.Single(report.RootElement.GetProperty("roofs").EnumerateArray());
        Assert.Equal(["device", "threads", "gflops", "gbytesPerSecond"], roof.EnumerateObject().Select(static property => property.Name));
        Assert.True(roof.GetProperty("gflops").GetDouble() > 0 && roof.GetProperty("gbytesPerSecond").GetDouble() > 0);

        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.All(rows, row => Assert.Equal(s_rowProperties, row.EnumerateObject().Select(static property => property.Name).Take(s_rowProperties.Length)));
        JsonElement[] ours = [.. rows.Where(static row => row.GetProperty("implementation").GetString() == "thor")];
        Assert.Equal(8, ours.Length);
        Assert.Equal(OpenBlas.IsAvailable ? 8 : 0, rows.Count(static row => row.GetProperty("implementation").GetString() == "openblas"));
        Assert.Equal(primitive == "inverse" ? 8 : 0, rows.Count(static row => row.GetProperty("implementation").GetString() == "mathnet"));
        foreach (string updating in (string[])["thor+update", "thor, update"])
        {
            JsonElement[] updates = [.. rows.Where(row => row.GetProperty("implementation").GetString() == updating)];
            Assert.Equal(primitive == "precondition" ? 8 : 0, updates.Length);
            Assert.All(updates, row => Assert.Equal(updating == "thor+update", row.GetProperty("thorSpeedup").ValueKind == JsonValueKind.Null));
        }

        foreach (JsonElement row in rows)
        {
            Assert.Equal(primitive, row.GetProperty("primitive").GetString());
            Assert.Equal(JsonValueKind.Null, row.GetProperty("failure").ValueKind);
            Assert.InRange(row.GetProperty("residualRatio").GetDouble(), 0, 30);
            Assert.InRange(row.GetProperty("forwardError").GetDouble(), 0, 1e-5);
            double median = row.GetProperty("microsecondsMedian").GetDouble();
            Assert.InRange(row.GetProperty("microsecondsP5").GetDouble(), double.Epsilon, median);
            Assert.True(row.GetProperty("microsecondsP95").GetDouble() >= median);
            Assert.Equal(row.GetProperty("batch").GetInt32() / median * 1e6, row.GetProperty("tilesPerSecond").GetDouble(), 1e-6 * 1e6 / median);
        }

        Assert.Contains("operations", output, StringComparison.Ordinal);
        Assert.Contains("thor is", output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Accelerator_EveryPrimitive_IsVerified(string kind)
    {
        TestDevices.Require(kind);
        foreach (string primitive in (string[])["inverse", "covariance", "precondition"])
        {
            (int exitCode, string output, string error) = CommandLine.Run(
                ["invert", "--device", kind, "--dimensions", "16", "--batch", "2", "--against", "host", "--primitive", primitive, .. s_quick]);
            Assert.True(exitCode == 0, error + output);
            Assert.Contains("thor", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Precision_OfADeviceWithoutTensorCores_IsFloat32()
    {
        (int exitCode, string output, string error) = CommandLine.Run(
            ["invert", "--device", "cpu", "--dimensions", "16", "--batch", "2", "--against", "none", "--primitive", "covariance", "--precision", "float32,bfloat16", .. s_quick]);
        Assert.True(exitCode == 0, error + output);
        Assert.Contains("cpu has no tensor cores: its rows are of float32", output, StringComparison.Ordinal);
        Assert.DoesNotContain("thor bfloat16", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Debugger_OfALargeBatch_SaysWhyItIsLeftOut()
    {
        (int exitCode, string output, _) = CommandLine.Run(["invert", "--device", "cpu", "--dimensions", "4", "--batch", "64", "--against", "none", .. s_quick]);
        Assert.Equal(0, exitCode);
        Assert.Contains("64 tiles of 4 left out: cpu checks every access", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Cell_ThatExceedsMemory_SaysHowMuchItTakes()
    {
        string? reason = TileCaps.Reason(TileProblem.Create(TilePrimitive.Inverse, 512).WithBatch(16384), null, copies: 1);
        Assert.Contains("4294967296 elements", reason, StringComparison.Ordinal);
        Assert.Contains("GiB", TileCaps.Reason(TileProblem.Create(TilePrimitive.Covariance, 1).WithBatch(2_000_000), null, copies: 1_000_000) ?? string.Empty, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inverse", 13, 3)]
    [InlineData("covariance", 13, 3)]
    [InlineData("precondition", 13, 6)]
    public void Verify_OfAResultThatChangesAfterwards_NamesTheTile(string primitive, int dimension, int batch)
    {
        TileProblem problem = TileProblem.Create(InvertArguments.Primitive(primitive), dimension).WithBatch(batch);
        using HostSets sets = new(problem, sets: 1);
        ThorContender thor = new("thor", sets);
        TileVerdict right = TileVerifier.Verify(thor, problem, 0, problem.Units);
        Assert.Null(right.Failure);

        TileVerdict wrong = TileVerifier.Verify(new Spoiler(thor, 1.001f), problem, 0, problem.Units);
        Assert.Contains($"tile {batch - 1}", wrong.Failure, StringComparison.Ordinal);
        Assert.True(wrong.ForwardError > right.ForwardError);

        TileVerdict missing = TileVerifier.Verify(new Spoiler(thor, float.NaN), problem, 0, problem.Units);
        Assert.NotNull(missing.Failure);
    }

    [Fact]
    public void WrongResult_EndsWithTwo()
    {
        InvertRow right = new("host", "inverse", "thor", 16, 1, 1, 1, 1, 1, 1, 1, 1, 0.1, 1e-7, "warm", 1, 1, null, null, 31, 1, null);
        Assert.Equal(0, InvertCommand.ExitCode([right]));
        Assert.Equal(2, InvertCommand.ExitCode([right, right with { Failure = "tile 0: status 1" }]));
    }

    [Fact]
    public void Verify_OfATileThatWasNotInverted_QuotesItsStatus() =>
        Assert.Equal("tile 7: status 3", TileSlots.Complaint([0, 0, 3], first: 5));

    [Fact]
    public void Precondition_OfABatch_IsAsSquareAsItGets()
    {
        TilePreconditionProblem problem = (TilePreconditionProblem)TileProblem.Create(TilePrimitive.Precondition, 16).WithBatch(132);
        Assert.Equal((11, 12), (problem.Down, problem.Across));
        Assert.Equal(132 * 4.0 * 16 * 16 * 16, problem.Operations);
    }

    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(0.5, 3)]
    [InlineData(0.95, 4.8)]
    [InlineData(1.0, 5)]
    public void Quantile_OfSamples_IsInterpolated(double share, double expected) =>
        Assert.Equal(expected, TileTimes.Quantile([5, 3, 1, 2, 4], share), 1e-12);

    /// <summary>Another's result with its last element changed.</summary>
    private sealed class Spoiler(ITileContender inner, float factor) : ITileContender
    {
        private int _reads;

        public string Name => inner.Name;

        public bool IsOurs => inner.IsOurs;

        public bool Updates => inner.Updates;

        public MatMulPrecision Precision => inner.Precision;

        public bool WritesTriangle => inner.WritesTriangle;

        public int Sets => inner.Sets;

        public void Run(int set, int first, int units) => inner.Run(set, first, units);

        public double Milliseconds(Action parts) => inner.Milliseconds(parts);

        public void Wait() => inner.Wait();

        public void Erase(int set) => inner.Erase(set);

        public void Read(int set, long offset, Span<float> destination)
        {
            inner.Read(set, offset, destination);

            // Three tiles are read, row by row.
            if (++_reads == 3 * destination.Length)
            {
                destination[^1] *= factor;
            }
        }

        public string? Complaint(int set, int first, int units) => inner.Complaint(set, first, units);
    }
}
