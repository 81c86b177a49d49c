using System.Buffers.Binary;
using System.IO.Compression;

namespace Thor.Engine.Datasets;

/// <summary>Finds and reads the files of data sets, plain or gzipped.</summary>
internal static class DatasetFile
{
    // Header and trailer of a gzip file.
    private const int GzipFrameBytes = 18;

    /// <summary>The path of a file, or of the same file gzipped; null if neither is there.</summary>
    public static string? Find(string folder, string name)
    {
        string plain = Path.Combine(folder, name);
        return File.Exists(plain) ? plain : File.Exists(plain + ".gz") ? plain + ".gz" : null;
    }

    /// <summary>The paths of several files that are all needed.</summary>
    /// <exception cref="FileNotFoundException">One is missing; the message names the folder and every file.</exception>
    public static string[] FindAll(string folder, string dataset, params ReadOnlySpan<string> names)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string[] paths = new string[names.Length];
        List<string> missing = [];
        for (int i = 0; i < names.Length; i++)
        {
            string? path = Find(folder, names[i]);
            if (path is null)
            {
                missing.Add(names[i]);
            }

            paths[i] = path ?? string.Empty;
        }

        if (missing.Count > 0)
        {
            string found = Directory.Exists(folder) ? $"not found: {string.Join(", ", missing)}" : "there is no such folder";
            throw new FileNotFoundException(
                $"{dataset} was not found in '{folder}': expected {string.Join(", ", names.ToArray())}, each plain or as .gz; {found}.", missing[0]);
        }

        return paths;
    }

    /// <summary>The content of a file, unpacked if its name ends with .gz (one gzip member).</summary>
    /// <exception cref="InvalidDataException">The gzip stream is corrupt or truncated.</exception>
    public static ReadOnlyMemory<byte> Read(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            return File.ReadAllBytes(path);
        }

        byte[] packed = File.ReadAllBytes(path);
        using MemoryStream unpacked = new(packed.Length * 3);
        try
        {
            using GZipStream stream = new(new MemoryStream(packed), CompressionMode.Decompress);
            stream.CopyTo(unpacked);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: expected a complete gzip file: {exception.Message}", exception);
        }

        // A stream that is cut short ends without an error; the last four bytes of a whole one are the length of the content.
        uint length = packed.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(packed.Length - sizeof(uint)));
        if (packed.Length < GzipFrameBytes || length != (uint)unpacked.Length)
        {
            throw new InvalidDataException(
                $"{path}: expected a gzip file that ends with the length of its content, {unpacked.Length}, found {length}; the file is truncated.");
        }

        return unpacked.GetBuffer().AsMemory(0, (int)unpacked.Length);
    }

    /// <summary>Refuses labels that are not classes.</summary>
    /// <exception cref="InvalidDataException">The message names the file, the label and where it is.</exception>
    public static void RequireLabels(ReadOnlySpan<byte> labels, int classes, string path)
    {
        int wrong = labels.IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (wrong >= 0)
        {
            throw new InvalidDataException($"{path}: expected labels from 0 to {classes - 1}, found {labels[wrong]} for image {wrong}.");
        }
    }
}
