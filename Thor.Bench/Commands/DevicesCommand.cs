using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Spectre.Console;
using Thor.Bench.Peers;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Host;

namespace Thor.Bench.Commands;

/// <summary>`thor devices`: what this machine can compute on, what it cannot and why, and which peers are there to measure against.</summary>
internal static class DevicesCommand
{
    private const string Unknown = "–";

    public static Command Create()
    {
        Option<DirectoryInfo?> kernels = new("--kernels") { Description = "Write the generated text of every kernel, for OpenCL and for CUDA, into this folder.", HelpName = "DIR" };
        Option<DirectoryInfo?> ptx = new("--ptx") { Description = $"Compile the kernels into this folder with {ClangCompiler.Command}, to be embedded or named by THOR_PTX.", HelpName = "DIR" };
        Option<string?> code = new("--code") { Description = "Compile every kernel for this device and tell what each needs.", HelpName = "DEVICE" };
        Command command = new("devices", "List devices and peer libraries, and say why one is missing; or write the kernels out.") { kernels, ptx, code };
        command.SetAction(result =>
        {
            DirectoryInfo? texts = result.GetValue(kernels);
            DirectoryInfo? compiled = result.GetValue(ptx);
            string? device = result.GetValue(code);
            int exit = texts is null ? 0 : KernelTexts.WriteSources(texts);
            exit = Math.Max(exit, compiled is null ? 0 : KernelTexts.WritePtx(compiled));
            exit = Math.Max(exit, device is null ? 0 : KernelCode.Show(device));
            return texts is null && compiled is null && device is null ? Run() : exit;
        });
        return command;
    }

    private static int Run()
    {
        IReadOnlyList<AcceleratorDescription> found = Accelerator.Discover();
        Table devices = new Table().AddColumns("device", "what", "driver", "memory", "shared", "group", "units", "clock", "estimated peak");
        devices.AddRow("host", Markup.Escape(HostName()), Markup.Escape(RuntimeInformation.FrameworkDescription), Gigabytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
            Unknown, Unknown, Number(WorkerPool.Shared.Threads), Unknown, Unknown);
        foreach (AcceleratorDescription device in found.OrderBy(static device => device.Name, StringComparer.Ordinal))
        {
            if (device.Properties is AcceleratorProperties p)
            {
                devices.AddRow(device.Name, Markup.Escape(p.DeviceName), Markup.Escape(p.Driver), Gigabytes(p.MemoryBytes), Kilobytes(p.MaxSharedBytes),
                    Number(p.MaxGroupThreads), Number(p.Multiprocessors), p.ClockMegahertz > 0 ? $"{Number(p.ClockMegahertz)} MHz" : Unknown, Peak(p));
            }
        }

        AnsiConsole.Write(devices);
        Table missing = new Table().AddColumns("not here", "why");
        foreach (AcceleratorDescription device in found.Where(static device => device.Properties is null))
        {
            missing.AddRow(device.Name, Markup.Escape(device.Reason ?? string.Empty));
        }

        if (missing.Rows.Count > 0)
        {
            AnsiConsole.Write(missing);
        }

        Table peers = new Table().AddColumns("peer", "state");
        peers.AddRow("OpenBLAS", OpenBlas.IsAvailable ? $"found, {OpenBlas.Core} kernels" : $"not found: {OpenBlas.LibraryName} is not on the library path (Debian: apt install libopenblas0-pthread)");
        AnsiConsole.Write(peers);
        return 0;
    }

    private static string HostName()
    {
        string simd = Vector512.IsHardwareAccelerated ? "512-bit SIMD" : Vector256.IsHardwareAccelerated ? "256-bit SIMD" : Vector128.IsHardwareAccelerated ? "128-bit SIMD" : "no SIMD";
        return $"{RuntimeInformation.ProcessArchitecture}, {simd}";
    }

    private static string Peak(AcceleratorProperties properties)
    {
        string arithmetic = properties.PeakGigaflops > 0 ? string.Create(CultureInfo.InvariantCulture, $"{properties.PeakGigaflops:F0} GFLOP/s") : Unknown;
        string memory = properties.PeakGigabytesPerSecond > 0 ? string.Create(CultureInfo.InvariantCulture, $", {properties.PeakGigabytesPerSecond:F0} GB/s") : string.Empty;
        return arithmetic + memory;
    }

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB");

    private static string Kilobytes(int bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10} KiB");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
