using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Thor.Kernels.Accelerators;

/// <summary>
/// Compiled programs on disk, so that a kernel is compiled once per source, device and driver and not once per process. Any number
/// of processes may use one folder: a program appears whole or not at all. A program that cannot be read back, or whose bytes do not
/// match their hash, counts as absent and is replaced; a folder that cannot be written only costs the compilation. When the folder
/// grows beyond its bound, the programs that were not used for longest go.
/// </summary>
internal sealed partial class ProgramCache
{
    private const string FolderVariable = "THOR_CACHE";
    private const string Extension = ".program";

    // Hash of the program, then the program.
    private const int HeaderBytes = SHA256.HashSizeInBytes;

    /// <summary>A cache in a folder, which is created when it is first written.</summary>
    public ProgramCache(string folder)
    {
        Folder = folder;
    }

    /// <summary>The cache of this user: THOR_CACHE where it is set, else thor in the user's folder for caches.</summary>
    public static ProgramCache Shared { get; } = new(DefaultFolder());

    /// <summary>Where programs are kept.</summary>
    public string Folder { get; }

    /// <summary>Why the last program could not be written or read; null if all could.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>The name of a program: a hash over everything that it depends on (source, macros, options, device, driver).</summary>
    public static string Key(params ReadOnlySpan<string> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (string part in parts)
        {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The program of a key; null where there is none that is whole.</summary>
    public byte[]? Load(string key)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(PathOf(key));
            if (bytes.Length > HeaderBytes && SHA256.HashData(bytes.AsSpan(HeaderBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, HeaderBytes)))
            {
                MarkUsed(PathOf(key));
                return bytes[HeaderBytes..];
            }

            LastFailure = $"{PathOf(key)} is damaged.";
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            // The usual case of a kernel that is new.
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            LastFailure = unreadable.Message;
        }

        return null;
    }

    /// <summary>Keeps a program.</summary>
    public void Store(string key, ReadOnlySpan<byte> program)
    {
        byte[] bytes = new byte[HeaderBytes + program.Length];
        SHA256.HashData(program, bytes);
        program.CopyTo(bytes.AsSpan(HeaderBytes));
        string path = PathOf(key);
        string temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
            KeepBound(bytes.Length);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            LastFailure = unwritable.Message;
        }
    }

    /// <summary>
    /// Writes a source that did not compile to where its author can look at it: beside the programs, else in the folder for temporary
    /// files. Returns the path, or why there is none.
    /// </summary>
    /// <param name="name">File name with the ending of the language.</param>
    /// <param name="text">The source as the compiler got it.</param>
    public string KeepSource(string name, string text)
    {
        string failure = string.Empty;
        foreach (string folder in (ReadOnlySpan<string>)[Path.Combine(Folder, "failed"), Path.Combine(Path.GetTempPath(), "thor-failed")])
        {
            try
            {
                Directory.CreateDirectory(folder);
                string path = Path.Combine(folder, name);
                File.WriteAllText(path, text);
                return path;
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                failure = unwritable.Message;
            }
        }

        return $"nowhere ({failure})";
    }

    private static string DefaultFolder()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        string? caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(caches))
        {
            caches = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        }

        return Path.Combine(caches, "thor", "programs");
    }

    private string PathOf(string key) => Path.Combine(Folder, key + Extension);
}
