using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Thor.Bench;
using Thor.Engine.Formats;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(CommandLineCollection.Name)]
public sealed class CommandLineTests
{
    private static readonly string[] s_small = ["--model", "mlp", "--batch-size", "32", "--evaluate-every", "10"];

    [Fact]
    public void Compare_WritesResultLogReportAndCheckpoints()
    {
        using TemporaryFolder folder = new();
        string json = folder.File("r.json");
        (int exitCode, string output, string error) = CommandLine.Run(
            ["compare", "--optimizers", "momentum,thor", .. s_small, "--steps", "20", "--target-accuracy", "0.2", "--out", folder.File("out"), "--json", json, "thor.damping=0.05"]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("THOR over momentum", output, StringComparison.Ordinal);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement[] runs = [.. result.RootElement.GetProperty("runs").EnumerateArray()];
        Assert.Equal(["momentum", "thor"], runs.Select(static r => r.GetProperty("optimizer").GetString()));
        Assert.Equal("0.05", runs[1].GetProperty("settings").GetProperty("damping").GetString());
        Assert.Equal("true", runs[0].GetProperty("settings").GetProperty("nesterov").GetString());
        Assert.True(double.Parse(runs[0].GetProperty("settings").GetProperty("clip-norm").GetString()!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        foreach (JsonElement run in runs)
        {
            Assert.Equal(20, run.GetProperty("steps").GetInt64());
            Assert.True(run.GetProperty("seconds").GetDouble() > 0);
            Assert.True(run.GetProperty("stepMilliseconds").GetProperty("median").GetDouble() > 0);
            Assert.True(run.GetProperty("stepMilliseconds").GetProperty("p95").GetDouble() > 0);
            Assert.Equal(0.2, run.GetProperty("targetAccuracy").GetDouble());
            Assert.InRange(run.GetProperty("finalTestAccuracy").GetDouble(), 0, 1);
            Assert.True(double.IsFinite(run.GetProperty("finalTrainLoss").GetDouble()));
            Assert.Equal([10L, 20L], run.GetProperty("curve").EnumerateArray().Select(static p => p.GetProperty("step").GetInt64()));
            Assert.True(run.TryGetProperty("stepsToTarget", out _) && run.TryGetProperty("secondsToTarget", out _));
        }

        JsonElement ratios = result.RootElement.GetProperty("ratios");
        Assert.True(ratios.GetProperty("stepTime").GetDouble() > 0);
        Assert.True(ratios.TryGetProperty("stepsToTarget", out _) && ratios.TryGetProperty("secondsToTarget", out _));

        string report = File.ReadAllText(Path.Combine(folder.File("out"), "report.html"));
        Assert.Contains("<svg", report, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", report, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", report, StringComparison.Ordinal);
        foreach (string name in (string[])["momentum", "thor"])
        {
            string[] lines = File.ReadAllLines(Path.Combine(folder.File("out"), name, "log.jsonl"));
            Assert.Equal(2, lines.Length);
            Assert.All(lines, static line => Assert.Equal("evaluation", JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()));
            Assert.True(File.Exists(Path.Combine(folder.File("out"), name, "checkpoint.safetensors")));
        }
    }

    [Fact]
    public void Train_ResumedInAnotherRun_EndsWithTheSameBits()
    {
        using TemporaryFolder folder = new();
        string[] settings = ["--optimizer", "thor", .. s_small, "--learning-rate", "0.02", "--refresh-interval", "4"];
        Assert.Equal(0, CommandLine.Run(["train", .. settings, "--steps", "22", "--out", folder.File("whole")]).ExitCode);
        Assert.Equal(0, CommandLine.Run(["train", .. settings, "--steps", "9", "--out", folder.File("parts")]).ExitCode);
        Assert.Equal(0, CommandLine.Run(["train", "--resume", folder.File("parts"), "--steps", "22"]).ExitCode);

        using TensorArchive whole = Safetensors.Load(Path.Combine(folder.File("whole"), "checkpoint.safetensors"));
        using TensorArchive parts = Safetensors.Load(Path.Combine(folder.File("parts"), "checkpoint.safetensors"));
        Assert.Equal(whole.Tensors.Keys, parts.Tensors.Keys);
        foreach (string name in whole.Tensors.Keys.Where(static n => n.StartsWith("model.", StringComparison.Ordinal)))
        {
            Assert.True(whole[name].ToArray<float>().AsSpan().SequenceEqual(parts[name].ToArray<float>()), $"'{name}' differs");
        }
    }

    [Fact]
    public void Compare_Resumed_GoesOnWithEveryRun()
    {
        using TemporaryFolder folder = new();
        string[] settings = ["compare", "--optimizers", "sgd,adam", .. s_small, "learning-rate=0.001"];
        Assert.Equal(0, CommandLine.Run([.. settings, "--steps", "4", "--out", folder.Path]).ExitCode);
        string json = folder.File("r.json");
        Assert.Equal(0, CommandLine.Run("compare", "--resume", folder.Path, "--steps", "7", "--json", json).ExitCode);

        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal([("adam", 7L), ("sgd", 7L)], result.RootElement.GetProperty("runs").EnumerateArray().Select(static r => (r.GetProperty("optimizer").GetString(), r.GetProperty("steps").GetInt64())));
    }

    [Theory]
    [InlineData("no comparison to resume", "compare", "--resume", "no-such-folder")]
    [InlineData("model 'perceptron'", "train", "--model", "perceptron", "--steps", "1")]
    [InlineData("data set 'imagenet'", "train", "--data", "imagenet", "--steps", "1")]
    [InlineData("'tpu:0'", "train", "--device", "tpu", "--steps", "1")]
    [InlineData("optimizer 'magic'", "train", "--optimizer", "magic", "--steps", "1")]
    [InlineData("damping", "train", "--optimizer", "thor", "--damping", "lots", "--steps", "1")]
    [InlineData("damping", "train", "--optimizer", "momentum", "--damping", "0.1", "--steps", "1")]
    [InlineData("--covariance-precision must be one of float32, tensorfloat32, bfloat16, not 'half'", "train", "--covariance-precision", "half", "--steps", "1")]
    [InlineData("--batch-size", "train", "--batch-size", "0", "--steps", "1")]
    [InlineData("--data-dir", "train", "--data", "mnist", "--steps", "1")]
    [InlineData("no run to resume", "train", "--resume", "no-such-folder")]
    [InlineData("does not take part", "compare", "--optimizers", "momentum,thor", "adam.beta1=0.9", "--steps", "1")]
    [InlineData("each once", "compare", "--optimizers", "thor,thor")]
    [InlineData("'nvcc' is not a compiler", "micro", "--device", "cpu", "--against", "nvcc")]
    [InlineData("not on 'host'", "micro", "--against", "ilgpu")]
#if !ILGPU
    [InlineData("-p:UseIlgpu=true", "micro", "--device", "cpu", "--against", "ilgpu")]
#endif
    public void BadUsage_IsNamedAndEndsWithOne(string expected, params string[] arguments)
    {
        string? data = Environment.GetEnvironmentVariable("THOR_DATA");
        try
        {
            Environment.SetEnvironmentVariable("THOR_DATA", null);
            (int exitCode, _, string error) = CommandLine.Run(arguments);
            Assert.Equal(1, exitCode);
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("THOR_DATA", data);
        }
    }

    [Fact]
    public void UnreadableNumber_EndsWithOne() => Assert.Equal(1, CommandLine.Run("train", "--steps", "many").ExitCode);

    [Fact]
    public void UnwritableOutput_IsFoundBeforeTraining()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("taken"), "a file");
        (int exitCode, string output, string error) = CommandLine.Run(["train", .. s_small, "--steps", "1", "--out", Path.Combine(folder.File("taken"), "inside")]);
        Assert.Equal(1, exitCode);
        Assert.Contains("cannot be written", error, StringComparison.Ordinal);
        Assert.DoesNotContain("step", output, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingData_EndsWithTwoAndNamesTheFiles()
    {
        using TemporaryFolder folder = new();
        (int exitCode, _, string error) = CommandLine.Run(["train", .. s_small, "--data", "mnist", "--data-dir", folder.Path, "--steps", "1"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("train-images-idx3-ubyte", error, StringComparison.Ordinal);
    }

    [Fact]
    public void CorruptCheckpoint_EndsWithTwoAndIsLeftAsItWas()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, CommandLine.Run(["train", .. s_small, "--steps", "2", "--out", folder.Path]).ExitCode);
        string path = folder.File("checkpoint.safetensors");
        byte[] half = File.ReadAllBytes(path)[..1000];
        File.WriteAllBytes(path, half);
        (int exitCode, _, string error) = CommandLine.Run("train", "--resume", folder.Path, "--steps", "4");
        Assert.Equal(2, exitCode);
        Assert.Contains("checkpoint.safetensors", error, StringComparison.Ordinal);
        Assert.Equal(half, File.ReadAllBytes(path));
    }

    [Fact]
    public void LossThatIsNotFinite_EndsWithTwoAndNamesStepAndPlace()
    {
        using TemporaryFolder folder = new();
        (int exitCode, _, string error) = CommandLine.Run(
            ["train", "--optimizer", "sgd", .. s_small, "--learning-rate", "1e30", "--steps", "20", "--out", folder.Path]);
        Assert.Equal(2, exitCode);
        Assert.Matches("Step [0-9]+: the loss is", error);
        Assert.Contains("not finite", error, StringComparison.Ordinal);
        Assert.Contains("checkpoint.safetensors", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_ListsTheHost()
    {
        (int exitCode, string output, _) = CommandLine.Run("devices");
        Assert.Equal(0, exitCode);
        Assert.Contains("host", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_SavesACheckpointAndEndsWithZero()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends SIGTERM with kill, which needs Linux");
        using TemporaryFolder folder = new();
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { typeof(Program).Assembly.Location, "train", "--model", "mlp", "--batch-size", "32", "--evaluate-every", "5", "--steps", "1000000", "--out", folder.Path },
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        CancellationToken cancellation = TestContext.Current.CancellationToken;

        // The first evaluation proves that training is under way.
        string? line = await process.StandardOutput.ReadLineAsync(cancellation);
        Assert.Contains("step", line, StringComparison.Ordinal);
        // SIGTERM is handled as Ctrl-C is, and unlike SIGINT no shell makes its background jobs ignore it.
        Assert.Equal(0, Kill(process.Id, 15));
        Task<string> rest = process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("Interrupted; saved in", await rest, StringComparison.Ordinal);
        Assert.True(new FileInfo(folder.File("checkpoint.safetensors")).Length > 1000);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
