using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Spectre.Console;
using Thor.Bench.Micro;
using Thor.Bench.Runs;
using Thor.Engine;
using Thor.Engine.Formats;
using Thor.Kernels.Accelerators;

namespace Thor.Bench.Commands;

/// <summary>`thor micro`: primitives and training steps beside their peers, in one run on one machine.</summary>
internal static class MicroCommand
{
    private static readonly MeasureSet[] s_sets =
    [
        new PeakMeasures(), new GemmMeasures(), new ConvolutionMeasures(), new TileMeasures(), new PatchMeasures(), new ElementwiseMeasures(),
        new TrainingStepMeasures(), new ThorStepMeasures(),
    ];

    public static Command Create()
    {
        Option<string?> filter = new("--filter") { Description = "Only measurements whose names contain this text; with BenchmarkDotNet its own pattern, such as *Gemm*." };
        Option<string?> json = new("--json") { Description = "File for the rows in JSON." };
        Option<string> device = DeviceOption.Create("what is measured");
        Option<bool> quick = new("--quick") { Description = "Use the paired in-process harness instead of BenchmarkDotNet." };
        Option<bool> variants = new("--variants") { Description = "On a device, also measure the kernels for products and tiles that were not chosen." };
        Option<string?> against = new("--against") { Description = "On a device, 'ilgpu': the same kernels compiled by ILGPU beside our own, in a build with -p:UseIlgpu=true." };
        Command command = new("micro", "Measure primitives and training steps beside their peers.");
        command.Options.Add(filter);
        command.Options.Add(json);
        command.Options.Add(device);
        command.Options.Add(quick);
        command.Options.Add(variants);
        command.Options.Add(against);
        command.SetAction(parsed =>
        {
            string? pattern = parsed.GetValue(filter);
            string? file = parsed.GetValue(json);
            Device on = DeviceOption.Open(parsed.GetValue(device)!); // has a default
#if BENCHMARKDOTNET
            if (!parsed.GetValue(quick) && file is null && on.IsHost && parsed.GetValue(against) is null)
            {
                return Micro.Benchmarks.BenchmarkProgram.Run(pattern);
            }
#endif
            return Run(parsed.GetValue(against) is string peer ? [new CompilerMeasures(on, OtherCompiler(on, peer))] : SetsOf(on, parsed.GetValue(variants)), on, pattern, file);
        });
        return command;
    }

    /// <summary>What is measured on an accelerator.</summary>
    private static MeasureSet[] SetsOf(Device device, bool variants) => device.IsHost
        ? s_sets
        : [new LaunchMeasures(device), new DeviceGemmMeasures(device, variants), new DeviceTileMeasures(device, variants), new DeviceElementwiseMeasures(device), new DeviceTrainingStepMeasures(device)];

    /// <summary>The same device under another compiler.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    private static Device OtherCompiler(Device device, string peer)
    {
        if (peer != "ilgpu")
        {
            throw new UsageException($"--against: '{peer}' is not a compiler to measure against; expected ilgpu.");
        }

        if (device.IsHost || device.Kind.StartsWith(CompilerMeasures.IlgpuPrefix, StringComparison.Ordinal))
        {
            throw new UsageException($"--against: compares compilers on an accelerator of our own, not on '{device}'; name one with --device.");
        }

        return Accelerator.Discover().Any(static found => found.Name.StartsWith(CompilerMeasures.IlgpuPrefix, StringComparison.Ordinal))
            ? DeviceOption.Open(CompilerMeasures.IlgpuPrefix + device)
            : throw new UsageException("--against: this program was built without ILGPU; build it with -p:UseIlgpu=true where the packages ILGPU and ILGPU.Algorithms can be restored.");
    }

    private static int Run(MeasureSet[] sets, Device device, string? filter, string? json)
    {
        if (json is not null)
        {
            RunFolder.PrepareFile(json);
        }

        List<MicroResult> rows = [];
        foreach (MeasureSet set in sets)
        {
            bool whole = filter is not null && set.Name.Contains(filter, StringComparison.OrdinalIgnoreCase);
            if (set.Missing is string reason)
            {
                Console.WriteLine($"{set.Name}: skipped, {reason}");
                continue;
            }

            foreach (MicroResult row in set.Run(name => filter is null || whole || name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
            {
                Print(row);
                rows.Add(row);
            }
        }

        Dictionary<string, double> means = GeometricMeans(rows);
        foreach ((string name, double mean) in means)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"geometric mean of {name}: {mean:F3} x peer"));
        }

        if (json is not null)
        {
            MicroReport report = new($"{device}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}", rows, means);
            AtomicFile.WriteText(json, JsonSerializer.Serialize(report, MicroJson.Default.MicroReport));
        }

        if (rows.Count == 0)
        {
            throw new UsageException($"No measurement matches '{filter}'. Sets: {string.Join(", ", sets.Select(static s => s.Name))}.");
        }

        return 0;
    }

    private static void Print(MicroResult row)
    {
        string rate = (row.Gflops, row.GigabytesPerSecond) switch
        {
            (double gflops, _) => string.Create(CultureInfo.InvariantCulture, $"{gflops,8:F1} GFLOP/s"),
            (_, double gigabytes) => string.Create(CultureInfo.InvariantCulture, $"{gigabytes,8:F1} GB/s   "),
            _ => new string(' ', 16),
        };
        string ratio = row.RatioToPeer is double value ? string.Create(CultureInfo.InvariantCulture, $"{value,7:F3} x peer") : string.Empty;
        string target = row.Target is double goal ? string.Create(CultureInfo.InvariantCulture, $"  (target {goal:F3}, {(row.RatioToPeer >= goal ? "met" : "not met")})") : string.Empty;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-62} {row.Implementation,-16} {row.Milliseconds,10:F4} ms {rate} {ratio}{target}"));
    }

    /// <summary>One mean for each kind of work, the first word of a name, and for each number of threads where names carry it.</summary>
    private static Dictionary<string, double> GeometricMeans(List<MicroResult> rows) => rows
        .Where(static r => r.Implementation == "thor" && r.RatioToPeer > 0 && r.Gflops is not null)
        .GroupBy(static r => r.Name.LastIndexOf(" threads=", StringComparison.Ordinal) is int at and >= 0 ? Kind(r.Name) + r.Name[at..] : Kind(r.Name))
        .ToDictionary(static group => group.Key, static group => Math.Exp(group.Average(static r => Math.Log(r.RatioToPeer ?? 1))));

    private static string Kind(string name) => name[..name.IndexOf(' ', StringComparison.Ordinal)];
}
