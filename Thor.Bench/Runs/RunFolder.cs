using System.Text.Json;
using Thor.Engine.Formats;

namespace Thor.Bench.Runs;

/// <summary>A folder that holds runs: settings beside checkpoints, so that `--resume` needs nothing but the folder.</summary>
internal static class RunFolder
{
    private const string SettingsName = "run.json";

    /// <summary>Makes the folder if it is absent and proves that it can be written, before any work starts.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Prepare(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Folder '{folder}' cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Proves that a file can be written in its folder.</summary>
    /// <exception cref="UsageException">It cannot.</exception>
    public static void PrepareFile(string file)
    {
        if (Directory.Exists(file))
        {
            throw new UsageException($"'{file}' is a folder; name a file.");
        }

        Prepare(Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".");
    }

    /// <summary>The folders of the runs of a comparison, in the order of their names.</summary>
    /// <exception cref="UsageException">There are none.</exception>
    public static IReadOnlyList<string> RunsIn(string folder)
    {
        string[] runs = Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Where(static run => File.Exists(Path.Combine(run, SettingsName))).Order(StringComparer.Ordinal)]
            : [];
        return runs.Length > 0 ? runs : throw new UsageException($"There is no comparison to resume in '{folder}': no folder in it has a {SettingsName}.");
    }

    public static void SaveSettings(string folder, RunSettings settings) =>
        AtomicFile.WriteText(Path.Combine(folder, SettingsName), JsonSerializer.Serialize(settings, SettingsJson.Default.RunSettings));

    /// <exception cref="UsageException">The folder holds no readable settings.</exception>
    public static RunSettings LoadSettings(string folder)
    {
        string path = Path.Combine(folder, SettingsName);
        if (!File.Exists(path))
        {
            throw new UsageException($"There is no run to resume in '{folder}': {SettingsName} is missing.");
        }

        try
        {
            RunSettings settings = JsonSerializer.Deserialize(File.ReadAllText(path), SettingsJson.Default.RunSettings)
                ?? throw new UsageException($"'{path}' holds no settings.");
            return settings with { Folder = folder };
        }
        catch (JsonException exception)
        {
            throw new UsageException($"'{path}' is not valid: {exception.Message}", exception);
        }
    }
}
