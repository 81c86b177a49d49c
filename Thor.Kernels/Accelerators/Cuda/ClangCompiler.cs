using System.Diagnostics;
using System.Globalization;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Turns CUDA C into PTX with clang, without CUDA and without a GPU: how machine code for devices is made ahead of time.</summary>
public sealed class ClangCompiler
{
    /// <summary>The command that is looked for on PATH. Its version fixes the version of the PTX, which drivers from 11.8 on know.</summary>
    public const string Command = "clang-16";

    /// <summary>What the PTX is made for; newer devices run it too.</summary>
    public const string Target = "sm_90";

    // Integers wrap and products are not contracted, as in C#.
    private static readonly string[] s_options =
    [
        "-x", "cuda", "--cuda-device-only", "-nocudainc", "-nocudalib", $"--cuda-gpu-arch={Target}",
        "-std=c++17", "-S", "-O3", "-ffp-contract=off", "-fwrapv", "-Wno-unknown-cuda-version", "-o", "-", "-",
    ];

    private readonly string _path;

    private ClangCompiler(string path)
    {
        _path = path;
    }

    /// <summary>The compiler of this machine; null where PATH has none.</summary>
    public static ClangCompiler? Find()
    {
        string name = OperatingSystem.IsWindows() ? Command + ".exe" : Command;
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return new ClangCompiler(path);
            }
        }

        return null;
    }

    /// <summary>Compiles a variant of a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="values">One value per specialised parameter.</param>
    /// <param name="log">What the compiler said.</param>
    /// <returns>The PTX; null where the text has errors.</returns>
    public PtxText? Compile(KernelSource kernel, ReadOnlySpan<int> values, out string log)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return Compile(kernel.Name, kernel.WithMacros(kernel.Cuda, values), out log);
    }

    /// <summary>Compiles a text.</summary>
    /// <param name="name">What the log calls it.</param>
    /// <param name="text">CUDA C without includes.</param>
    /// <param name="log">What the compiler said.</param>
    /// <returns>The PTX; null where the text has errors.</returns>
    public PtxText? Compile(string name, string text, out string log)
    {
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(_path, s_options)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> messages = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(string.Create(CultureInfo.InvariantCulture, $"{ClangPrelude.Text}#line 1 \"{name}.cu\"\n{text}\n"));
        process.StandardInput.Close();
        process.WaitForExit();
        log = messages.GetAwaiter().GetResult().Trim();
        string ptx = output.GetAwaiter().GetResult();
        return process.ExitCode == 0 ? new PtxText(ptx) : null;
    }
}
