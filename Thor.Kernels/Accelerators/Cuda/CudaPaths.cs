namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// The places where the driver and the run-time compiler are installed by distributions, by NVIDIA's toolkit and by Python packages.
/// A bounded look at folders; no process is started.
/// </summary>
internal static class CudaPaths
{
    // A folder such as /opt may hold many entries; more than this are not looked into.
    private const int MostEntries = 64;

    /// <summary>This machine.</summary>
    public static MachineView Machine { get; } = new("/", Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());

    /// <summary>Where the driver may be.</summary>
    public static LibraryCandidates Driver(MachineView machine) => machine.IsWindows
        ? new(["nvcuda.dll"], [], [])
        : new(
            ["libcuda.so.1"],
            machine.Existing(["usr/local/nvidia/lib64", "usr/local/nvidia/lib", "usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/nvidia/current", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib/wsl/lib", "usr/lib/nvidia"]),
            ["libnvidia-ptxjitcompiler.so.1", "libnvidia-nvvm.so.4"]);

    /// <summary>Where the run-time compiler may be, newest first.</summary>
    public static LibraryCandidates Compiler(MachineView machine)
    {
        List<string> folders = Folders(machine, "cuda_nvrtc");
        return machine.IsWindows
            ? new(["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"], folders, ["nvrtc-builtins64_*.dll"])
            : new(["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"], folders, ["libnvrtc-builtins.so.*"]);
    }

    /// <summary>Where NVIDIA's library of matrix products may be, newest first.</summary>
    public static LibraryCandidates Blas(MachineView machine)
    {
        List<string> folders = Folders(machine, "cublas");
        return machine.IsWindows
            ? new(["cublas64_13.dll", "cublas64_12.dll"], folders, ["cublasLt64_*.dll"])
            : new(["libcublas.so.13", "libcublas.so.12"], folders, ["libcublasLt.so.*"]);
    }

    /// <summary>Where NVIDIA's library of factorisations may be, newest first.</summary>
    public static LibraryCandidates Solver(MachineView machine) => machine.IsWindows
        ? new(["cusolver64_12.dll", "cusolver64_11.dll"], Folders(machine, "cusolver"), [])
        : new(["libcusolver.so.12", "libcusolver.so.11"], Folders(machine, "cusolver"), []);

    /// <summary>Where the libraries may be that the one of factorisations opens by name alone, beside that of products: what they need comes first.</summary>
    public static IReadOnlyList<LibraryCandidates> SolverNeeds(MachineView machine) => machine.IsWindows
        ? [new(["nvJitLink_130_0.dll", "nvJitLink_120_0.dll"], Folders(machine, "nvjitlink"), []), new(["cusparse64_12.dll"], Folders(machine, "cusparse"), [])]
        : [new(["libnvJitLink.so.13", "libnvJitLink.so.12"], Folders(machine, "nvjitlink"), []), new(["libcusparse.so.12"], Folders(machine, "cusparse"), [])];

    // Folders of toolkits, of distributions and of Python packages, which have a part of their own for each library until CUDA 12.
    private static List<string> Folders(MachineView machine, string pythonPart)
    {
        List<string> folders = [];
        foreach (string variable in (ReadOnlySpan<string>)["CUDA_HOME", "CUDA_PATH"])
        {
            if (machine.Variable(variable) is { Length: > 0 } home)
            {
                AddToolkit(folders, home);
            }
        }

        if (!machine.IsWindows)
        {
            foreach (string toolkit in machine.Children("usr/local", "cuda*").OrderDescending(StringComparer.Ordinal))
            {
                AddToolkit(folders, toolkit);
            }

            folders.AddRange(machine.Existing(["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64"]));
        }

        foreach (string packages in SitePackages(machine))
        {
            foreach (string part in (ReadOnlySpan<string>)["cu13", pythonPart])
            {
                AddIfThere(folders, Path.Combine(packages, "nvidia", part, machine.IsWindows ? "bin" : "lib"));
            }
        }

        return folders;
    }

    // Environments that are active, that the python of PATH belongs to, and that usual places hold.
    private static List<string> SitePackages(MachineView machine)
    {
        List<string> prefixes = [];
        foreach (string variable in (ReadOnlySpan<string>)["VIRTUAL_ENV", "CONDA_PREFIX"])
        {
            if (machine.Variable(variable) is { Length: > 0 } prefix)
            {
                prefixes.Add(prefix);
            }
        }

        foreach (string folder in (machine.Variable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Take(MostEntries))
        {
            if (!machine.IsWindows && File.Exists(Path.Combine(folder, "python3")) && Path.GetDirectoryName(folder) is string prefix)
            {
                prefixes.Add(prefix);
            }
            else if (machine.IsWindows && File.Exists(Path.Combine(folder, "python.exe")))
            {
                prefixes.Add(folder);
            }
        }

        if (machine.Variable("HOME") is { Length: > 0 } home)
        {
            prefixes.Add(Path.Combine(home, ".local"));
        }

        if (!machine.IsWindows)
        {
            foreach (string optional in machine.Children("opt", "*").Take(MostEntries))
            {
                prefixes.Add(optional);
                prefixes.Add(Path.Combine(optional, ".venv"));
            }

            prefixes.AddRange(machine.Existing(["usr/local", "usr"]));
        }

        List<string> packages = [];
        foreach (string prefix in prefixes)
        {
            if (machine.IsWindows)
            {
                AddIfThere(packages, Path.Combine(prefix, "Lib", "site-packages"));
                continue;
            }

            foreach (string python in MachineView.ChildrenOf(Path.Combine(prefix, "lib"), "python3*").Take(MostEntries))
            {
                AddIfThere(packages, Path.Combine(python, "site-packages"));
                AddIfThere(packages, Path.Combine(python, "dist-packages"));
            }
        }

        return packages;
    }

    private static void AddToolkit(List<string> folders, string home)
    {
        AddIfThere(folders, Path.Combine(home, "lib64"));
        AddIfThere(folders, Path.Combine(home, "lib"));
        AddIfThere(folders, Path.Combine(home, "bin"));
        AddIfThere(folders, Path.Combine(home, "targets", "x86_64-linux", "lib"));
    }

    private static void AddIfThere(List<string> folders, string folder)
    {
        if (Directory.Exists(folder) && !folders.Contains(folder))
        {
            folders.Add(folder);
        }
    }
}
