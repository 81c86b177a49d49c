using System.Globalization;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>What the system says about the processor.</summary>
internal static class Processor
{
    private const string LinuxFile = "/proc/cpuinfo";

    /// <summary>The vendor's name, or the architecture where the system does not tell.</summary>
    public static string Name { get; } =
        Field("model name") ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? $"{RuntimeInformation.ProcessArchitecture} processor";

    /// <summary>Clock in MHz at the time of asking; 0 where the system does not tell.</summary>
    public static int ClockMegahertz { get; } =
        double.TryParse(Field("cpu MHz"), NumberStyles.Float, CultureInfo.InvariantCulture, out double clock) ? (int)clock : 0;

    private static string? Field(string name)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(LinuxFile))
        {
            return null;
        }

        string? line = File.ReadLines(LinuxFile).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
