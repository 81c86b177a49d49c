using System.Text.Json;
using Thor.Engine.Formats;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(CommandLineCollection.Name)]
public sealed class SeeInsideTests
{
    private static readonly string[] s_small = ["--model", "mlp", "--data", "glyphs", "--batch-size", "32", "--steps", "7", "--evaluate-every", "7"];

    [Fact]
    public void Train_WithTelemetryAndATrace_WritesBoth()
    {
        using TemporaryFolder folder = new();
        string telemetry = folder.File("telemetry.jsonl");
        string trace = folder.File("trace.safetensors");
        (int exitCode, _, string error) = CommandLine.Run(
            ["train", .. s_small, "--refresh-interval", "5", "--telemetry", telemetry, "--telemetry-every", "3", "--trace-step", "2", "--trace-file", trace, "trace-rule=thor"]);
        Assert.True(exitCode == 0, error);

        JsonElement[] lines = [.. File.ReadLines(telemetry).Select(static line => JsonDocument.Parse(line).RootElement)];
        JsonElement[] steps = [.. lines.Where(static l => l.GetProperty("event").GetString() == "step")];
        JsonElement[] layers = [.. lines.Where(static l => l.GetProperty("event").GetString() == "layer")];
        Assert.Equal([0L, 3, 5, 6], steps.Select(static s => s.GetProperty("step").GetInt64()));
        Assert.Equal(lines.Length, steps.Length + layers.Length);
        string[] numbers = ["loss", "learningRate", "passMilliseconds", "statisticsMilliseconds", "inversionMilliseconds", "preconditioningMilliseconds", "updateMilliseconds", "inUseBytes", "pooledBytes"];
        Assert.All(steps, step => Assert.All(numbers, name => Assert.True(step.GetProperty(name).GetDouble() >= 0, name)));
        Assert.All(layers, static layer =>
        {
            JsonElement cosine = layer.GetProperty("cosine");
            Assert.Equal(layer.GetProperty("step").GetInt64() % 3 == 0, cosine.ValueKind == JsonValueKind.Number && Math.Abs(cosine.GetDouble()) <= 1);
        });
        JsonElement decided = layers.Last(static l => l.GetProperty("step").GetInt64() == 5);
        Assert.Contains(decided.GetProperty("decision").GetString(), (string[])["Refresh", "Keep", "Stop"]);
        Assert.True(decided.GetProperty("trace").GetDouble() > 0);
        Assert.True(decided.GetProperty("change").GetDouble() >= 0);

        using TensorArchive archive = Safetensors.Load(trace);
        Assert.Equal("2", archive.Metadata["step"]);
        Assert.Contains("update.layers.0.weight", archive.Tensors.Keys);
    }

    [Theory]
    [InlineData("a file", "--trace-step", "1")]
    [InlineData("[0, 7)", "--trace-step", "7", "--trace-file", "step.safetensors")]
    [InlineData("--telemetry-every", "--telemetry", "t.jsonl", "--telemetry-every", "0")]
    [InlineData("is a folder", "--telemetry", ".")]
    public void Train_BadUsage_EndsWithOne(string expected, params string[] options)
    {
        (int exitCode, _, string error) = CommandLine.Run(["train", .. s_small, .. options]);
        Assert.Equal(1, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }
}
