using Thor.Kernels.Accelerators;
using Xunit;

namespace Thor.Tests.Devices;

public sealed class ProgramCacheTests
{
    [Fact]
    public void Load_ProgramThatWasStored_GivesItsBytes()
    {
        using TemporaryFolder folder = new();
        ProgramCache cache = new(Path.Combine(folder.Path, "new", "deep"));
        string key = ProgramCache.Key("source", "sm_90");
        Assert.Null(cache.Load(key));
        cache.Store(key, [1, 2, 3]);
        Assert.Equal([1, 2, 3], cache.Load(key));
        cache.Store(key, [4]);
        Assert.Equal([4], cache.Load(key));
        Assert.Null(cache.LastFailure);
        Assert.Single(Directory.GetFiles(cache.Folder));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(32)]
    [InlineData(34)]
    public void Load_FileCutShort_CountsAsAbsentAndIsReplaced(int length)
    {
        using TemporaryFolder folder = new();
        ProgramCache cache = new(folder.Path);
        cache.Store("k", [1, 2, 3]);
        string file = Directory.GetFiles(folder.Path).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);
        Assert.Null(cache.Load("k"));
        Assert.Contains("damaged", cache.LastFailure);
        cache.Store("k", [1, 2, 3]);
        Assert.Equal([1, 2, 3], cache.Load("k"));
    }

    [Fact]
    public void Load_FlippedByte_CountsAsAbsent()
    {
        using TemporaryFolder folder = new();
        ProgramCache cache = new(folder.Path);
        cache.Store("k", [1, 2, 3]);
        string file = Directory.GetFiles(folder.Path).Single();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Null(cache.Load("k"));
    }

    [Fact]
    public void Store_BeyondTheBound_DropsWhatWasNotUsedForLongest()
    {
        using TemporaryFolder folder = new();
        ProgramCache first = new(folder.Path);
        for (int i = 0; i < 4; i++)
        {
            first.Store($"k{i}", new byte[968]);
            File.SetLastWriteTimeUtc(Path.Combine(folder.Path, $"k{i}.program"), DateTime.UtcNow.AddDays(i - 10));
        }

        string abandoned = Path.Combine(folder.Path, "k9.program.0123");
        File.WriteAllText(abandoned, "half");
        File.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddDays(-1));
        Assert.NotNull(first.Load("k0"));

        new ProgramCache(folder.Path) { MaxBytes = 3500 }.Store("k4", new byte[968]);

        Assert.Equal(["k0.program", "k3.program", "k4.program"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Key_SamePartsSplitElsewhere_Differs()
    {
        Assert.NotEqual(ProgramCache.Key("ab", "c"), ProgramCache.Key("a", "bc"));
        Assert.NotEqual(ProgramCache.Key("ab"), ProgramCache.Key("ab", ""));
        Assert.Equal(ProgramCache.Key("ab", "c"), ProgramCache.Key("ab", "c"));
    }

    [Fact]
    public void Store_FolderThatIsAFile_OnlySaysWhy()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, string.Empty);
        ProgramCache cache = new(file);
        cache.Store("k", [1]);
        Assert.NotNull(cache.LastFailure);
        Assert.Null(cache.Load("k"));
        string source = cache.KeepSource($"{Guid.NewGuid():N}.cl", "text");
        Assert.StartsWith(Path.GetTempPath(), source, StringComparison.Ordinal);
        Assert.Equal("text", File.ReadAllText(source));
        File.Delete(source);
    }

    [Fact]
    public void KeepSource_Text_LiesAtThePath()
    {
        using TemporaryFolder folder = new();
        string path = new ProgramCache(folder.Path).KeepSource("Axpy.cu", "void f();");
        Assert.Equal("void f();", File.ReadAllText(path));
    }
}
