using System.IO.Compression;

namespace Thor.Engine.Formats;

/// <summary>Reads and writes .npz, NumPy's zip archive of named arrays. Elements are kept or widened as <see cref="Npy"/> does.</summary>
public static class Npz
{
    private const string Extension = ".npy";

    /// <summary>Writes a file; it appears complete or not at all.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="tensors">Tensors with distinct names, from any device.</param>
    /// <param name="compress">Deflates the entries.</param>
    /// <exception cref="ArgumentException">Two tensors share a name, or one has none.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, bool compress = false) =>
        AtomicFile.Write(path, stream => Save(stream, tensors, compress));

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Save(string, IEnumerable{KeyValuePair{string, Tensor}}, bool)"/>
    public static void Save(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, bool compress = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        HashSet<string> names = new(StringComparer.Ordinal);
        using ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, Tensor tensor) in tensors)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(tensors));
            ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
            if (!names.Add(name))
            {
                throw new ArgumentException($"Tensor names must be distinct, found '{name}' twice.", nameof(tensors));
            }

            ZipArchiveEntry entry = zip.CreateEntry(name + Extension, compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression);

            // The same tensors make the same file.
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream content = entry.Open();
            Npy.Save(content, tensor);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <returns>The tensors by name, in the order of the archive; no metadata.</returns>
    /// <exception cref="InvalidDataException">The archive or an array in it is malformed or truncated, or holds what a tensor cannot.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static TensorArchive Load(string path, Device device = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream, path, device);
    }

    /// <summary>Reads a stream.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <inheritdoc cref="Load(string, Device)"/>
    public static TensorArchive Load(Stream stream, string name = "stream", Device device = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        TensorArchive archive = new();
        bool complete = false;
        try
        {
            using ZipArchive zip = Open(stream, name);
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                string where = $"{name}: entry '{entry.FullName}'";
                if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal) || entry.FullName.Length == Extension.Length)
                {
                    throw new InvalidDataException($"{where}: expected only names that end with {Extension}.");
                }

                string key = entry.FullName[..^Extension.Length];
                using MemoryStream content = Unpack(entry, where);
                Tensor tensor = Npy.LoadWhole(content, where, device);
                if (!archive.Tensors.TryAdd(key, tensor))
                {
                    tensor.Dispose();
                    throw new InvalidDataException($"{where}: expected distinct names, found it twice.");
                }
            }

            complete = true;
            return archive;
        }
        finally
        {
            if (!complete)
            {
                archive.Dispose();
            }
        }
    }

    private static ZipArchive Open(Stream stream, string name)
    {
        try
        {
            ZipArchive zip = new(stream, ZipArchiveMode.Read, leaveOpen: true);
            _ = zip.Entries.Count; // Reads the directory.
            return zip;
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{name}: expected a zip archive: {exception.Message}", exception);
        }
    }

    private static MemoryStream Unpack(ZipArchiveEntry entry, string where)
    {
        MemoryStream content = new();
        try
        {
            using Stream packed = entry.Open();
            packed.CopyTo(content);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{where}: {exception.Message}", exception);
        }

        uint crc = Crc32.Of(content.GetBuffer().AsSpan(0, (int)content.Length));
        if (content.Length != entry.Length || crc != entry.Crc32)
        {
            throw new InvalidDataException(
                $"{where}: expected {entry.Length} bytes with checksum {entry.Crc32:x8}, found {content.Length} with {crc:x8}.");
        }

        content.Position = 0;
        return content;
    }
}
