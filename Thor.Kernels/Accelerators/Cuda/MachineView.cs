namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>The part of a machine that a search for libraries sees: folders under a root, and environment variables.</summary>
/// <param name="Root">"/", or a folder that stands for it in a test.</param>
/// <param name="Variable">Gives an environment variable; null where it is not set.</param>
/// <param name="IsWindows">Whether Windows' names and places apply.</param>
internal sealed record MachineView(string Root, Func<string, string?> Variable, bool IsWindows)
{
    /// <summary>Those of some folders, given relative to the root, that exist.</summary>
    public IReadOnlyList<string> Existing(ReadOnlySpan<string> folders)
    {
        List<string> existing = [];
        foreach (string folder in folders)
        {
            string path = Path.Combine(Root, folder);
            if (Directory.Exists(path))
            {
                existing.Add(path);
            }
        }

        return existing;
    }

    /// <summary>Folders inside a folder, given relative to the root, in the order of their names.</summary>
    public IEnumerable<string> Children(string folder, string pattern) => ChildrenOf(Path.Combine(Root, folder), pattern);

    /// <summary>Folders inside a folder that this process may list, in the order of their names; none where it may not or there is no such folder.</summary>
    public static IEnumerable<string> ChildrenOf(string folder, string pattern) => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(folder, pattern, new EnumerationOptions { IgnoreInaccessible = true }).Order(StringComparer.Ordinal)
        : [];
}
