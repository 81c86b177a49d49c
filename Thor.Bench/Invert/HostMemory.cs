using System.Globalization;

namespace Thor.Bench.Invert;

/// <summary>Sizes of this machine's memory and caches.</summary>
internal static class HostMemory
{
    private const string MemoryFile = "/proc/meminfo";
    private const string CacheFolder = "/sys/devices/system/cpu/cpu0/cache";
    private const long UsualCacheBytes = 32L << 20;

    /// <summary>Bytes that programs can still take.</summary>
    public static long FreeBytes
    {
        get
        {
            const string Label = "MemAvailable:";
            string? line = File.Exists(MemoryFile) ? File.ReadLines(MemoryFile).FirstOrDefault(static l => l.StartsWith(Label, StringComparison.Ordinal)) : null;
            return line is not null && long.TryParse(line[Label.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture, out long kibibytes)
                ? kibibytes << 10
                : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        }
    }

    /// <summary>Bytes of the largest cache; a usual size where the system does not tell.</summary>
    public static long CacheBytes { get; } = FindCacheBytes();

    private static long FindCacheBytes()
    {
        long largest = 0;
        foreach (string index in Directory.Exists(CacheFolder) ? Directory.GetDirectories(CacheFolder, "index*") : [])
        {
            string file = Path.Combine(index, "size");
            string text = File.Exists(file) ? File.ReadAllText(file).Trim() : string.Empty;
            if (text.EndsWith('K') && long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
            {
                largest = Math.Max(largest, kibibytes << 10);
            }
        }

        return largest > 0 ? largest : UsualCacheBytes;
    }
}
