using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Thor.Bench.Peers;

/// <summary>PyTorch in a process of its own, where the python3 on the path can import it: training steps of the same models, batches and optimizer.</summary>
internal static class Torch
{
    private const string Script = "torch_steps.py";
    private const string Interpreter = "python3";

    private static readonly Lazy<string?> s_missing = new(Probe);

    /// <summary>Why it cannot be measured against; null if it can.</summary>
    public static string? Missing => s_missing.Value;

    /// <summary>Median milliseconds of a training step.</summary>
    /// <param name="model">A name of <see cref="Micro.TrainingStepWorkload.Names"/>.</param>
    /// <param name="device">"cpu" or "cuda:N".</param>
    /// <param name="tensorFloat32">Whether products and convolutions may round their inputs to TF32.</param>
    /// <exception cref="InvalidOperationException">The process failed; the message holds what it said.</exception>
    public static double StepMilliseconds(string model, string device, bool tensorFloat32)
    {
        string folder = Directory.CreateTempSubdirectory("thor-torch-").FullName;
        try
        {
            string path = Path.Combine(folder, Script);
            using (Stream source = typeof(Torch).Assembly.GetManifestResourceStream(Script) ?? throw new InvalidOperationException($"{Script} is not embedded."))
            using (FileStream file = File.Create(path))
            {
                source.CopyTo(file);
            }

            string output = Run([path, model, device, tensorFloat32 ? "tf32" : "fp32"]);
            return double.Parse(output, NumberStyles.Float, CultureInfo.InvariantCulture);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Probe()
    {
        try
        {
            Run(["-c", "import torch"]);
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            return $"{Interpreter} cannot import torch (Debian: apt install python3-torch)";
        }
    }

    private static string Run(IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(Interpreter, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{Interpreter} did not start.");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{Interpreter} ended with {process.ExitCode}: {errors.Result}");
    }
}
