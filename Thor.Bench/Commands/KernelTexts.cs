using Spectre.Console;
using Thor.Bench.Reports;
using Thor.Bench.Runs;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;

namespace Thor.Bench.Commands;

/// <summary>Writes the engine's kernels out: as the texts that devices compile, and as PTX made ahead of time.</summary>
internal static class KernelTexts
{
    private const string PreludeName = "clang-prelude.h";

    /// <summary>Writes NAME.cl and NAME.cu of every kernel, what clang needs in front of the latter, and the C# that launches them.</summary>
    public static int WriteSources(DirectoryInfo folder)
    {
        RunFolder.Prepare(folder.FullName);
        foreach (KernelSource kernel in KernelCatalog.All)
        {
            File.WriteAllText(Path.Combine(folder.FullName, kernel.Name + ".cu"), kernel.Cuda);
            if (kernel.OpenCL is string openCL)
            {
                File.WriteAllText(Path.Combine(folder.FullName, kernel.Name + ".cl"), openCL);
            }
        }

        File.WriteAllText(Path.Combine(folder.FullName, PreludeName), ClangPrelude.Text);
        AnsiConsole.MarkupLineInterpolated($"{KernelCatalog.All.Count} kernels written to {folder.FullName}; {PreludeName} goes in front of the CUDA texts where clang compiles them.");
        int launchers = LauncherTexts.Write(Path.Combine(AppContext.BaseDirectory, typeof(KernelCatalog).Assembly.GetName().Name + ".dll"), folder.FullName);
        AnsiConsole.MarkupLineInterpolated(launchers > 0
            ? $"{launchers} files with their C#: launchers and what the processor runs."
            : (FormattableString)$"Their C# is not in this build of the program: it is part of the debug information of Thor.Kernels.dll.");
        return 0;
    }

    /// <summary>Compiles every variant that is declared; fails if a text has errors.</summary>
    public static int WritePtx(DirectoryInfo folder)
    {
        if (ClangCompiler.Find() is not ClangCompiler compiler)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{ClangCompiler.Command} is not on PATH[/] (Debian: apt install clang-16): no PTX was made.");
            return 1;
        }

        IReadOnlyList<PtxOutcome> outcomes = PtxFolder.Write(folder.FullName, KernelCatalog.All, compiler);
        int errors = 0;
        foreach (PtxOutcome outcome in outcomes.Where(static outcome => outcome.Problem is not null))
        {
            errors += outcome.Ptx is null ? 1 : 0;
            AnsiConsole.MarkupLineInterpolated($"[yellow]{outcome.Kernel.PtxName([.. outcome.Values])}[/]: {outcome.Problem}");
        }

        foreach (PtxOutcome outcome in outcomes.Where(static outcome => outcome.Ptx is { LocalBytes: > 0 }))
        {
            AnsiConsole.MarkupLineInterpolated($"{outcome.Kernel.PtxName([.. outcome.Values])}: arrays of {outcome.Ptx!.LocalBytes} bytes a thread are in local memory");
        }

        AnsiConsole.MarkupLineInterpolated($"{outcomes.Count(static outcome => outcome.Problem is null)} of {outcomes.Count} variants written to {folder.FullName} for {ClangCompiler.Target} and newer.");
        return errors > 0 ? 1 : 0;
    }
}
