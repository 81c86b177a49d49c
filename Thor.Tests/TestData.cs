using Xunit;

namespace Thor.Tests;

/// <summary>Where the real data lies: THOR_DATA, else shared/data beside the repository.</summary>
internal static class TestData
{
    private static readonly string? s_root = Locate();

    /// <summary>A folder or file below the data; the running test skips, with the reason, where there is none.</summary>
    public static string Require(string relativePath)
    {
        string? path = s_root is null ? null : Path.Combine(s_root, relativePath);
        Assert.SkipUnless(
            path is not null && (Directory.Exists(path) || File.Exists(path)),
            $"needs the data file or folder '{relativePath}': set THOR_DATA to the folder that holds it, or put it into ../shared/data beside the repository");
        return path;
    }

    private static string? Locate()
    {
        string? chosen = Environment.GetEnvironmentVariable("THOR_DATA");
        if (!string.IsNullOrEmpty(chosen))
        {
            return chosen;
        }

        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Thor.sln")))
        {
            folder = folder.Parent;
        }

        string? root = folder?.Parent is null ? null : Path.Combine(folder.Parent.FullName, "shared", "data");
        return Directory.Exists(root) ? root : null;
    }
}
