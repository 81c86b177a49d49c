using Thor.Engine.Formats;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class AtomicFileTests
{
    [Fact]
    public void AtomicFile_FailureWhileWriting_LeavesTheOldFileAndNothingElse()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("log.txt");
        AtomicFile.WriteText(path, "old ü");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException();
        }));

        Assert.Equal("old ü", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void AtomicFile_ExistingFile_IsReplacedWhole()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("log.txt");
        AtomicFile.WriteText(path, "a longer text");
        AtomicFile.WriteText(path, "short");

        Assert.Equal("short"u8.ToArray(), File.ReadAllBytes(path));
    }

    [Fact]
    public void AtomicFile_PathThatCannotBeAFile_IsAClearError()
    {
        using TemporaryFolder folder = new();
        string missing = Path.Combine(folder.Path, "missing", "log.txt");

        Assert.Contains("does not exist", Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.WriteText(missing, "x")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<IOException>(() => AtomicFile.WriteText(folder.Path, "x")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
